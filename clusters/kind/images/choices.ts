import { LabError } from '../../cluster.ts';
import { IMAGE_NAMES, NODE_IMAGE, type ImageName } from './table.ts';
import { canonicalReference, registryOf } from './reference.ts';

/** What `--image` and `--registry-mirror` say. */
export interface ImageChoices {
  /** By a name of `IMAGE_NAMES`. */
  readonly own: ReadonlyMap<ImageName, string>;
  /** By the canonical reference that a manifest names: `docker.io/library/nginx:1.27`. */
  readonly pods: ReadonlyMap<string, string>;
  /** URLs by registry: `docker.io` → `https://mirror.local`. */
  readonly mirrors: ReadonlyMap<string, string>;
}

export const NO_CHOICES: ImageChoices = { own: new Map(), pods: new Map(), mirrors: new Map() };

/**
 * Reads `--image` and `--registry-mirror`, each of which may be given many times. An image is `name=ref`, where the name is one of
 * `IMAGE_NAMES` or the reference that a manifest names; a reference alone is the node image, as for kind itself. A mirror is
 * `registry=URL`, or a URL alone for docker.io. Throws `LabError`.
 */
export function parseImageChoices(texts: {
  readonly images: readonly string[];
  readonly mirrors: readonly string[];
}): ImageChoices {
  const own = new Map<ImageName, string>();
  const pods = new Map<string, string>();
  for (const text of texts.images) {
    const [left, right] = text.includes('=') ? cut(text) : ['node', text];
    const reference = canonicalReference(right);
    if (reference === undefined) throw badImage(text, `"${right}" is not an image's reference`);
    const name = IMAGE_NAMES.find((known) => known === left);
    if (name !== undefined) {
      own.set(name, right);
      continue;
    }
    const named = canonicalReference(left);
    // `workstaton` would be a legal reference; what is neither ours nor names a tag or a path is a mistyped name.
    if (named === undefined || !/[:/@]/.test(left)) throw badImage(text, `there is no image "${left}"`);
    pods.set(named, right);
  }
  return { own, pods, mirrors: new Map(texts.mirrors.map(parseMirror)) };
}

/** The node image, from which the others are made. */
export const nodeReference = (choices: ImageChoices): string => choices.own.get('node') ?? NODE_IMAGE;

/** The choices for a scenario that asks for a release of Kubernetes; what the command line names goes before. */
export const withRelease = (choices: ImageChoices, release: string | undefined): ImageChoices =>
  release === undefined || choices.own.has('node')
    ? choices
    : { ...choices, own: new Map([...choices.own, ['node', `kindest/node:v${release}`]]) };

/** Where to pull a reference from: through the mirror of its registry when there is one. Docker asks a mirror's host by its name. */
export function pulledReference(reference: string, { mirrors }: ImageChoices): string {
  const canonical = canonicalReference(reference);
  if (canonical === undefined) return reference;
  const registry = registryOf(canonical);
  const mirror = mirrors.get(registry);
  if (mirror === undefined) return reference;
  const { host, pathname } = new URL(mirror);
  return `${host}${pathname.replace(/\/+$/, '')}${canonical.slice(registry.length)}`;
}

function parseMirror(text: string): readonly [registry: string, url: string] {
  const [registry, url] = /^[^:/]+(?::\d+)?=/.test(text) ? cut(text) : ['docker.io', text];
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.username !== '') {
    throw new LabError(
      `--registry-mirror ${text} is no address of a registry`,
      'Say --registry-mirror https://mirror.example or, for another registry than Docker Hub, registry.k8s.io=https://mirror.example',
    );
  }
  return [registry, url.replace(/\/+$/, '')];
}

const badImage = (text: string, problem: string): LabError =>
  new LabError(
    `--image ${text}: ${problem}`,
    `Say --image NAME=REFERENCE. Names: ${IMAGE_NAMES.join(', ')}, or an image of a pod as its manifest names it, such as nginx:1.27.`,
  );

function cut(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
