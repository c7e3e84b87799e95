import { digestOf, imageIdOf } from '../../images/digest.ts';
import { findImage, type Image, type ImageReference, parseReference, tableName } from '../../images/image.ts';
import { EngineRefusal } from './refusal.ts';

/** An image that an engine has pulled. */
export interface EngineImage {
  readonly row: Image;
  /** As docker shows it: `alpine:3.20`. */
  readonly reference: string;
  /** `sha256:` and 64 digits. */
  readonly id: string;
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** Long before any lab, so that an image is older than whatever runs from it. */
const CREATED = Date.parse('2026-09-08T16:12:40Z');

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
    const found = named ?? byId;
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
    const isNew = !this.#present.has(shown(parsed));
    return { image: this.#add(parsed, row), isNew };
  }

  remove(image: EngineImage): void {
    this.#present.delete(image.reference);
  }

  #add(parsed: ImageReference, row: Image): EngineImage {
    const reference = shown(parsed);
    const image = {
      row,
      reference,
      id: imageIdOf(reference),
      digest: parsed.digest ?? digestOf(row.repository, parsed.tag),
      created: CREATED,
    };
    this.#present.set(reference, image);
    return image;
  }
}

const shown = (parsed: ImageReference): string =>
  parsed.digest === undefined ? `${tableName(parsed)}:${parsed.tag}` : `${tableName(parsed)}@${parsed.digest}`;
