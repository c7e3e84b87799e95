import type { HostName } from '../../../protocol/host.ts';
import type { Host, Seed } from '../../cluster.ts';
import { clusterAccess } from '../cluster/cluster-access.ts';
import { dockerNameOf } from '../docker/ownership.ts';
import type { FoundLab } from '../docker/removal.ts';
import { containerHost } from '../hosts/container-host.ts';
import { findNodes } from './create-cluster.ts';
import { isNodeHost, nodesOf, type Workshop, type World } from './world.ts';

/**
 * What an earlier server has made of a lab, found by its labels; undefined where it is not whole and running. Where its cluster is asked
 * for is read from kind again. Throws `LabError` where it cannot be reached.
 */
export async function findWorld(
  workshop: Workshop,
  { lab, network, hosts, nodes }: FoundLab,
  seed: Seed,
  signal: AbortSignal,
): Promise<World | undefined> {
  const { engine, kind } = workshop;
  const running = new Map(hosts.flatMap(({ host, id, isRunning }) => (isRunning && host ? [[host, id] as const] : [])));
  const isWhole =
    nodes.filter(({ isRunning }) => isRunning).length === nodesOf(seed).length &&
    seed.hosts.every((name) => isNodeHost(name) || running.has(name));
  if (network === undefined || !isWhole) return undefined;
  const [clusterNodes, kubeconfig] = await Promise.all([
    findNodes(workshop, { lab, network: network.name, nodes: nodesOf(seed) }, signal),
    kind.kubeconfig(dockerNameOf(lab), signal),
  ]);
  const [controlPlane] = clusterNodes;
  if (controlPlane === undefined) return undefined;
  const hostOf = (name: HostName): Host | undefined => {
    const containerId = running.get(name);
    if (containerId !== undefined) return containerHost({ engine, containerId, name });
    return clusterNodes.find((node) => node.name === name)?.host;
  };
  return {
    hosts: new Map(seed.hosts.flatMap((name): [HostName, Host][] => (hostOf(name) ? [[name, hostOf(name)!]] : []))),
    controlPlane: controlPlane.host,
    access: await clusterAccess(kubeconfig, controlPlane.host, workshop.now),
  };
}
