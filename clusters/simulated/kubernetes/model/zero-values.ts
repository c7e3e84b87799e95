import type { FieldSchema, Shape, TypeSchema } from './schema.ts';

type Fields = Record<string, unknown>;

export interface Slot {
  readonly index: number;
  readonly field: FieldSchema;
  /** An empty list or map does not survive protobuf, in which objects are stored: it comes back as null. */
  readonly emptyIsNull: boolean;
}

/** CustomResourceDefinitions are stored as JSON. */
const storedAsJson = /^io\.k8s\.apiextensions/;

/** A struct's fields by name, and those that are written even when they were not given. */
export interface Plan {
  readonly byName: ReadonlyMap<string, Slot>;
  readonly zeros: readonly Slot[];
}

const plans = new WeakMap<TypeSchema, Plan>();

/** The plan of a struct, made once. */
export function planOf(schema: TypeSchema): Plan {
  let plan = plans.get(schema);
  if (plan === undefined) {
    const slots = schema.fields.map((field, index) => ({
      index,
      field,
      emptyIsNull:
        (field.shape.is === 'list' || field.shape.is === 'map') &&
        !field.omitEmpty &&
        field.name !== 'items' &&
        !storedAsJson.test(schema.name),
    }));
    plan = {
      byName: new Map(slots.map((slot) => [slot.field.name, slot])),
      zeros: slots.filter(({ field }) => !field.omitEmpty && !field.retired),
    };
    plans.set(schema, plan);
  }
  return plan;
}

/** Go's `omitempty`: false, 0, an empty string, list or map. */
export function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null)
    return value === '' || value === 0 || value === false || value === null;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

/** Writes a field that was not given, where Go would. */
export function writeZero(target: Fields, field: FieldSchema | undefined): void {
  if (field !== undefined) target[field.name] = field.pointer ? null : zeroOf(field.shape);
}

/** What Go writes for a value that was never set. */
export function zeroOf(shape: Shape): unknown {
  switch (shape.is) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'duration':
      return '0s';
    case 'object': {
      const struct: Fields = {};
      for (const { field } of planOf(shape.type).zeros) writeZero(struct, field);
      return struct;
    }
    case 'list':
    case 'map':
    case 'any':
    case 'bytes':
    case 'time':
    case 'microTime':
      break;
  }
  return null;
}
