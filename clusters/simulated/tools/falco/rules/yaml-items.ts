import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node, type YAMLMap } from 'yaml';
import { type Context, type ErrorCode, LoadError, type Place } from './context.ts';

/** Longest line of a file that is shown of it, characters. */
const SNIPPET = 160;

/** A file of rules with what is needed to tell where something stands in it. */
export class RulesDocument {
  readonly name: string;
  readonly #text: string;
  readonly #lines = new LineCounter();

  constructor(name: string, text: string) {
    this.name = name;
    this.#text = text;
  }

  /** The items of all documents of the file, `null`s left out. Throws `LoadError`. */
  items(): readonly Node[] {
    const items: Node[] = [];
    const documents = parseAllDocuments(this.#text, { lineCounter: this.#lines, uniqueKeys: false });
    if (!Array.isArray(documents)) return items;
    for (const { contents, errors } of documents) {
      const [error] = errors;
      if (error !== undefined) {
        const said = error.message.split(' at line ')[0] ?? error.message;
        const { line, col } = this.#lines.linePos(error.pos[0]);
        throw new LoadError(
          'LOAD_ERR_YAML_PARSE',
          `yaml-cpp: error at line ${line}, column ${col}: ${said}`,
          this.#at(error.pos[0], this.root(), 'value for', ''),
        );
      }
      if (contents === null || (isScalar(contents) && contents.value === null)) continue;
      if (!isSeq(contents))
        throw new LoadError(
          'LOAD_ERR_YAML_VALIDATE',
          isMap(contents) ? 'Rules content is not yaml array of objects' : 'Rules content is not yaml',
          this.root(),
        );
      items.push(...(contents.items as Node[]).filter((item) => !(isScalar(item) && item.value === null)));
    }
    return items;
  }

  root(): Context {
    const place: Place = { what: 'rules content', name: '', file: this.name, line: 0, column: 0 };
    return { places: [place], shown: this.#shown(0) };
  }

  /** The context of something in another one's. */
  within(parent: Context, node: Node, what: string, name = ''): Context {
    return this.#at(node.range?.[0] ?? 0, parent, what, name);
  }

  #at(offset: number, parent: Context, what: string, name: string): Context {
    const { line, col } = this.#lines.linePos(offset);
    const place: Place = { what, name, file: this.name, line: line - 1, column: col - 1 };
    return { places: [...parent.places, place], shown: this.#shown(offset) };
  }

  #shown(offset: number): Context['shown'] {
    const from = this.#text.lastIndexOf('\n', offset - 1) + 1;
    const end = this.#text.indexOf('\n', from);
    const line = this.#text.slice(from, end < 0 ? undefined : end).slice(0, SNIPPET);
    return line === '' ? undefined : { line, column: Math.min(offset - from, line.length) };
  }
}

/** One mapping of a rules file, read key by key in upstream's words (userspace/engine/rule_loader_reader.cpp). */
export class Item {
  readonly document: RulesDocument;
  readonly map: YAMLMap;
  readonly context: Context;

  constructor(document: RulesDocument, map: YAMLMap, context: Context) {
    this.document = document;
    this.map = map;
    this.context = context;
  }

  has(key: string): boolean {
    return this.map.has(key);
  }

  node(key: string): Node | undefined {
    return this.map.get(key, true);
  }

  /** The context of a key's value. */
  at(key: string, what = 'value for', name = key): Context {
    const node = this.node(key);
    return node === undefined ? this.context : this.document.within(this.context, node, what, name);
  }

  text(key: string): string {
    const node = this.node(key);
    if (!this.has(key)) throw this.error(`Item has no mapping for key '${key}'`);
    if (node === undefined || (isScalar(node) && node.value === null))
      throw this.error(`Mapping for key '${key}' is empty`);
    if (!isScalar(node)) throw this.error('Value is not a scalar value', this.at(key));
    const text = node.source ?? String(node.value);
    if (text === '') throw this.error('Value must be non-empty', this.at(key));
    return text;
  }

  flag(key: string, otherwise: boolean): boolean {
    if (!this.has(key)) return otherwise;
    const text = this.text(key).toLowerCase();
    if (['true', 'yes', 'on', 'y'].includes(text)) return true;
    if (['false', 'no', 'off', 'n'].includes(text)) return false;
    throw this.error("Can't decode YAML scalar value", this.at(key));
  }

  texts(key: string): readonly string[] {
    const node = this.node(key);
    if (node === undefined) throw this.error(`Item has no mapping for key '${key}'`);
    if (!isSeq(node)) throw this.error('Value is not a sequence', this.at(key));
    return (node.items as Node[]).map((one) => {
      if (isScalar(one)) return one.source ?? String(one.value);
      throw this.error('sequence value is not scalar', this.document.within(this.at(key), one, 'list item'));
    });
  }

  error(message: string, context = this.context, code: ErrorCode = 'LOAD_ERR_YAML_VALIDATE'): LoadError {
    return new LoadError(code, message, context);
  }
}
