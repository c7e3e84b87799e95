import type { Container, ContainerInfo, NetworkInspectInfo } from 'dockerode';
import type { HostName } from '../../../protocol/host.ts';
import { LabError } from '../../cluster.ts';
import type { LabId } from '../../../protocol/ids.ts';
import { answered, type Engine } from './engine.ts';
import { hasStatus } from './engine-failure.ts';
import { dockerNameOf, hostOf, KIND_CLUSTER_LABEL, labOf, ownedBy } from './ownership.ts';

/** How long Docker may take to remove one lab. */
const REMOVE_MS = 120_000;
const LIST_MS = 30_000;

/** A lab whose things are in Docker, whole or not. */
export interface FoundLab {
  readonly lab: LabId;
  /** Undefined when only other things of it are left. */
  readonly network: { readonly id: string; readonly name: string } | undefined;
  readonly hosts: readonly FoundContainer[];
  /** The nodes that kind made: they are on the lab's network and carry the lab's cluster name. */
  readonly nodes: readonly Omit<FoundContainer, 'host'>[];
  readonly volumes: readonly string[];
}

export interface FoundContainer {
  readonly id: string;
  readonly name: string;
  /** Undefined when its label names no host of a lab. */
  readonly host: HostName | undefined;
  readonly isRunning: boolean;
}

/** The labs of that server that have anything in Docker, for adoption and to find what a crash left. Throws `LabError`. */
export async function findLabs(
  engine: Engine,
  server: string,
  signal: AbortSignal = AbortSignal.timeout(LIST_MS),
): Promise<readonly FoundLab[]> {
  const { containers, networks, volumes, nodes } = await answered('list the labs in Docker', [signal], LIST_MS, () =>
    listOwned(engine, server),
  );
  const labs = new Set([...containers, ...networks, ...volumes].map(({ Labels }) => labOf(Labels)));
  return [...labs]
    .filter((lab) => lab !== undefined)
    .sort()
    .map((lab) => {
      const network = networks.find(({ Labels }) => labOf(Labels) === lab);
      return {
        lab,
        network: network && { id: network.Id, name: network.Name },
        hosts: containers
          .filter(({ Labels }) => labOf(Labels) === lab)
          .map((container) => ({ ...found(container), host: hostOf(container.Labels) })),
        nodes: nodesOf(lab, network, nodes).map(found),
        volumes: volumes.filter(({ Labels }) => labOf(Labels) === lab).map(({ Name }) => Name),
      };
    });
}

/**
 * Removes what a lab has in Docker: its containers with their volumes, kind's nodes on its own network, its networks and volumes.
 * What is gone already is well. Touches nothing without the labels of that lab and that server. Throws `LabError` when something
 * could not be removed, after it has tried the rest.
 */
export async function removeLab(engine: Engine, lab: LabId, { server }: { readonly server: string }): Promise<void> {
  await answered(`remove lab ${lab} from Docker`, [], REMOVE_MS, async () => {
    const { docker } = engine;
    const { containers, networks, volumes, nodes } = await listOwned(engine, server, lab);
    const doomed = [...containers, ...networks.flatMap((network) => nodesOf(lab, network, nodes))];
    await all(doomed, ({ Id }) => removeContainer(docker.getContainer(Id)));
    await all(networks, ({ Id, Name }) => removeNetwork(engine, Id, Name));
    await all(volumes, ({ Name }) => gone(() => docker.getVolume(Name).remove()));
  });
}

async function listOwned(engine: Engine, server: string, lab?: LabId) {
  const { docker } = engine;
  const filters = ownedBy(server, lab);
  const cluster = lab === undefined ? KIND_CLUSTER_LABEL : `${KIND_CLUSTER_LABEL}=${dockerNameOf(lab)}`;
  const [containers, networks, { Volumes }, nodes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
    docker.listContainers({ all: true, filters: { label: [cluster] } }),
  ]);
  return { containers, networks, volumes: Volumes ?? [], nodes };
}

/** Kind's nodes cannot be given labels of ours, so it takes both: the lab's cluster name, and the network that carries our labels. */
function nodesOf(
  lab: LabId,
  network: NetworkInspectInfo | undefined,
  nodes: readonly ContainerInfo[],
): readonly ContainerInfo[] {
  if (network === undefined) return [];
  return nodes.filter(
    ({ Labels, NetworkSettings }) =>
      Labels[KIND_CLUSTER_LABEL] === dockerNameOf(lab) &&
      // One that was never started knows its network by the name alone.
      Object.entries(NetworkSettings.Networks).some(([name, { NetworkID }]) =>
        NetworkID === '' ? name === network.Name : NetworkID === network.Id,
      ),
  );
}

const found = ({ Id, Names, State }: ContainerInfo) => ({
  id: Id,
  name: Names[0]?.replace(/^\//, '') ?? Id,
  isRunning: State === 'running',
});

/** Runs all to their end, then throws the first failure. */
async function all<T>(things: readonly T[], remove: (thing: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(things.map(remove));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Somebody else may be removing it already: that is waited for, as it holds its network and volumes until then. */
async function removeContainer(container: Container): Promise<void> {
  try {
    await gone(() => container.remove({ force: true, v: true }));
  } catch (error) {
    if (!hasStatus(error, 409) || !/already in progress/.test(String(error))) throw error;
    await gone(() => container.wait({ condition: 'removed' }));
  }
}

/** What is not there is gone. */
async function gone(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
}

/** Docker keeps a network on which a container is that is not ours; that one is not touched. */
async function removeNetwork({ docker }: Engine, id: string, name: string): Promise<void> {
  try {
    await gone(() => docker.getNetwork(id).remove());
  } catch (error) {
    if (!/has active endpoints/.test(String(error))) throw error;
    const { Containers = {} } = await docker.getNetwork(id).inspect();
    const strangers = Object.values(Containers).map((container) => container.Name);
    throw new LabError(
      `the network ${name} is still used by what is not this lab's: ${strangers.join(', ')}`,
      `Take it off: ${strangers.map((stranger) => `docker network disconnect ${name} ${stranger}`).join('; ')}`,
      { cause: error },
    );
  }
}
