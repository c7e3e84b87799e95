import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { schemaOf, type Shape, type TypeSchema } from '../../model/schema.ts';
import { planOf, structFrom } from '../../model/zero-values.ts';

type Fields = Record<string, unknown>;

/**
 * The object as kube-apiserver writes it: fields in the order of the Go struct, maps sorted, empty values left out where the Go
 * field says `omitempty` and written where it does not (`status: {}`, `divisor: "0"`). Unlike `toTyped` it trusts its values: they are the
 * server's own by now, and what does not differ is taken over, not copied.
 * Custom resources are maps in Go: every field sorted.
 */
export function canonical(object: KubeObject, row: Resource): KubeObject {
  if (row.type === '') {
    const { apiVersion, kind, metadata, ...rest } = object;
    return sortedDeep({
      apiVersion,
      kind,
      ...rest,
      metadata: orderedMeta(metadata as unknown as Fields),
    }) as KubeObject;
  }
  const { apiVersion, kind, ...rest } = object;
  return { kind, apiVersion, ...orderStruct(rest, schemaOf(row.type)) } as unknown as KubeObject;
}

/** The order of the fields in Go's ObjectMeta, for objects without a schema. */
function orderedMeta(meta: Fields): Fields {
  return orderStruct(meta, schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'));
}

const orderStruct = (value: Fields, schema: TypeSchema): Fields =>
  structFrom(planOf(schema), ({ field: { name, shape } }) => orderValue(value[name], shape));

function orderValue(value: unknown, shape: Shape): unknown {
  if (value === undefined || value === null) return value;
  switch (shape.is) {
    case 'object':
      return isFields(value) ? orderStruct(value, shape.type) : value;
    case 'list':
      // Frozen ones were stored before (managedFields that nobody touched), or settled since.
      if (Object.isFrozen(value)) return value;
      return Array.isArray(value) && !isScalar(shape.of) ? value.map((item) => orderValue(item, shape.of)) : value;
    case 'map':
      return isFields(value) ? orderMap(value, shape.of) : value;
    default:
      return value;
  }
}

function orderMap(value: Fields, of: Shape): Fields {
  const keys = Object.keys(value);
  const scalar = isScalar(of);
  if (scalar && isSorted(keys)) return value;
  const ordered: Fields = {};
  for (const key of keys.sort()) ordered[key] = scalar ? value[key] : orderValue(value[key], of);
  return ordered;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (shape: Shape): boolean => shape.is !== 'object' && shape.is !== 'list' && shape.is !== 'map';

function isSorted(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) if (keys[i - 1]! > keys[i]!) return false;
  return true;
}

function sortedDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedDeep);
  if (!isFields(value)) return value;
  const sorted: Fields = {};
  for (const key of Object.keys(value).sort()) if (value[key] !== undefined) sorted[key] = sortedDeep(value[key]);
  return sorted;
}

/** The object that `New()` of the kind makes: what is there before a client says anything. Server-side tracking compares a create with it. */
export function emptyOf(row: Resource): KubeObject {
  let empty = empties.get(row);
  if (!empty) {
    const blank = { kind: row.kind, apiVersion: '', metadata: { name: '' } };
    empty =
      row.type === ''
        ? canonical(blank, row)
        : ({ ...blank, ...emptyStruct(schemaOf(row.type)) } as unknown as KubeObject);
    empties.set(row, empty);
  }
  return empty;
}

/** Lists and maps without `omitempty` are there too, as null in Go: filling one does not add it. */
function emptyStruct(schema: TypeSchema): Fields {
  const empty: Fields = {};
  for (const { name, shape, omitEmpty, pointer } of schema.fields) {
    if (omitEmpty || pointer) continue;
    if (shape.is === 'object') empty[name] = emptyStruct(shape.type);
    else if (shape.is === 'list') empty[name] = [];
    else if (shape.is === 'map') empty[name] = {};
  }
  return empty;
}

const empties = new WeakMap<Resource, KubeObject>();
