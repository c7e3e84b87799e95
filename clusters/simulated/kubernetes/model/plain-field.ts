import type { FieldSchema, Shape } from './schema.ts';

/** A field that patching, server-side apply and protobuf know nothing of, but for what `more` says. */
export const plainField = (name: string, shape: Shape, more: Partial<FieldSchema> = {}): FieldSchema => ({
  name,
  shape,
  required: false,
  retired: false,
  pointer: false,
  omitEmpty: true,
  patchStrategy: [],
  listType: 'atomic',
  listMapKeys: [],
  keyDefault: false,
  mapType: 'granular',
  number: 0,
  goType: '',
  ...more,
});
