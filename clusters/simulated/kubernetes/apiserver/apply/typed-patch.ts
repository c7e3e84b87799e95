import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { emptySet, insert, type FieldSet } from './field-set.ts';
import { isFields, keyElement, ownershipOf, ownershipWithin, UNOWNED_METADATA, valueElement } from './field-schema.ts';
import type { Ownership } from './ownership.ts';

/** Every path that an applied configuration speaks of (structured-merge-diff typed/tofieldset.go). */
export function fieldsOf(object: KubeObject, row: Resource, owned: (field: string) => boolean): FieldSet {
  const set = emptySet();
  for (const [field, value] of Object.entries(object)) {
    if (field === 'apiVersion' || field === 'kind' || !owned(field)) continue;
    const ownership = ownershipOf(row, field);
    if (!ownership) continue;
    if (field !== 'metadata') collect(value, ownership, [`f:${field}`], set);
    else {
      for (const [name, part] of Object.entries(object.metadata)) {
        const within = UNOWNED_METADATA.has(name) ? undefined : ownershipWithin(ownership, name);
        if (within) collect(part, within, ['f:metadata', `f:${name}`], set);
      }
    }
  }
  return set;
}

function collect(value: unknown, ownership: Ownership, path: string[], set: FieldSet): void {
  switch (ownership.by) {
    case 'whole':
      insert(set, path);
      return;
    case 'deduction':
    case 'fields':
    case 'entries':
      if (!isFields(value) || Object.keys(value).length === 0) {
        insert(set, path);
        return;
      }
      for (const [name, part] of Object.entries(value)) {
        const within = ownershipWithin(ownership, name);
        if (within) collect(part, within, [...path, `f:${name}`], set);
      }
      return;
    case 'elements':
      if (!Array.isArray(value) || value.length === 0) insert(set, path);
      else for (const item of value) insert(set, [...path, valueElement(item)]);
      return;
    case 'keys':
      if (!Array.isArray(value) || value.length === 0) {
        insert(set, path);
        return;
      }
      for (const item of value) {
        const within = [...path, keyElement(item as Record<string, unknown>, ownership.keys)];
        insert(set, within);
        collect(item, ownership.of, within, set);
      }
  }
}
