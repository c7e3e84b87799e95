import { schemaOf, type FieldSchema, type Shape, type TypeSchema } from '../../model/schema.ts';
import type { Resource } from '../../resources/resource.ts';
import { ownershipOfJson } from './json-ownership.ts';
import type { Ownership } from './ownership.ts';

const WHOLE: Ownership = { by: 'whole' };
const DEDUCED: Ownership = { by: 'deduction' };

/** Types that are atomic wherever they stand (`x-kubernetes-map-type: atomic` on the type) and appear as items of keyed lists. */
const ATOMIC_TYPES = /\.(OwnerReference|LocalObjectReference|ObjectReference|TypedLocalObjectReference|LabelSelector)$/;

const fields = new WeakMap<FieldSchema, Ownership>();
const types = new WeakMap<TypeSchema, Ownership>();

export function ownershipOfField(field: FieldSchema): Ownership {
  let known = fields.get(field);
  if (!known) {
    known = ofField(field);
    fields.set(field, known);
  }
  return known;
}

function ofField(field: FieldSchema): Ownership {
  const { shape } = field;
  if (shape.is === 'list') {
    if (field.listType === 'set') return { by: 'elements' };
    if (field.listType === 'map') return { by: 'keys', keys: field.listMapKeys, of: ofShape(shape.of) };
    return WHOLE;
  }
  return field.mapType === 'atomic' ? WHOLE : ofShape(shape);
}

function ofShape(shape: Shape): Ownership {
  if (shape.is === 'object') {
    if (ATOMIC_TYPES.test(shape.type.name)) return WHOLE;
    let known = types.get(shape.type);
    if (!known) {
      known = { by: 'fields', schema: shape.type };
      types.set(shape.type, known);
    }
    return known;
  }
  return shape.is === 'map' ? { by: 'entries', of: ofShape(shape.of) } : WHOLE;
}

/** How the fields of an object of this row are owned; metadata is typed even where the rest is not. */
export function ownershipOf(row: Resource, field: string): Ownership | undefined {
  if (row.type === '') {
    if (field === 'metadata') return META();
    return ownershipWithin(row.schema ? ownershipOfJson(row.schema) : DEDUCED, field);
  }
  const schema = schemaOf(row.type).field(field);
  return schema && ownershipOfField(schema);
}

const META = (): Ownership => {
  const schema = schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  let known = types.get(schema);
  if (!known) {
    known = { by: 'fields', schema };
    types.set(schema, known);
  }
  return known;
};

/** The ownership of one member of a value that is owned by its parts; undefined for a field that the schema does not have. */
export function ownershipWithin(parent: Ownership, name: string): Ownership | undefined {
  switch (parent.by) {
    case 'fields': {
      const field = parent.schema.field(name);
      return field && ownershipOfField(field);
    }
    case 'entries':
      return parent.of;
    case 'deduction':
      return parent.within?.(name) ?? DEDUCED;
    default:
      return undefined; // whole values and lists have no fields
  }
}

/** `k:{"name":"web"}`; a port without protocol is a TCP port, as its key's default says. */
export function keyElement(item: Readonly<Record<string, unknown>>, keys: readonly string[]): string {
  const key: Record<string, unknown> = {};
  for (const name of keys.toSorted()) key[name] = item[name] ?? (name === 'protocol' ? 'TCP' : null);
  return `k:${JSON.stringify(key)}`;
}

export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`;

export const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Metadata that nobody owns (fieldmanager/internal/stripmeta.go). */
export const UNOWNED_METADATA: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]);
