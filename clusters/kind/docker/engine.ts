import Docker from 'dockerode';
import { LabError } from '../../cluster.ts';
import { engineFailure } from './engine-failure.ts';

/** The only place that makes a dockerode client. */

export interface EngineOptions {
  /** Default: `DEFAULT_SOCKET`. The composition root reads `DOCKER_HOST` and gives it to `socketPathOf`. */
  readonly socketPath?: string;
}

export interface Engine {
  readonly docker: Docker;
  readonly info: EngineInfo;
  readonly socketPath: string;
}

export interface EngineInfo {
  /** Of Docker Engine, for instance `28.5.1`. */
  readonly version: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly cgroupVersion: '1' | '2';
  readonly storageDriver: string;
  /** Where it keeps images and containers: a path on the machine that Docker runs on. */
  readonly rootDirectory: string;
  /** Of the images that it runs, as registries name it: `linux/amd64`. */
  readonly platform: string;
  /** For instance `Docker Desktop` or `Debian GNU/Linux 12 (bookworm)`. */
  readonly operatingSystem: string;
  readonly isRootless: boolean;
}

export const DEFAULT_SOCKET = '/var/run/docker.sock';

/** How long Docker may take to say who it is. */
const GREETING_MS = 15_000;

/** Of the first Engine API with everything used here, 1.41: Docker 20.10. https://docs.docker.com/reference/api/engine/ */
const MIN_MINOR = 41;

/** The socket that a `DOCKER_HOST` names. Throws `LabError` for another machine's Docker. */
export function socketPathOf(dockerHost: string | undefined): string {
  if (dockerHost === undefined || dockerHost === '' || dockerHost === 'unix://') return DEFAULT_SOCKET;
  if (dockerHost.startsWith('unix://')) return dockerHost.slice('unix://'.length);
  throw new LabError(
    `DOCKER_HOST=${dockerHost} is not a socket of this machine, on which the labs' ports must be`,
    'Unset DOCKER_HOST, or run Breachlab on the machine that has Docker.',
  );
}

/** Throws `LabError` where there is no Docker, it may not be used, does not answer or is too old; on abort the signal's reason. */
export async function connectEngine(options: EngineOptions, signal: AbortSignal): Promise<Engine> {
  const socketPath = options.socketPath ?? DEFAULT_SOCKET;
  // What dockerode would take from DOCKER_HOST and DOCKER_CLIENT_TIMEOUT is said here.
  const docker = new Docker({ socketPath, host: undefined, port: undefined, protocol: 'http', timeout: undefined });
  const tried = `speak to Docker at ${socketPath}`;
  const [version, info] = await answered(tried, [signal], GREETING_MS, async () =>
    Promise.all([docker.version(), docker.info() as Promise<SystemInfo>]),
  );
  const [major, minor] = version.ApiVersion.split('.').map(Number);
  if (major === 1 && (minor ?? 0) < MIN_MINOR) {
    throw new LabError(`Docker ${version.Version} is too old`, 'Install Docker Engine 20.10 or later.');
  }
  return {
    docker,
    socketPath,
    info: {
      version: version.Version,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      cgroupVersion: info.CgroupVersion === '2' ? '2' : '1',
      storageDriver: info.Driver,
      rootDirectory: info.DockerRootDir,
      platform: `${version.Os}/${version.Arch}`,
      operatingSystem: info.OperatingSystem,
      isRootless: (info.SecurityOptions ?? []).some((option) => option.includes('name=rootless')),
    },
  };
}

/** Of GET /info, what is used. https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemInfo */
interface SystemInfo {
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly CgroupVersion?: string;
  readonly Driver: string;
  readonly DockerRootDir: string;
  readonly OperatingSystem: string;
  readonly SecurityOptions?: readonly string[] | null;
}

/**
 * Asks Docker within a time and turns what goes wrong into words. `whatWasTried` follows "could not". The call is given a signal that
 * fires with any of the given ones or when the time is over; what does not heed it is left alone.
 */
export async function answered<T>(
  whatWasTried: string,
  signals: readonly AbortSignal[],
  ms: number,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooLate(whatWasTried, ms)), ms);
  const signal = AbortSignal.any([...signals, late.signal]);
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  try {
    signal.throwIfAborted();
    signal.addEventListener('abort', abort);
    return await Promise.race([ask(signal), aborted.promise]);
  } catch (error) {
    throw signal.aborted ? signal.reason : engineFailure(error, whatWasTried);
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(timer);
  }
}

const tooLate = (whatWasTried: string, ms: number): LabError =>
  new LabError(
    `could not ${whatWasTried}: Docker did not answer within ${ms / 1000} s`,
    'See what keeps it busy (docker info, journalctl -u docker), then try again.',
  );
