import { formatDuration } from '../duration.ts';
import { type FieldSchema, type Opaque, schemaOf, type Shape, type TypeSchema, type WireField } from '../schema.ts';
import { Reader, WireError } from './reader.ts';

type Fields = Record<string, unknown>;

const propsType = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
/** A message within a message within … ends here; only JSON schemas nest at all. */
const maxDepth = 500;

/** Reads bytes that a RawExtension holds: JSON, or an object with its own envelope. */
export type ReadRaw = (bytes: Buffer) => unknown;

/**
 * The message as a JSON value: what Go would have after Unmarshal, before it leaves out what is empty. Fields that the tables do not
 * know are skipped, as gogo does. Throws WireError.
 */
export function decodeMessage(bytes: Buffer, schema: TypeSchema, readRaw: ReadRaw): Fields {
  const target: Fields = {};
  new MessageReader(readRaw).struct(new Reader(bytes), schema, target, 0);
  return target;
}

const numbered = new WeakMap<TypeSchema, Map<number, WireField>>();

function fieldAt(schema: TypeSchema, number: number): WireField | undefined {
  let map = numbered.get(schema);
  if (map === undefined) {
    map = new Map(schema.wire.filter((part) => part.number > 0).map((part) => [part.number, part]));
    numbered.set(schema, map);
  }
  return map.get(number);
}

class MessageReader {
  readonly #readRaw: ReadRaw;

  constructor(readRaw: ReadRaw) {
    this.#readRaw = readRaw;
  }

  struct(reader: Reader, schema: TypeSchema, target: Fields, depth: number): void {
    if (depth > maxDepth) throw new WireError('proto: message is nested too deep');
    while (!reader.done) {
      const { number, wireType } = reader.tag();
      const part = fieldAt(schema, number);
      if (part === undefined) reader.skip(wireType);
      else if (part.inlined === undefined) this.#field(reader, wireType, part.field, target, depth);
      else {
        expectType(wireType, 2, schema.name);
        this.struct(reader.message(), part.inlined, target, depth + 1);
      }
    }
  }

  #field(reader: Reader, wireType: number, field: FieldSchema, target: Fields, depth: number): void {
    const { name, shape } = field;
    if (shape.is === 'list' && !shape.message) {
      const list = (target[name] ??= []) as unknown[];
      const expected = wireTypeOf(shape.of);
      if (wireType === 2 && expected !== 2) {
        const packed = reader.message();
        while (!packed.done) list.push(this.#value(packed, expected, shape.of, name, depth));
      } else list.push(this.#value(reader, wireType, shape.of, name, depth));
    } else if (shape.is === 'map') {
      expectType(wireType, 2, name);
      this.#entry(reader.message(), shape.of, (target[name] ??= {}) as Fields, name, depth);
    } else target[name] = this.#value(reader, wireType, shape, name, depth);
  }

  #entry(reader: Reader, of: Shape, map: Fields, name: string, depth: number): void {
    let key = '';
    let value: unknown = null;
    while (!reader.done) {
      const { number, wireType } = reader.tag();
      if (number === 1) {
        expectType(wireType, 2, name);
        key = reader.bytes().toString('utf8');
      } else if (number === 2) value = this.#value(reader, wireType, of, name, depth);
      else reader.skip(wireType);
    }
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  }

  #value(reader: Reader, wireType: number, shape: Shape, name: string, depth: number): unknown {
    expectType(wireType, wireTypeOf(shape), name);
    switch (shape.is) {
      case 'string':
        return reader.bytes().toString('utf8');
      case 'bool':
        return reader.varint() !== 0;
      case 'int32':
        return reader.varint() | 0;
      case 'int64':
        return reader.varint();
      case 'double':
        return reader.double();
      case 'bytes':
        return reader.bytes().toString('base64');
      case 'object': {
        const struct: Fields = {};
        this.struct(reader.message(), shape.type, struct, depth + 1);
        return struct;
      }
      case 'list': {
        const list: unknown[] = [];
        this.#each(reader.message(), {
          1: (inner, type) => list.push(this.#value(inner, type, shape.of, name, depth)),
        });
        return list;
      }
      case 'map':
        throw new WireError('protobuf has no map of maps');
      case 'time':
      case 'microTime':
        return this.#time(reader.message(), shape.is === 'microTime');
      case 'duration': {
        let nanoseconds = 0;
        this.#each(reader.message(), { 1: (inner) => (nanoseconds = inner.varint()) });
        return formatDuration(nanoseconds);
      }
      case 'quantity': {
        let text = '';
        this.#each(reader.message(), { 1: (inner) => (text = inner.bytes().toString('utf8')) });
        return text === '' ? '0' : text;
      }
      case 'intOrString':
        return this.#intOrString(reader.message());
      case 'any':
        break;
    }
    return this.#opaque(reader.message(), shape.as, depth);
  }

  #each(reader: Reader, handlers: Readonly<Record<number, (reader: Reader, wireType: number) => void>>): void {
    while (!reader.done) {
      const { number, wireType } = reader.tag();
      const handler = handlers[number];
      if (handler === undefined) reader.skip(wireType);
      else handler(reader, wireType);
    }
  }

  /** An empty message is Go's zero time, which JSON writes as null. */
  #time(reader: Reader, micro: boolean): string | null {
    if (reader.done) return null;
    let seconds = 0;
    let nanos = 0;
    this.#each(reader, { 1: (inner) => (seconds = inner.varint()), 2: (inner) => (nanos = inner.varint()) });
    const at = new Date(seconds * 1000);
    if (Number.isNaN(at.getTime())) throw new WireError('proto: time out of range');
    const text = at.toISOString().slice(0, 19);
    return micro ? `${text}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${text}Z`;
  }

  #intOrString(reader: Reader): number | string {
    let type = 0;
    let number = 0;
    let text = '';
    this.#each(reader, {
      1: (inner) => (type = inner.varint()),
      2: (inner) => (number = inner.varint() | 0),
      3: (inner) => (text = inner.bytes().toString('utf8')),
    });
    return type === 1 ? text : number;
  }

  #opaque(reader: Reader, as: Opaque, depth: number): unknown {
    const props = (inner: Reader): Fields => {
      const schema: Fields = {};
      this.struct(inner.message(), schemaOf(propsType), schema, depth + 1);
      return schema;
    };
    let schema: Fields | undefined;
    let raw = Buffer.alloc(0);
    let allows = false;
    const list: unknown[] = [];
    if (as === 'rawExtension' || as === 'json' || as === 'fieldsV1') {
      this.#each(reader, { 1: (inner) => (raw = Buffer.from(inner.bytes())) });
      return raw.length === 0 ? null : this.#readRaw(raw);
    }
    if (as === 'schemaOrBool') {
      this.#each(reader, { 1: (inner) => (allows = inner.varint() !== 0), 2: (inner) => (schema = props(inner)) });
      return schema ?? allows;
    }
    this.#each(reader, {
      1: (inner) => (schema = props(inner)),
      2: (inner) => list.push(as === 'schemaOrArray' ? props(inner) : inner.bytes().toString('utf8')),
    });
    return schema ?? (list.length > 0 ? list : null);
  }
}

function wireTypeOf(shape: Shape): number {
  if (shape.is === 'bool' || shape.is === 'int32' || shape.is === 'int64') return 0;
  return shape.is === 'double' ? 1 : 2;
}

function expectType(given: number, expected: number, field: string): void {
  if (given !== expected) throw new WireError(`proto: wrong wireType = ${given} for field ${field}`);
}
