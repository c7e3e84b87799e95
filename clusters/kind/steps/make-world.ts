import type { HostName } from '../../../protocol/host.ts';
import type { Seed } from '../../cluster.ts';
import { kubeconfigOf } from '../../kubeconfig.ts';
import { clusterAccess, kubeAccessOf } from '../cluster/cluster-access.ts';
import { createLabNetwork } from '../docker/lab-network.ts';
import { nodeReference } from '../images/choices.ts';
import { ensureImages } from '../images/ensure-images.ts';
import { podImages } from '../images/pod-images.ts';
import { providePodImages } from '../images/provide-pod-images.ts';
import { hostSteps, type LabFacts, nodeSteps, prepareHost } from '../prepare/prepare-hosts.ts';
import { createCluster } from './create-cluster.ts';
import { seedManifests } from './seed-manifests.ts';
import { type LabHost, startHosts } from './start-hosts.ts';
import { together } from './together.ts';
import { untilNodesReady, untilPodsSettled } from './wait-until-ready.ts';
import { isNodeHost, type Workshop, type World, type WorldRequest } from './world.ts';

/** For nodes to become ready after kind has made them, and for a seed's pods, in milliseconds. A slow disk takes a minute. */
const NODES_MS = 180_000;
const PODS_MS = 300_000;

/**
 * Makes what there is of a lab: pull, create (with the other hosts beside kind's boot), seed, ready. Throws `LabError`, or the signal's
 * reason; then what there is already stays, for `removeWorld`.
 */
export async function makeWorld(workshop: Workshop, request: WorldRequest): Promise<World> {
  const { engine, choices, helm, buildArguments, now } = workshop;
  const { ownership, seed, progress, signal } = request;

  progress('getting the images ready');
  const images = await ensureImages({
    engine,
    choices,
    seed,
    ...(helm === undefined ? {} : { helm }),
    ...(buildArguments === undefined ? {} : { buildArguments }),
    progress,
    signal,
  });

  progress('creating the network');
  const network = await createLabNetwork(engine, ownership, signal);
  const image = images.get('node-prepared') ?? nodeReference(choices);
  const [cluster, others] = await together<
    [Awaited<ReturnType<typeof createCluster>>, Awaited<ReturnType<typeof startHosts>>]
  >(signal, [
    (own) => createCluster(workshop, request, { network, image }, own),
    (own) => startHosts(workshop, request, { network, images }, own),
  ]);

  progress('seeding the machines');
  const [controlPlane] = cluster.nodes;
  if (controlPlane === undefined) throw new Error('kind has made a cluster without a control plane');
  const access = await clusterAccess(cluster.kubeconfig, controlPlane.host, now);
  const admin = await kubeAccessOf('admin', access, now());
  const machines: readonly LabHost[] = [...cluster.nodes, ...others].filter(({ name }) => seed.hosts.includes(name));
  const facts: LabFacts = {
    addresses: new Map([...cluster.nodes, ...others].map(({ name, address }) => [name, address])),
    adminKubeconfig: kubeconfigOf('kubernetes', { ...admin, server: 'https://controlplane:6443' }),
  };
  const prepare = ({ name, host }: LabHost) => {
    const steps = (isNodeHost(name) ? nodeSteps : hostSteps)(name, seed.files, facts);
    return (own: AbortSignal): Promise<void> => prepareHost(host, steps, own);
  };
  const seedCluster = async (own: AbortSignal): Promise<void> => {
    const needed = podImages(seed.manifests, choices);
    if (needed.length > 0)
      await providePodImages({ engine, images: needed, choices, nodes: cluster.nodes, progress, signal: own });
    progress('seeding the cluster');
    await seedManifests({ access: admin, manifests: seed.manifests, signal: own });
  };
  await together(signal, [...machines.map(prepare), seedCluster]);

  progress('waiting for the nodes');
  await untilNodesReady({ access: admin, signal, limit: NODES_MS });
  progress('waiting for the pods');
  await untilPodsSettled({ access: admin, signal, limit: PODS_MS }, namespacesOf(seed));

  return {
    hosts: new Map<HostName, LabHost['host']>(machines.map(({ name, host }) => [name, host])),
    controlPlane: controlPlane.host,
    access,
  };
}

/** The namespaces in which the seed makes anything. */
function namespacesOf({ manifests }: Seed): readonly string[] {
  const names = manifests.map(({ metadata }) => (metadata as { namespace?: string } | undefined)?.namespace);
  return [...new Set(names.filter((name) => name !== undefined))];
}
