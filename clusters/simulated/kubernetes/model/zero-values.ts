import type { FieldSchema, Shape, TypeSchema } from './schema.ts';

type Fields = Record<string, unknown>;

export interface Slot {
  readonly index: number;
  readonly field: FieldSchema;
  /** Go leaves the field out when it is empty, or brings it back as null: an empty list or map does not survive protobuf, in which objects are stored. */
  readonly dropsEmpty: boolean;
  /** Written even when it was not given. */
  readonly hasZero: boolean;
}

/** CustomResourceDefinitions are stored as JSON. */
const storedAsJson = /^io\.k8s\.apiextensions/;

/** A struct's fields in order, and by name. */
export interface Plan {
  readonly slots: readonly Slot[];
  readonly byName: ReadonlyMap<string, Slot>;
}

const plans = new WeakMap<TypeSchema, Plan>();

/** The plan of a struct, made once. */
export function planOf(schema: TypeSchema): Plan {
  let plan = plans.get(schema);
  if (plan === undefined) {
    const slots = schema.fields.map((field, index) => ({
      index,
      field,
      dropsEmpty: field.omitEmpty ? !field.pointer : isNullWhenEmpty(field, schema),
      hasZero: !field.omitEmpty && !field.retired,
    }));
    plan = { slots, byName: new Map(slots.map((slot) => [slot.field.name, slot])) };
    plans.set(schema, plan);
  }
  return plan;
}

const isNullWhenEmpty = ({ name, shape }: FieldSchema, schema: TypeSchema): boolean =>
  (shape.is === 'list' || shape.is === 'map') && name !== 'items' && !storedAsJson.test(schema.name);

/**
 * A value of a struct as encoding/json writes it: fields in the order of the struct, empty `omitempty` ones left out, zero values where
 * others were not given. `valueOf` tells what was; undefined and null are nothing. Whoever reads what a client sent and whoever writes what
 * is stored put objects together so.
 */
export function structFrom(plan: Plan, valueOf: (slot: Slot) => unknown): Fields {
  const struct: Fields = {};
  for (const slot of plan.slots) {
    const value = valueOf(slot);
    if (value !== undefined && value !== null && !(slot.dropsEmpty && isEmpty(value))) struct[slot.field.name] = value;
    else if (slot.hasZero) struct[slot.field.name] = slot.field.pointer ? null : zeroOf(slot.field.shape);
  }
  return struct;
}

/** Go's `omitempty`: false, 0, an empty string, list or map. */
function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object' || value === null)
    return value === '' || value === 0 || value === false || value === null;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
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
    case 'object':
      return structFrom(planOf(shape.type), () => undefined);
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
