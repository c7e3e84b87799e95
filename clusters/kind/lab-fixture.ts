import { randomBytes } from 'node:crypto';
import type { HostName } from '../../protocol/host.ts';
import { type LabId, labIdFrom } from '../../protocol/ids.ts';
import { type ExecOptions, type Host, LabError } from '../cluster.ts';
import { shellLine } from '../shell-line.ts';
import { sharedDocker, type TestDocker } from './docker-test-engine.ts';
import { type ContainerLimits, type RunningContainer, startLabContainer } from './docker/lab-container.ts';
import { createLabNetwork, type LabNetwork } from './docker/lab-network.ts';
import type { Ownership } from './docker/ownership.ts';
import { removeLab } from './docker/removal.ts';
import { containerHost } from './hosts/container-host.ts';

/** For tests: hosts of a lab as containers of the shared Docker, without a cluster. */
export interface ContainerLab extends AsyncDisposable {
  readonly docker: TestDocker;
  readonly ownership: Ownership;
  readonly network: LabNetwork;
  container(name: HostName): RunningContainer;
  on(name: HostName): Host;
  /** Runs a shell line; the output of both streams, and the status unless it is 0. */
  sh(name: HostName, line: string, options?: Partial<ExecOptions>): Promise<string>;
}

export const LIMITS: ContainerLimits = { memoryBytes: 256 * 2 ** 20, cpus: 1, pids: 128 };

export const soon = (): AbortSignal => AbortSignal.timeout(30_000);

export const newLabId = (): LabId => labIdFrom(randomBytes(10));

/** Words and next step of the `LabError` that it rejects with. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.catch((reason: unknown) => reason);
  if (!(error instanceof LabError)) throw new Error('it was not refused in words', { cause: error });
  return `${error.message} → ${error.nextStep}`;
}

export async function startContainerLab(hosts: readonly HostName[]): Promise<ContainerLab> {
  const docker = await sharedDocker();
  const { engine, image } = docker;
  const ownership: Ownership = { lab: newLabId(), server: `test-${process.pid}` };
  const network = await createLabNetwork(engine, ownership, soon());
  const start = async (host: HostName) =>
    [
      host,
      await startLabContainer(
        engine,
        { ownership, host, image, network, limits: LIMITS, capabilities: ['NET_ADMIN'] },
        soon(),
      ),
    ] as const;
  const containers = new Map(await Promise.all(hosts.map(start)));
  const container = (name: HostName): RunningContainer => {
    const found = containers.get(name);
    if (found === undefined) throw new Error(`the test's lab has no ${name}`);
    return found;
  };
  const on = (name: HostName): Host => containerHost({ engine, containerId: container(name).id, name });
  return {
    docker,
    ownership,
    network,
    container,
    on,
    sh: (name, line, options = {}) => shellLine(on(name), line, { signal: soon(), ...options }),
    [Symbol.asyncDispose]: async () => removeLab(engine, ownership.lab, ownership),
  };
}
