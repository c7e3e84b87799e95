import type { ContainerCreateOptions } from 'dockerode';
import type { HostName } from '../../../protocol/host.ts';
import type { LabId } from '../../../protocol/ids.ts';
import type { Engine } from './engine.ts';
import { madeOrUndone } from './made-or-undone.ts';
import { dockerNameOf, LABELS, labelsOf, type Ownership } from './ownership.ts';
import type { LabNetwork } from './lab-network.ts';

const START_MS = 120_000;

/** A machine besides those of a lab, on the internet (`Lab.stranger`): one of its containers, and none of its hosts. */
export const STRANGER = 'stranger';

export interface LabContainerSpec {
  readonly ownership: Ownership;
  /** Its hostname and its name on the lab's network. */
  readonly host: HostName | typeof STRANGER;
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
 * Makes a host of a lab and starts it; where that fails or is given up it is removed again before this rejects. Throws `LabError`. An
 * image that is not there is not pulled: that is a step of its own.
 */
export async function startLabContainer(
  engine: Engine,
  spec: LabContainerSpec,
  signal: AbortSignal,
): Promise<RunningContainer> {
  const { ownership, host, image, network } = spec;
  const name = containerNameOf(ownership.lab, host);
  signal.throwIfAborted();
  const created = engine.docker.createContainer(containerOptions(name, spec));
  const start = async (): Promise<RunningContainer> => {
    const container = await created;
    await container.start();
    const { Id, NetworkSettings } = await container.inspect();
    return { id: Id, name, address: NetworkSettings.Networks[network.name]?.IPAddress ?? '' };
  };
  return madeOrUndone(`start ${host} from ${image}`, signal, START_MS, {
    making: start(),
    undo: async () => (await created).remove({ force: true, v: true }),
  });
}

/** Docker finds a lab's machine by it as well as by its id. */
export const containerNameOf = (lab: LabId, host: LabContainerSpec['host']): string => `${dockerNameOf(lab)}-${host}`;

function containerOptions(name: string, spec: LabContainerSpec): ContainerCreateOptions {
  const { ownership, host, image, network, limits } = spec;
  return {
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
  };
}
