import type { HostName } from '../../../protocol/host.ts';
import type { Host, Seed } from '../../cluster.ts';
import { kubeAccessOf } from '../cluster/cluster-access.ts';
import { createLabNetwork } from '../docker/lab-network.ts';
import { nodeReference } from '../images/choices.ts';
import { ensureImages } from '../images/ensure-images.ts';
import { BootStages } from './boot-stages.ts';
import { createCluster } from './create-cluster.ts';
import { type SeededWorld, seedWorld } from './seed-world.ts';
import { together } from './together.ts';
import { nodePortsOf, untilPortsOpen } from './wait-until-open.ts';
import { untilNodesReady, untilPodsSettled } from './wait-until-ready.ts';
import type { Workshop, World, WorldRequest } from './world.ts';

/** For nodes to become ready after kind has made them, and for a seed's pods, in milliseconds. A slow disk takes a minute. */
const NODES_MS = 180_000;
const PODS_MS = 300_000;
/** For what they offer to be reached, which takes a second. */
const PORTS_MS = 15_000;

/**
 * Makes what there is of a lab: pull, create, seed, ready. The other hosts and the seed are made beside kind's boot. Throws `LabError`, or
 * the signal's reason; then what there is already stays, for `removeWorld`.
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
  const stages = new BootStages();
  const [, { access, machines, nodes, controlPlane }] = await together<[void, SeededWorld]>(signal, [
    (own) => createCluster(workshop, request, { network, image, stages }, own),
    (own) => seedWorld(workshop, request, { network, images, stages }, own),
  ]);

  progress('waiting for the nodes');
  const admin = await kubeAccessOf('admin', access, now());
  await untilNodesReady({ access: admin, signal, limit: NODES_MS });
  progress('waiting for the pods');
  await untilPodsSettled({ access: admin, signal, limit: PODS_MS }, namespacesOf(seed));
  await untilPortsOpen({
    from: controlPlane,
    addresses: nodes.map(({ address }) => address),
    ports: nodePortsOf(seed.manifests),
    signal,
    limit: PORTS_MS,
  });

  return { hosts: new Map(machines.map(({ name, host }): [HostName, Host] => [name, host])), controlPlane, access };
}

/** The namespaces in which the seed makes anything. */
function namespacesOf({ manifests }: Seed): readonly string[] {
  const names = manifests.map(({ metadata }) => (metadata as { namespace?: string } | undefined)?.namespace);
  return [...new Set(names.filter((name) => name !== undefined))];
}
