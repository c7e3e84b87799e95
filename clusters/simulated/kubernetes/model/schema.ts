import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the API's types look like: field names, shapes, and the facts that patching, server-side apply, protobuf and OpenAPI
 * need of them. Names are those of the OpenAPI documents (`io.k8s.api.core.v1.Pod`).
 */
export interface TypeSchema {
  readonly name: string;
  /** In the order of the Go struct, which is the order in which kube-apiserver writes JSON. Inlined structs are dissolved. */
  readonly fields: readonly FieldSchema[];
  /** The fields as protobuf has them, where inlined structs are messages of their own. */
  readonly wire: readonly WireField[];
  /** Server-side apply treats the whole struct as one value (`x-kubernetes-map-type: atomic`). */
  readonly atomic: boolean;
  field(name: string): FieldSchema | undefined;
}

export interface FieldSchema {
  /** The name in JSON. */
  readonly name: string;
  readonly shape: Shape;
  /** Listed as required in OpenAPI. */
  readonly required: boolean;
  /** A field that the release before had: protobuf still reads it, JSON and OpenAPI do not know it. */
  readonly retired: boolean;
  /** A pointer in Go: its zero value is kept, `omitempty` leaves out only what was not given. */
  readonly pointer: boolean;
  /**
   * A value that is missing (or, in a field that is no pointer, zero) is not written. A struct that is no pointer is written in spite
   * of `omitempty`, so this is false for it.
   */
  readonly omitEmpty: boolean;
  /** Strategic merge: `merge`, `replace`, `retainKeys`, in any combination upstream uses. Empty means the default, replace. */
  readonly patchStrategy: readonly string[];
  readonly patchMergeKey?: string;
  /** Server-side apply: how the elements of a list are owned. */
  readonly listType: 'atomic' | 'set' | 'map';
  readonly listMapKeys: readonly string[];
  /** The default `TCP` of a port's protocol, which is part of the port's key. */
  readonly keyDefault: boolean;
  /** Server-side apply: whether a map or struct is one value, because of the field or of its type. */
  readonly mapType: 'granular' | 'atomic';
  /** Field number in protobuf, 0 when the field is not on the wire. */
  readonly number: number;
  /** The Go type as errors of decoding print it: `int32`, `v1.PullPolicy`, `[]v1.Container`. */
  readonly goType: string;
}

/** A field of a protobuf message: a plain one, or a struct whose fields JSON inlines. */
export type WireField =
  | { readonly number: number; readonly field: FieldSchema; readonly inlined?: never }
  | { readonly number: number; readonly inlined: TypeSchema; readonly field?: never };

export type Shape =
  | { readonly is: Scalar }
  /** Whatever JSON there is; `as` says how protobuf holds it. */
  | { readonly is: 'any'; readonly as: Opaque }
  | { readonly is: 'object'; readonly type: TypeSchema }
  /** `message`: protobuf wraps the list in a message of its own. */
  | { readonly is: 'list'; readonly of: Shape; readonly message: boolean }
  | { readonly is: 'map'; readonly of: Shape };

/**
 * `bytes` is base64 in JSON; `time` is RFC 3339 in seconds, `microTime` in microseconds; `duration` is Go's (`1m0s`);
 * `quantity` is a string, `intOrString` either.
 */
export type Scalar =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'quantity'
  | 'intOrString';

export type Opaque = 'rawExtension' | 'json' | 'fieldsV1' | 'schemaOrArray' | 'schemaOrBool' | 'schemaOrStrings';

/** generated/schema.json: one line a field, in the form of generate/fact-lines.ts. */
const table = JSON.parse(readFileSync(join(import.meta.dirname, 'generated', 'schema.json'), 'utf8')) as Readonly<
  Record<string, readonly string[]>
>;
const built = new Map<string, TypeSchema>();

/** The schema of a type by its OpenAPI name; throws for one that the API does not have. Cheap: built when first asked for, then shared. */
export function schemaOf(type: string): TypeSchema {
  const found = built.get(type);
  if (found !== undefined) return found;
  const lines = Object.hasOwn(table, type) ? table[type] : undefined;
  if (lines === undefined) throw new Error(`the model has no type ${type}`);
  const schema = new TableType(type, lines);
  built.set(type, schema);
  return schema;
}

/** Whether `schemaOf` knows the type. */
export const hasSchema = (type: string): boolean => Object.hasOwn(table, type);

/** Every type of the model by its OpenAPI name, in alphabetical order. */
export const typeNames = (): string[] => Object.keys(table);

class TableType implements TypeSchema {
  readonly name: string;
  readonly atomic: boolean;
  readonly #lines: readonly string[];
  #wire: readonly WireField[] | undefined;
  #fields: readonly FieldSchema[] | undefined;
  #byName: Map<string, FieldSchema> | undefined;

  constructor(name: string, lines: readonly string[]) {
    this.name = name;
    this.atomic = lines[0] === 'atomic';
    this.#lines = this.atomic ? lines.slice(1) : lines;
  }

  get wire(): readonly WireField[] {
    return (this.#wire ??= this.#lines.map(readLine));
  }

  get fields(): readonly FieldSchema[] {
    return (this.#fields ??= this.wire.flatMap((part) =>
      part.inlined === undefined ? [part.field] : part.inlined.fields,
    ));
  }

  field(name: string): FieldSchema | undefined {
    this.#byName ??= new Map(this.fields.map((field) => [field.name, field]));
    return this.#byName.get(name);
  }
}

function readLine(line: string): WireField {
  const [label = '', kind = '', flags = '', digits = '', strategy = '-', mergeKey = '-', listType = '-', keys = ''] =
    line.split(' ');
  const number = Number(digits);
  const pointer = kind.startsWith('*');
  const target = pointer ? kind.slice(1) : kind;
  if (label.startsWith('~')) return { number, inlined: schemaOf(target) };
  const shape = shapeOf(target);
  const struct = !pointer && /^(object|any|time|microTime|duration|quantity|intOrString)$/.test(shape.is);
  const field: FieldSchema = {
    name: label,
    shape,
    required: flags.includes('r'),
    retired: flags.includes('x'),
    pointer,
    omitEmpty: flags.includes('z') || (flags.includes('o') && !struct),
    patchStrategy: strategy === '-' ? [] : strategy.split(','),
    ...(mergeKey === '-' ? {} : { patchMergeKey: mergeKey }),
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    listMapKeys: keys === '' ? [] : keys.split(','),
    keyDefault: label === 'protocol' && kind === 'string<v1.Protocol>' && flags === 'o' && number !== 3,
    mapType:
      shape.is !== 'list' && (listType === 'atomic' || (shape.is === 'object' && shape.type.atomic))
        ? 'atomic'
        : 'granular',
    number,
    goType: goTypeOf(target),
  };
  return { number, field };
}

const opaque: ReadonlySet<string> = new Set<Opaque>([
  'rawExtension',
  'json',
  'fieldsV1',
  'schemaOrArray',
  'schemaOrBool',
  'schemaOrStrings',
]);
const shapes = new Map<string, Shape>();

/** Shapes are shared: `[]string` is one object however many fields have it. */
function shapeOf(kind: string): Shape {
  const plain = kind.replace(/<[^<>]*>$/, '').replace(/^\*/, '');
  const known = shapes.get(plain);
  if (known !== undefined) return known;
  const shape = makeShape(plain);
  shapes.set(plain, shape);
  return shape;
}

function makeShape(kind: string): Shape {
  if (kind.startsWith('[]')) return { is: 'list', of: shapeOf(kind.slice(2)), message: false };
  if (kind.startsWith('()')) return { is: 'list', of: shapeOf(kind.slice(2)), message: true };
  if (kind.startsWith('{}')) return { is: 'map', of: shapeOf(kind.slice(2)) };
  if (kind.includes('.')) return { is: 'object', type: schemaOf(kind) };
  return opaque.has(kind) ? { is: 'any', as: kind as Opaque } : { is: kind as Scalar };
}

const goNames: Readonly<Record<string, string>> = {
  double: 'float64',
  bytes: '[]uint8',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  rawExtension: 'runtime.RawExtension',
  fieldsV1: 'v1.FieldsV1',
};

/** A name in angle brackets belongs to the innermost scalar, except where the map itself is the named type. */
function goTypeOf(kind: string): string {
  const named = /<([^<>]*)>$/.exec(kind)?.[1];
  if (named === 'v1.ResourceList') return named;
  if (kind.startsWith('{}')) return `map[string]${goTypeOf(kind.slice(2))}`;
  if (kind.startsWith('[]')) return `[]${goTypeOf(kind.slice(2))}`;
  if (kind.startsWith('*')) return `*${goTypeOf(kind.slice(1))}`;
  if (named !== undefined) return named;
  if (kind.includes('.')) return kind.split('.').slice(-2).join('.');
  return goNames[kind] ?? kind;
}
