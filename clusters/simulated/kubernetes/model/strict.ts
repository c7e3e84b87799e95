import { isEscaped, isSpace } from './json-text.ts';
import type { Shape, TypeSchema } from './schema.ts';

/** Upstream tells of at most a hundred (sigs.k8s.io/json, saveStrictError). */
const most = 100;

/**
 * What strict decoding finds in a valid JSON text, in the order of the document and each once: `unknown field "spec.foo"`,
 * `duplicate field "spec.replicas"`. Without a schema only duplicates, and metadata's unknown fields, are found. Slow next to
 * `toTyped`, which tells whether there is anything to find.
 */
export function strictProblems(text: string, schema: TypeSchema | undefined): string[] {
  const walk = new StrictWalk(text);
  walk.value(schema === undefined ? undefined : { is: 'object', type: schema });
  return [...walk.problems];
}

class StrictWalk {
  readonly problems = new Set<string>();
  readonly #text: string;
  readonly #path: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(shape: Shape | undefined): void {
    this.#skip();
    const open = this.#text[this.#at];
    if (open === '"') this.#string();
    else if (open === '{' || open === '[') {
      this.#at++;
      if (shape?.is === 'any') this.#passOver();
      else if (open === '{') this.#object(shape);
      else this.#array(shape);
    } else while (this.#at < this.#text.length && !/[\s,}\]]/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #object(shape: Shape | undefined): void {
    const names = new Set<string>();
    for (this.#skip(); this.#text[this.#at] !== '}'; this.#separator()) {
      const name = this.#string();
      this.#skip();
      this.#at++; // the colon
      this.#path.push(this.#path.length === 0 ? name : `.${name}`);
      const field = shape?.is === 'object' ? shape.type.field(name) : undefined;
      if (shape?.is === 'object' && (field === undefined || field.retired)) this.#tell('unknown');
      else if (names.has(name)) this.#tell('duplicate');
      names.add(name);
      if (shape?.is === 'object' && field === undefined) this.value({ is: 'any', as: 'json' });
      else this.value(shape?.is === 'map' ? shape.of : field?.shape);
      this.#path.pop();
    }
    this.#at++;
  }

  #array(shape: Shape | undefined): void {
    let index = 0;
    for (this.#skip(); this.#text[this.#at] !== ']'; this.#separator()) {
      this.#path.push(`[${index++}]`);
      this.value(shape?.is === 'list' ? shape.of : undefined);
      this.#path.pop();
    }
    this.#at++;
  }

  /** To the end of a container whose type reads itself, where strict decoding does not look. */
  #passOver(): void {
    for (let depth = 1; depth > 0;) {
      const char = this.#text[this.#at];
      if (char === '"') {
        this.#string();
        continue;
      }
      if (char === '{' || char === '[') depth++;
      else if (char === '}' || char === ']') depth--;
      this.#at++;
    }
  }

  #separator(): void {
    this.#skip();
    if (this.#text[this.#at] === ',') this.#at++;
    this.#skip();
  }

  #skip(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #string(): string {
    let end = this.#text.indexOf('"', this.#at + 1);
    while (isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1);
    const raw = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    return JSON.parse(raw) as string;
  }

  #tell(what: 'unknown' | 'duplicate'): void {
    if (this.problems.size < most) this.problems.add(`${what} field ${JSON.stringify(this.#path.join(''))}`);
  }
}
