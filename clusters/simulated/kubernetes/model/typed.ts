/* A reader of one shape each, kept in one piece: what it knows of place and struct is shared by all. */
import { Base64Error, canonicalBase64 } from './base64.ts';
import { canonicalQuantity, QuantityError } from './quantity.ts';
import { type FieldSchema, schemaOf, type Shape, type TypeSchema } from './schema.ts';
import { canonicalMicroTime, canonicalTime, TimeError } from './times.ts';
import { planOf, structFrom, zeroOf } from './zero-values.ts';

type Fields = Record<string, unknown>;

/** A value does not fit its Go type; the message is that of sigs.k8s.io/json (encoding/json). */
export class UnmarshalError extends Error {
  override readonly name = 'UnmarshalError';
}

export interface Typed {
  /** Fresh down to the values that have no schema. */
  readonly object: Fields;
  /** Whether the value had fields that the schema does not have; strict.ts tells which. */
  readonly unknown: boolean;
  /** How many keys the value held, which betrays duplicate ones when the text held more. */
  readonly keys: number;
}

/** Nesting past this is refused. Go allows 10,000; nothing in the API comes near either. */
const maxDepth = 1000;

/**
 * What Go makes of a JSON value when it reads it into a struct and writes it again: known fields in the order of the struct, maps
 * sorted, nulls and empty `omitempty` values gone, other empty lists null, zero values where the struct has no `omitempty`, quantities and times canonical.
 * `retired` fields count as unknown unless asked for. Throws UnmarshalError for a value of the wrong type.
 */
export function toTyped(value: unknown, schema: TypeSchema, options: { retired?: boolean } = {}): Typed {
  const reader = new Reader(options.retired ?? false);
  if (!isFields(value))
    throw new UnmarshalError(`json: cannot unmarshal ${kindOf(value)} into Go value of type ${shortName(schema)}`);
  const object = reader.struct(value, schema);
  return { object, unknown: reader.unknown, keys: reader.keys };
}

/** How many keys a value without a schema holds, all the way down. Throws UnmarshalError when it is too deep. */
export function countKeys(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > maxDepth) throw new UnmarshalError('exceeded max depth');
  let keys = 0;
  if (Array.isArray(value)) for (const item of value) keys += countKeys(item, depth + 1);
  else
    for (const name in value) {
      keys++;
      keys += countKeys((value as Fields)[name], depth + 1);
    }
  return keys;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shortName = (schema: TypeSchema): string => schema.name.split('.').slice(-2).join('.');

/** The word encoding/json has for a value that it did not expect. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

const propsType = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

class Reader {
  readonly #retired: boolean;
  /** Whether a field that the schema does not have was left out. */
  unknown = false;
  keys = 0;
  readonly #path: (string | number | { readonly key: string })[] = [];
  /** The struct that is being read and the field of it, for errors. */
  #struct: TypeSchema | undefined;
  #field: FieldSchema | undefined;

  constructor(retired: boolean) {
    this.#retired = retired;
  }

  struct(value: Fields, schema: TypeSchema): Fields {
    const path = this.#path;
    if (path.length > maxDepth) throw new UnmarshalError('exceeded max depth');
    const plan = planOf(schema);
    // Values are read in the order of the document, so that its first mistake is the one that is told; then put in that of the struct.
    const reads: unknown[] = [];
    for (const name in value) {
      this.keys++;
      const slot = plan.byName.get(name);
      const given = value[name];
      if (slot === undefined || (slot.field.retired && !this.#retired)) {
        this.unknown = true;
        this.keys += countKeys(given);
        continue;
      }
      if (given === null || given === undefined) continue;
      const { field } = slot;
      path.push(name);
      this.#struct = schema;
      this.#field = field;
      reads[slot.index] = this.value(given, field.shape);
      path.pop();
    }
    return structFrom(plan, ({ index }) => reads[index]);
  }

  value(value: unknown, shape: Shape): unknown {
    switch (shape.is) {
      case 'string':
        return typeof value === 'string' ? value : this.#misfit(value);
      case 'bool':
        return typeof value === 'boolean' ? value : this.#misfit(value);
      case 'int32':
        return this.#integer(value, 2 ** 31 - 1);
      case 'int64':
        return this.#integer(value, 2 ** 63); // JSON.parse rounds 2^63-1 to 2^63
      case 'double':
        return typeof value === 'number' ? value : this.#misfit(value);
      case 'object':
        return isFields(value) ? this.struct(value, shape.type) : this.#misfit(value, shortName(shape.type));
      case 'list':
        return this.#list(value, shape.of);
      case 'map':
        return this.#map(value, shape.of);
      case 'any':
        return this.#opaque(value, shape.as);
      case 'intOrString':
        if (typeof value === 'string') return value;
        return this.#integer(value, 2 ** 31 - 1, 'int32');
      case 'quantity':
        return this.#parsed(() => canonicalQuantity(typeof value === 'string' ? value.trim() : JSON.stringify(value)));
      case 'time':
        return this.#text(value, canonicalTime);
      case 'microTime':
        return this.#text(value, canonicalMicroTime);
      case 'duration':
        return this.#text(value, (text) => text);
      case 'bytes':
        break;
    }
    return this.#text(value, canonicalBase64);
  }

  #list(value: unknown, of: Shape): unknown {
    if (!Array.isArray(value)) return this.#misfit(value);
    const field = this.#field;
    const struct = this.#struct;
    const path = this.#path;
    const list: unknown[] = [];
    for (let i = 0; i < value.length; i++) {
      path.push(i);
      this.#field = field;
      this.#struct = struct;
      const item: unknown = value[i];
      list.push(item === null ? zeroOf(of) : this.value(item, of));
      path.pop();
    }
    return list;
  }

  #map(value: unknown, of: Shape): unknown {
    if (!isFields(value)) return this.#misfit(value);
    const field = this.#field;
    const struct = this.#struct;
    const map: Fields = {};
    const names = Object.keys(value);
    this.keys += names.length;
    for (const name of sorted(names)) {
      this.#path.push({ key: name });
      this.#field = field;
      this.#struct = struct;
      const item = value[name];
      setOwn(map, name, item === null ? zeroOf(of) : this.value(item, of));
      this.#path.pop();
    }
    return map;
  }

  #opaque(value: unknown, as: string): unknown {
    if (!as.startsWith('schema')) {
      this.keys += countKeys(value);
      return value;
    }
    // These types read themselves (apiextensions/v1/marshal.go), and strict decoding does not look inside.
    if (isFields(value)) return this.#silent(value);
    if (as === 'schemaOrArray')
      return Array.isArray(value) ? value.map((item) => (isFields(item) ? this.#silent(item) : item)) : null;
    if (as === 'schemaOrBool' && typeof value === 'boolean') return value;
    if (as === 'schemaOrStrings' && Array.isArray(value)) return value;
    throw new UnmarshalError(
      as === 'schemaOrBool' ? 'boolean or JSON schema expected' : 'schema or string array expected',
    );
  }

  #silent(value: Fields): Fields {
    const inner = new Reader(this.#retired);
    const object = inner.struct(value, schemaOf(propsType));
    this.keys += countKeys(value);
    return object;
  }

  #integer(value: unknown, largest: number, goType?: string): unknown {
    if (typeof value !== 'number') return this.#misfit(value, goType);
    if (Number.isInteger(value) && value <= largest && value >= -largest - 1) return value;
    return this.#misfit(value, goType, `number ${value}`);
  }

  #text(value: unknown, canonical: (text: string) => string): unknown {
    if (typeof value !== 'string') return this.#misfit(value, this.#field?.shape.is === 'bytes' ? '[]uint8' : 'string');
    return this.#parsed(() => canonical(value));
  }

  #parsed<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof QuantityError || error instanceof TimeError || error instanceof Base64Error)
        throw new UnmarshalError(error.message, { cause: error });
      throw error;
    }
  }

  #misfit(value: unknown, goType?: string, label = kindOf(value)): never {
    // encoding/json names neither indexes nor keys of maps.
    const names = this.#path.filter((part) => typeof part === 'string').join('.');
    const owner = this.#struct?.name.split('.').at(-1) ?? '';
    throw new UnmarshalError(
      `json: cannot unmarshal ${label} into Go struct field ${owner}.${names} of type ${goType ?? this.#goType()}`,
    );
  }

  /** The type of the value at fault: that of the field, or of its elements within a list or map. */
  #goType(): string {
    let type = this.#field?.goType ?? '';
    for (let i = this.#path.length - 1; typeof this.#path[i] !== 'string' && i >= 0; i--)
      type = type === 'v1.ResourceList' ? 'resource.Quantity' : type.replace(/^(\[\]|map\[string\])/, '');
    return type;
  }
}

const setOwn = (target: Fields, name: string, value: unknown): void => {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
  else target[name] = value;
};

function sorted(names: string[]): string[] {
  for (let i = 1; i < names.length; i++) if ((names[i - 1] ?? '') > (names[i] ?? '')) return names.sort();
  return names;
}
