import { setTimeout as after } from 'node:timers/promises';
import { type Host, LabError } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import type { ImageChoices } from './choices.ts';
import { findOrPull } from './docker-images.ts';
import { registryFiles } from './node-registries.ts';
import type { PodImage } from './pod-images.ts';
import { canonicalReference, familiarReference } from './reference.ts';
import { CTR, sideLoad } from './side-load.ts';
import { standInFor } from './stand-ins.ts';

export interface PodImagesRequest {
  readonly engine: Engine;
  readonly images: readonly PodImage[];
  readonly choices: ImageChoices;
  /** The nodes on which pods may run; their containerd must be up. */
  readonly nodes: readonly { readonly host: Host; readonly containerId: string }[];
  /** For stand-ins, when no registry can be reached. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Brings a scenario's pod images onto the nodes: through Docker, which keeps them for the next lab; where Docker cannot pull one from a
 * mirror, containerd tries itself; where no registry can be reached, one made of Debian's packages stands in for it, which `progress` says.
 * Throws `LabError` with the flag that mends it for an image that nobody has.
 */
export async function providePodImages(request: PodImagesRequest): Promise<void> {
  const { engine, choices, nodes, progress, signal } = request;
  const files = registryFiles(choices);
  await Promise.all(
    nodes.flatMap(({ host }) =>
      files.map(({ path, text }) => host.writeFile(path, Buffer.from(text), { mode: 0o644 })),
    ),
  );
  const lacking = new Map<Host, ReadonlySet<string>>();
  await Promise.all(nodes.map(async ({ host }) => lacking.set(host, await lackedBy(host, request))));
  const wanted = request.images.filter(({ reference }) => [...lacking.values()].some((names) => names.has(reference)));

  const loaded = new Map<PodImage, string>();
  for (const image of wanted) {
    const inDocker = await fromDocker(image, request);
    if (inDocker !== undefined) loaded.set(image, inDocker);
  }
  if (loaded.size > 0) progress(`bringing ${loaded.size} images onto ${nodes.length} nodes`);
  await Promise.all(
    nodes.map(async ({ host, containerId }) => {
      const own = [...loaded].filter(([{ reference }]) => lacking.get(host)?.has(reference) === true);
      if (own.length === 0) return;
      await sideLoad(engine, { containerId, references: own.map(([, name]) => name) }, signal);
      for (const [{ reference }, name] of own) await nameOnNode(host, name, reference, signal);
    }),
  );
}

/** How long containerd may take to answer on a node that has just booted, and how long to sleep between two questions; milliseconds. */
const CONTAINERD_MS = 60_000;
const BETWEEN_MS = 250;

/** Of the wanted images, those that a node does not have. Throws `LabError` with its last words where containerd does not answer. */
async function lackedBy(host: Host, { images, signal }: PodImagesRequest): Promise<ReadonlySet<string>> {
  const late = AbortSignal.timeout(CONTAINERD_MS);
  for (;;) {
    const { exitCode, stdout, stderr } = await host.exec([...CTR, 'images', 'list', '--quiet'], { signal });
    if (exitCode === 0) {
      const there = new Set(stdout.toString('utf8').split('\n'));
      return new Set(images.map(({ reference }) => reference).filter((reference) => !there.has(reference)));
    }
    if (late.aborted) {
      throw new LabError(
        `containerd on ${host.name} does not answer after ${CONTAINERD_MS / 1000} s: ${stderr.toString('utf8').trim()}`,
        'See that the node image is one of kind, and that the machine has memory to spare: ./breachlab doctor --backend kind.',
      );
    }
    await after(BETWEEN_MS, undefined, { signal });
  }
}

/** The name under which Docker has an image, or its stand-in; undefined once the nodes have pulled it without Docker. */
async function fromDocker(image: PodImage, request: PodImagesRequest): Promise<string | undefined> {
  const { engine, choices, progress, signal } = request;
  const name = familiarReference(image.reference);
  try {
    return (await findOrPull({ engine, choices, reference: image.from, name, progress, signal })).reference;
  } catch (error) {
    signal.throwIfAborted();
    // Somebody has said which image it is to be.
    if (!(error instanceof LabError) || choices.pods.has(image.reference)) throw error;
    if (choices.mirrors.size > 0 && (await pulledOnNodes(image, request))) return undefined;
    return (await standInFor(image.reference, error, request)).reference;
  }
}

/** Whether containerd, which may trust a mirror that Docker does not, has pulled an image on every node. */
async function pulledOnNodes({ reference }: PodImage, { nodes, progress, signal }: PodImagesRequest): Promise<boolean> {
  progress(`pulling ${familiarReference(reference)} on the nodes`);
  const pulls = await Promise.all(nodes.map(({ host }) => host.exec(['crictl', 'pull', reference], { signal })));
  return pulls.every(({ exitCode }) => exitCode === 0);
}

/** Gives an imported image the name that the manifests use. The kubelet's containerd hears of it by an event. */
async function nameOnNode(host: Host, from: string, reference: string, signal: AbortSignal): Promise<void> {
  const imported = canonicalReference(from) ?? from;
  if (imported === reference) return;
  const { exitCode, stderr } = await host.exec([...CTR, 'images', 'tag', '--force', imported, reference], { signal });
  if (exitCode === 0) return;
  throw new LabError(
    `${host.name} has ${imported}, but could not name it ${reference}: ${stderr.toString('utf8').trim()}`,
    'Create the lab again.',
  );
}
