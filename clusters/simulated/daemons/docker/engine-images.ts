import { createHash } from 'node:crypto';
import { digestOf, imageIdOf } from '../../images/digest.ts';
import { findImage, type Image, type ImageReference, parseReference, tableName } from '../../images/image.ts';
import type { Layer } from './build/layer.ts';
import { EngineRefusal } from './refusal.ts';

/** What an image says of the containers that are made of it. */
export interface ImageConfig {
  readonly user: string;
  readonly env: readonly string[];
  /** Undefined where its beginning's own stands. */
  readonly entrypoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  readonly workingDir: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `80/tcp`. */
  readonly exposed: readonly string[];
}

/** What an image that was built here has over the one of the table that it began with. */
export interface BuiltImage {
  readonly config: ImageConfig;
  /** Of its build, oldest first. */
  readonly history: readonly string[];
  readonly layer: Layer;
  /** Its own accounts, where a step may have changed them. */
  readonly passwd?: string;
  readonly group?: string;
}

/** An image that an engine has pulled or built. */
export interface EngineImage {
  /** Of a built one, its beginning's. */
  readonly row: Image;
  /** By which the row was found: `alpine:3.20`. */
  readonly rowReference: string;
  /** As docker shows it. */
  readonly reference: string;
  /** `sha256:` and 64 digits. */
  readonly id: string;
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly built?: BuiltImage;
}

export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What an image says of its containers, whether it was pulled or built. */
export const configOf = ({ built, row }: EngineImage): ImageConfig =>
  built?.config ?? {
    user: row.user,
    env: [PATH],
    entrypoint: undefined,
    command: undefined,
    workingDir: '',
    labels: {},
    exposed: row.listens.map((port) => `${port}/tcp`),
  };

/** The bytes that docker shows for it. */
export const sizeOf = ({ row, built }: EngineImage): number =>
  row.bytes + (built?.layer.files.reduce((sum, { data }) => sum + data.length, 0) ?? 0);

/** Long before any lab, so that an image is older than whatever runs from it. */
const CREATED = Date.parse('2026-09-08T16:12:40Z');
/** What a learner may have a server keep of built images; images by name. */
const MAX_BUILT_BYTES = 16 * 2 ** 20;
const MAX_IMAGES = 200;

/** The images of one engine, and those it could pull. */
export class EngineImages {
  readonly #table: readonly Image[];
  readonly #present = new Map<string, EngineImage>();

  /** `present` by reference; a reference that no registry of the lab has is left out. */
  constructor(table: readonly Image[], present: readonly string[]) {
    this.#table = table;
    for (const reference of present) {
      const parsed = parseReference(reference);
      const row = findImage(table, reference);
      if (parsed !== undefined && row !== undefined) this.#add(parsed, row);
    }
  }

  list(): readonly EngineImage[] {
    return [...this.#present.values()];
  }

  /** By reference, id or the beginning of an id. Throws `EngineRefusal` when the engine does not have it. */
  get(reference: string): EngineImage {
    const parsed = parseReference(reference);
    const named = parsed === undefined ? undefined : this.#present.get(shown(parsed));
    const digits = reference.replace(/^sha256:/, '');
    const byId = /^[0-9a-f]{4,64}$/.test(digits)
      ? this.list().find(({ id }) => id.startsWith(`sha256:${digits}`))
      : undefined;
    const found = named ?? this.#present.get(reference) ?? byId;
    if (found !== undefined) return found;
    if (parsed === undefined) throw new EngineRefusal(400, `invalid reference format`);
    throw new EngineRefusal(404, `No such image: ${shown(parsed)}`);
  }

  /**
   * Pulls an image. Throws `EngineRefusal` with a registry's words when there is none (moby daemon/containerd, distribution/errors.go).
   */
  pull(reference: string): { readonly image: EngineImage; readonly isNew: boolean } {
    const parsed = parseReference(reference);
    if (parsed === undefined) throw new EngineRefusal(400, 'invalid reference format');
    const row = findImage(this.#table, reference);
    if (row === undefined) {
      const name = tableName(parsed);
      if (this.#table.some(({ repository }) => repository === name))
        throw new EngineRefusal(404, `manifest for ${shown(parsed)} not found: manifest unknown: manifest unknown`);
      throw new EngineRefusal(
        404,
        `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
      );
    }
    const before = this.#present.get(shown(parsed));
    if (before !== undefined && before.built === undefined) return { image: before, isNew: false };
    return { image: this.#add(parsed, row), isNew: true };
  }

  /** Gives an image another name. Throws `EngineRefusal`. */
  tag(image: EngineImage, name: string): void {
    const parsed = parseReference(name);
    if (parsed === undefined || parsed.digest !== undefined) throw new EngineRefusal(400, 'invalid reference format');
    this.#keep({ ...image, reference: shown(parsed) });
  }

  /** Adds an image that was built from another, under those names or under none. Throws `EngineRefusal`. */
  addBuilt(from: EngineImage, built: BuiltImage, names: readonly string[], now: number): EngineImage {
    const id = `sha256:${idOf(from, built)}`;
    const image = {
      row: from.row,
      rowReference: from.rowReference,
      reference: `<none>@${id}`,
      id,
      digest: id,
      created: now,
      built,
    };
    const others = this.list().filter((one) => one.built !== undefined && one.id !== id);
    const kept = [...new Map(others.map((one) => [one.id, one])).values()];
    const bytes = [...kept, image].reduce((sum, one) => sum + sizeOf(one) - one.row.bytes, 0);
    if (bytes > MAX_BUILT_BYTES) throw new EngineRefusal(501, 'not simulated: so many bytes of built images');
    if (names.length === 0) this.#keep(image);
    for (const name of names) this.tag(image, name);
    return names.length === 0 ? image : this.get(names[0] ?? '');
  }

  remove(image: EngineImage): void {
    this.#present.delete(image.reference);
  }

  #add(parsed: ImageReference, row: Image): EngineImage {
    const reference = shown(parsed);
    const image = {
      row,
      rowReference: reference,
      reference,
      id: imageIdOf(reference),
      digest: parsed.digest ?? digestOf(row.repository, parsed.tag),
      created: CREATED,
    };
    this.#keep(image);
    return image;
  }

  #keep(image: EngineImage): void {
    if (this.#present.size >= MAX_IMAGES && !this.#present.has(image.reference))
      throw new EngineRefusal(501, `not simulated: more than ${MAX_IMAGES} images`);
    this.#present.set(image.reference, image);
  }
}

const shown = (parsed: ImageReference): string =>
  parsed.digest === undefined ? `${tableName(parsed)}:${parsed.tag}` : `${tableName(parsed)}@${parsed.digest}`;

/** Equal contents have equal ids. */
function idOf(from: EngineImage, { config, history, layer }: BuiltImage): string {
  const hash = createHash('sha256').update(JSON.stringify([from.id, config, history, [...layer.gone]]));
  for (const { kind, path, mode, data } of layer.files) hash.update(`${kind} ${path} ${mode} `).update(data);
  return hash.digest('hex');
}
