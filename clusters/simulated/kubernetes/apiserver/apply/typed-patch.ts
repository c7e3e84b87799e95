import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Shape } from '../../model/schema.ts';
import { emptySet, insert, pathText, type FieldSet } from './field-set.ts';
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

/**
 * What a configuration says that its schema does not allow, in structured-merge-diff's words (typed/validate.go); empty when it fits.
 * Only shapes are looked at: values are validated with the merged object.
 */
export function misfits(object: KubeObject, row: Resource): string[] {
  const found: string[] = [];
  if (row.type === '') return found;
  for (const [field, value] of Object.entries(object)) {
    if (field === 'apiVersion' || field === 'kind') continue;
    const ownership = ownershipOf(row, field);
    if (ownership) inspect(value, ownership, undefined, [`f:${field}`], found);
    else found.push(`.${field}: field not declared in schema`);
  }
  return found;
}

function inspect(
  value: unknown,
  ownership: Ownership,
  shape: Shape | undefined,
  path: string[],
  found: string[],
): void {
  if (value === null || value === undefined) return;
  const misfit = (expected: string): void =>
    void found.push(`${pathText(path)}: expected ${expected}, got ${JSON.stringify(value)}`);
  switch (ownership.by) {
    case 'fields':
      if (!isFields(value)) {
        misfit('map');
        return;
      }
      for (const [name, part] of Object.entries(value)) {
        const field = ownership.schema.field(name);
        const within = ownershipWithin(ownership, name);
        if (!field || !within) found.push(`${pathText([...path, `f:${name}`])}: field not declared in schema`);
        else inspect(part, within, field.shape, [...path, `f:${name}`], found);
      }
      return;
    case 'entries':
      if (!isFields(value)) {
        misfit('map');
        return;
      }
      for (const [name, part] of Object.entries(value))
        inspect(part, ownership.of, undefined, [...path, `f:${name}`], found);
      return;
    case 'elements':
    case 'keys': {
      if (!Array.isArray(value)) {
        misfit('list');
        return;
      }
      const seen = new Set<string>();
      for (const item of value) {
        if (ownership.by === 'keys' && !isFields(item)) {
          found.push(
            `${pathText(path)}: element ${seen.size}: associative list with keys may not have non-map elements`,
          );
          continue;
        }
        const element =
          ownership.by === 'keys' ? keyElement(item as Record<string, unknown>, ownership.keys) : valueElement(item);
        if (seen.has(element)) {
          found.push(`${pathText(path)}: duplicate entries for key ${pathText([element])}`);
        }
        seen.add(element);
        if (ownership.by === 'keys') inspect(item, ownership.of, undefined, [...path, element], found);
      }
      return;
    }
    case 'whole':
      inspectScalar(value, shape, misfit);
      return;
    case 'deduction':
  }
}

function inspectScalar(value: unknown, shape: Shape | undefined, misfit: (expected: string) => void): void {
  switch (shape?.is) {
    case 'string':
    case 'bytes':
    case 'time':
    case 'microTime':
      if (typeof value !== 'string') misfit('string');
      return;
    case 'bool':
      if (typeof value !== 'boolean') misfit('boolean');
      return;
    case 'int32':
    case 'int64':
    case 'double':
      if (typeof value !== 'number') misfit('numeric (int or float)');
      return;
    case 'list':
      if (!Array.isArray(value)) misfit('list');
      return;
    default:
  }
}
