import type { HostName } from '../../../protocol/host.ts';
import { answered, type Engine } from './engine.ts';
import { dockerNameOf, LABELS, labelsOf, type Ownership } from './ownership.ts';
import type { LabNetwork } from './lab-network.ts';

const START_MS = 120_000;

export interface LabContainerSpec {
  readonly ownership: Ownership;
  /** Its hostname and its name on the lab's network. */
  readonly host: HostName;
  readonly image: string;
  readonly network: LabNetwork;
  readonly limits: ContainerLimits;
  /** Instead of what the image starts. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Beside Docker's own, without `CAP_`: `NET_ADMIN` for a host with a firewall. */
  readonly capabilities?: readonly string[];
  /** For a host that runs a Docker of its own. It has the machine in its hands. */
  readonly privileged?: boolean;
  /** Options by path, for instance `{ '/run': 'mode=755,size=64m' }`. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  /** Paths that are volumes of this container, removed with it; a Docker of its own needs one at /var/lib/docker. */
  readonly volumes?: readonly string[];
}

export interface ContainerLimits {
  readonly memoryBytes: number;
  /** May be a fraction. */
  readonly cpus: number;
  readonly pids: number;
}

export interface RunningContainer {
  readonly id: string;
  /** `breachlab-<lab>-<host>` */
  readonly name: string;
  /** IPv4 on the lab's network. */
  readonly address: string;
}

/**
 * Makes a host of a lab and starts it; where that fails it is removed again. Throws `LabError`. An image that is not there is not
 * pulled: that is a step of its own.
 */
export async function startLabContainer(
  engine: Engine,
  spec: LabContainerSpec,
  signal: AbortSignal,
): Promise<RunningContainer> {
  const { ownership, host, image, network, limits } = spec;
  const name = `${dockerNameOf(ownership.lab)}-${host}`;
  return answered(`start ${host} from ${image}`, [signal], START_MS, async (abortSignal) => {
    const container = await engine.docker.createContainer({
      name,
      Hostname: host,
      Image: image,
      Labels: { ...labelsOf(ownership, 'host'), [LABELS.host]: host },
      ...(spec.command === undefined ? {} : { Entrypoint: [], Cmd: [...spec.command] }),
      Env: Object.entries(spec.environment ?? {}).map(([key, value]) => `${key}=${value}`),
      Volumes: Object.fromEntries((spec.volumes ?? []).map((path) => [path, {}])),
      NetworkingConfig: { EndpointsConfig: { [network.name]: { Aliases: [host] } } },
      HostConfig: {
        NetworkMode: network.name,
        Init: true,
        Memory: limits.memoryBytes,
        // As much again would otherwise be swapped.
        MemorySwap: limits.memoryBytes,
        NanoCpus: Math.round(limits.cpus * 1e9),
        PidsLimit: limits.pids,
        CapAdd: [...(spec.capabilities ?? [])],
        Privileged: spec.privileged ?? false,
        Tmpfs: { ...spec.tmpfs },
        LogConfig: { Type: 'local', Config: { 'max-size': '5m', 'max-file': '2' } },
      },
      abortSignal,
    });
    try {
      await container.start({ abortSignal });
      const { NetworkSettings } = await container.inspect({ abortSignal });
      return { id: container.id, name, address: NetworkSettings.Networks[network.name]?.IPAddress ?? '' };
    } catch (error) {
      // Best effort: whoever gives up the lab removes all of it again.
      await container.remove({ force: true, v: true }).catch(() => undefined);
      throw error;
    }
  });
}
