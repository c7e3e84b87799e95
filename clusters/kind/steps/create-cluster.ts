import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Host } from '../../cluster.ts';
import type { LabId } from '../../../protocol/ids.ts';
import { kindConfig, nodeContainer } from '../cli/kind-config.ts';
import { answered } from '../docker/engine.ts';
import type { LabNetwork } from '../docker/lab-network.ts';
import { dockerNameOf } from '../docker/ownership.ts';
import { containerHost } from '../hosts/container-host.ts';
import { API_SERVER_NAMES } from '../prepare/prepare-hosts.ts';
import { bootMounts } from './boot-mounts.ts';
import type { BootStages } from './boot-stages.ts';
import { type NodeHost, nodesOf, type Workshop, type WorldRequest } from './world.ts';

/** A node of the cluster, which kind has made. */
export interface ClusterNode {
  readonly name: NodeHost;
  readonly containerId: string;
  /** IPv4 on the lab's network. */
  readonly address: string;
  readonly host: Host;
}

/** How long a node may take to say why it does not start. */
const LOGS_MS = 10_000;
const INSPECT_MS = 30_000;

/** Has kind make the lab's cluster on the lab's network, and tells `stages` how far it is. Throws `LabError`. */
export async function createCluster(
  workshop: Workshop,
  { ownership, seed, progress }: WorldRequest,
  { network, image, stages }: { network: LabNetwork; image: string; stages: BootStages },
  signal: AbortSignal,
): Promise<void> {
  const { kind, directory } = workshop;
  const cluster = dockerNameOf(ownership.lab);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(directory, `${ownership.lab}-`));
  try {
    await kind.create({
      cluster,
      config: kindConfig({
        image,
        nodes: nodesOf(seed).length,
        serverNames: API_SERVER_NAMES,
        mounts: await bootMounts(seed, folder),
        kubeadmPatches: (seed.cluster?.kubeadmPatches ?? []).map((patch) => stringify(patch)),
      }),
      network: network.name,
      kubeconfig: join(folder, 'kubeconfig'), // or it would be written into the user's
      progress(step) {
        progress(step);
        stages.hear(step);
      },
      nodeLogs: () => nodeLogs(workshop, cluster, nodesOf(seed)),
      signal,
    });
    stages.done();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The nodes of a lab's cluster by the names that kind gives their containers, which from now on take no more of the machine than they may.
 * Throws `LabError` where one is missing.
 */
export function findNodes(
  { engine, limits }: Pick<Workshop, 'engine' | 'limits'>,
  { lab, network, nodes }: { lab: LabId; network: string; nodes: readonly NodeHost[] },
  signal: AbortSignal,
): Promise<readonly ClusterNode[]> {
  const one = async (name: NodeHost, abortSignal: AbortSignal): Promise<ClusterNode> => {
    const container = engine.docker.getContainer(nodeContainer(dockerNameOf(lab), name));
    const { Id, NetworkSettings } = await container.inspect({ abortSignal });
    const { memoryBytes, cpus, pids } = limits.node;
    // kind has no word for it (https://github.com/kubernetes-sigs/kind/issues/877).
    await container.update({
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      NanoCpus: Math.round(cpus * 1e9),
      PidsLimit: pids,
    });
    return {
      name,
      containerId: Id,
      address: NetworkSettings.Networks[network]?.IPAddress ?? '',
      host: containerHost({ engine, containerId: Id, name }),
    };
  };
  return answered('look at the nodes that kind has made', [signal], INSPECT_MS, (abortSignal) =>
    Promise.all(nodes.map((name) => one(name, abortSignal))),
  );
}

/** The end of what each node has printed as it booted, and of its kubelet's journal, as far as they can be had. */
async function nodeLogs({ engine }: Workshop, cluster: string, nodes: readonly NodeHost[]): Promise<string> {
  const signal = AbortSignal.timeout(LOGS_MS);
  const of = async (name: NodeHost): Promise<string> => {
    const container = engine.docker.getContainer(nodeContainer(cluster, name));
    const printed = await container.logs({ stdout: true, stderr: true, tail: 20 }).catch(() => Buffer.alloc(0));
    const host = containerHost({ engine, containerId: nodeContainer(cluster, name), name });
    const journal = await host
      .exec(['journalctl', '--unit=kubelet', '--no-pager', '--lines=8', '--output=cat'], { signal })
      .then(({ stdout }) => stdout.toString())
      .catch(() => '');
    return `${printed.toString()}\n${journal}`;
  };
  return (await Promise.all(nodes.map(of))).join('\n');
}
