import type { ImageContents } from './contents/contents.ts';
import type { Signer } from './signatures.ts';

/**
 * What the lab knows of an image instead of its layers. A reference that no row matches cannot be pulled, as from a registry
 * that does not have it.
 */
export interface Image {
  /** Without registry, for Docker Hub's own: `nginx`, `kubernetesui/dashboard`; else with it: `registry.k8s.io/pause`. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** As in the image's configuration: a name or a number; empty means root. */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** TCP ports on which its own process listens. */
  readonly listens: readonly number[];
  /** How its own process behaves when it is not told to do something else. */
  readonly behaviour: 'serves' | 'exits';
  /** Names by which a command starts its own process too. */
  readonly programs?: readonly string[];
  /** Files of it that matter, by absolute path; those in a folder `bin` or `sbin` can be executed. */
  readonly files?: Readonly<Record<string, string>>;
  /** What its own process prints when it starts. */
  readonly log: readonly string[];
  /** Compressed bytes, as `crictl images` and the kubelet's event tell. */
  readonly bytes: number;
  /** The software in it by tag, where the lab knows; what security tools answer from. */
  readonly contents?: Readonly<Record<string, ImageContents>>;
  /** Who signed it, by tag; nobody signed the others. */
  readonly signers?: Readonly<Record<string, readonly Signer[]>>;
}

/** Whether a container runs its image's own server, and not something else that its command names. */
export function runsOwnServer({ command }: { readonly command?: readonly string[] }, image: Image): boolean {
  if (image.behaviour !== 'serves') return false;
  const [program] = command ?? [];
  return program === undefined || image.programs?.includes(program.split('/').at(-1) ?? '') === true;
}

export interface ImageReference {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string | undefined;
}

/** `nginx` is `docker.io/library/nginx:latest` (distribution/reference ParseNormalizedNamed). Undefined when it is no reference. */
export function parseReference(text: string): ImageReference | undefined {
  const match =
    /^(?<path>[^@:]+(?::\d+(?=\/))?[^@:]*)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(
      text,
    );
  const path = match?.groups?.['path'];
  if (path === undefined || !/^[a-z0-9]+(?:[._/:-]+[a-z0-9]+)*$/.test(path)) return undefined;
  const [first = '', ...rest] = path.split('/');
  const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = named ? first : 'docker.io';
  const repository = (named ? rest.join('/') : path).replace(/^library\//, '');
  return { registry, repository, tag: match?.groups?.['tag'] ?? 'latest', digest: match?.groups?.['digest'] };
}

/** How the table spells a reference's repository: Docker Hub's own without their registry. */
export const tableName = ({ registry, repository }: ImageReference): string =>
  registry === 'docker.io' ? repository : `${registry}/${repository}`;

/** The row of that reference; undefined when no registry of the lab has it. */
export function findImage(images: readonly Image[], reference: string): Image | undefined {
  const parsed = parseReference(reference);
  if (parsed === undefined) return undefined;
  const { tag, digest } = parsed;
  const name = tableName(parsed);
  return images.find((image) => image.repository === name && (image.tags.includes(tag) || digest !== undefined));
}

/** `docker.io/library/nginx:1.27`, as containerd and a pod's status spell it. */
export function fullName(reference: string): string {
  const parsed = parseReference(reference);
  if (parsed === undefined) return reference;
  const { registry, repository, tag, digest } = parsed;
  const path = registry === 'docker.io' && !repository.includes('/') ? `library/${repository}` : repository;
  return `${registry}/${path}${digest === undefined ? `:${tag}` : `@${digest}`}`;
}

/** `library/nginx`, as a pull tells it. */
export const repositoryPath = (reference: string): string =>
  fullName(reference)
    .replace(/^docker\.io\//, '')
    .replace(/[:@][^/]*$/, '');
