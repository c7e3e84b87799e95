import type { Host } from '../../cluster.ts';
import { kubeconfigOf } from '../../kubeconfig.ts';
import { type ClusterAccess, clusterAccess, kubeAccessOf } from '../cluster/cluster-access.ts';
import type { LabNetwork } from '../docker/lab-network.ts';
import { dockerNameOf } from '../docker/ownership.ts';
import { strangerOf } from '../hosts/stranger.ts';
import type { ReadyImages } from '../images/ensure-images.ts';
import { podImages } from '../images/pod-images.ts';
import { providePodImages } from '../images/provide-pod-images.ts';
import { hostSteps, type LabFacts, nodeSteps, prepareHost, strangerSteps } from '../prepare/prepare-hosts.ts';
import type { BootStages } from './boot-stages.ts';
import { type ClusterNode, findNodes } from './create-cluster.ts';
import { seedManifests } from './seed-manifests.ts';
import { type LabHost, startHosts } from './start-hosts.ts';
import { together } from './together.ts';
import { isNodeHost, nodesOf, type Workshop, type WorldRequest } from './world.ts';

export interface SeededWorld {
  /** Those of the seed. */
  readonly machines: readonly LabHost[];
  readonly nodes: readonly ClusterNode[];
  readonly controlPlane: Host;
  readonly access: ClusterAccess;
}

interface Surroundings {
  readonly network: LabNetwork;
  readonly images: ReadyImages;
  readonly stages: BootStages;
}

/**
 * Does beside kind's boot what a lab needs more than a cluster, each thing as soon as kind has come so far: its other hosts at once, the
 * pods' images once the nodes run, the seed of machines and cluster once the API server answers. Throws `LabError`.
 */
export async function seedWorld(
  workshop: Workshop,
  request: WorldRequest,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<SeededWorld> {
  const { engine, kind, choices, buildArguments, limits, now } = workshop;
  const { ownership, seed, progress } = request;
  const { network, stages } = surroundings;

  const [others, nodes] = await together<[readonly LabHost[], readonly ClusterNode[]]>(signal, [
    (own) => startHosts(workshop, request, surroundings, own),
    async (own) => {
      await stages.nodes(own);
      return findNodes({ engine, limits }, { lab: ownership.lab, network: network.name, nodes: nodesOf(seed) }, own);
    },
  ]);
  const controlPlane = nodes.find(({ name }) => name === 'controlplane')?.host;
  if (controlPlane === undefined) throw new Error('kind has made a cluster without a control plane');

  const needed = podImages(seed.manifests, choices);
  const [access] = await together<[ClusterAccess, void]>(signal, [
    async (own) => {
      await stages.apiServer(own);
      return clusterAccess(await kind.kubeconfig(dockerNameOf(ownership.lab), own), controlPlane, now);
    },
    async (own) => {
      const how = { engine, choices, nodes, progress, signal: own };
      if (needed.length > 0)
        await providePodImages({ ...how, images: needed, ...(buildArguments === undefined ? {} : { buildArguments }) });
    },
  ]);

  progress('seeding the machines');
  const admin = await kubeAccessOf('admin', access, now());
  const facts: LabFacts = {
    addresses: new Map([...nodes, ...others].map(({ name, address }) => [name, address])),
    adminKubeconfig: kubeconfigOf('kubernetes', { ...admin, server: 'https://controlplane:6443' }),
  };
  const machines: readonly LabHost[] = [...nodes, ...others].filter(({ name }) => seed.hosts.includes(name));
  const prepare = ({ name, host }: LabHost) => {
    const steps = (isNodeHost(name) ? nodeSteps : hostSteps)(name, seed.files, facts);
    return (own: AbortSignal): Promise<void> => prepareHost(host, steps, own);
  };
  const seedCluster = (own: AbortSignal): Promise<void> => {
    progress('seeding the cluster');
    return seedManifests({ access: admin, manifests: seed.manifests, signal: own });
  };
  const prepareStranger = async (own: AbortSignal): Promise<void> => {
    if (seed.hosts.includes('internet'))
      await prepareHost(strangerOf(ownership.lab, engine), strangerSteps(facts), own);
  };
  await together(signal, [...machines.map(prepare), prepareStranger, seedCluster]);
  return { machines, nodes, controlPlane, access };
}
