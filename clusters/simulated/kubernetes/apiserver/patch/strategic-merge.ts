import { textOf } from '../encode/json.ts';
import type { FieldSchema, Shape, TypeSchema } from '../../model/schema.ts';
import { ApiError, badRequest } from '../../status.ts';
import { equal } from '../registry/equality.ts';

type Fields = Record<string, unknown>;

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER = '$setElementOrder/';

/**
 * Strategic merge patch (apimachinery/pkg/util/strategicpatch/patch.go, StrategicMergeMapPatch): maps merge, lists merge by their key
 * where the schema says so, `$` directives delete, replace, keep and order. Neither argument is changed; parts are shared.
 */
export function strategicMerge(original: Fields, patch: Fields, schema: TypeSchema): Fields {
  return mergeFields(original, patch, schema);
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema is undefined inside maps and untyped values, where every list is replaced. */
function mergeFields(original: Fields, patch: Fields, schema: TypeSchema | undefined): Fields {
  const directive = patch[DIRECTIVE];
  if (directive !== undefined) {
    if (directive === 'replace') {
      const { [DIRECTIVE]: _, ...rest } = patch;
      return rest;
    }
    if (directive === 'delete') return {};
    if (directive !== 'merge') {
      throw new ApiError(500, '', `unknown patch type found in map: ${JSON.stringify(patch)}`);
    }
  }
  const merged = retain({ ...original }, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(ELEMENT_ORDER)) continue;
    if (key.startsWith(DELETE_FROM)) {
      const field = key.slice(DELETE_FROM.length);
      const list = merged[field];
      if (!Array.isArray(value)) throw badRequest('invalid patch format of primitive list');
      if (Array.isArray(list)) merged[field] = list.filter((item) => !value.some((gone) => equal(gone, item)));
      continue;
    }
    if (value === null) {
      delete merged[key];
      continue;
    }
    const field = schema?.field(key);
    merged[key] = mergeValue(merged[key], value, field?.shape, field);
  }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(ELEMENT_ORDER)) continue;
    if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list');
    const name = key.slice(ELEMENT_ORDER.length);
    const list = merged[name];
    if (!Array.isArray(list)) continue;
    const before = Array.isArray(original[name]) ? original[name] : [];
    merged[name] = inOrder(list, order, before, schema?.field(name)?.patchMergeKey);
  }
  return merged;
}

function retain(merged: Fields, patch: Fields): Fields {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return merged;
  if (!Array.isArray(keys)) throw badRequest('invalid patch format of retainKeys');
  for (const key of Object.keys(patch)) {
    if (key.startsWith('$') || patch[key] === null) continue;
    if (!keys.includes(key)) unprocessable();
  }
  for (const key of Object.keys(merged)) if (!keys.includes(key)) delete merged[key];
  return merged;
}

/** NewGenericServerResponse(422): the cause itself is not shown to the client. */
export function unprocessable(): never {
  throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

function mergeValue(
  original: unknown,
  patch: unknown,
  shape: Shape | undefined,
  field: FieldSchema | undefined,
): unknown {
  if (isFields(patch)) {
    if (!isFields(original)) return withoutDirectives(patch);
    if (field?.patchStrategy.includes('replace')) return withoutDirectives(patch);
    return mergeFields(original, patch, schemaWithin(shape));
  }
  if (Array.isArray(patch)) {
    if (!Array.isArray(original)) return withoutDirectives(patch);
    if (!field?.patchStrategy.includes('merge')) return withoutDirectives(patch);
    const items = shape?.is === 'list' ? schemaWithin(shape.of) : undefined;
    return mergeLists(original, patch, items, field.patchMergeKey);
  }
  return patch;
}

const schemaWithin = (shape: Shape | undefined): TypeSchema | undefined =>
  shape?.is === 'object' ? shape.type : undefined;

function mergeLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  schema: TypeSchema | undefined,
  mergeKey: string | undefined,
): unknown[] {
  if (patch.some(Array.isArray) || original.some(Array.isArray)) unprocessable();
  if (mergeKey === undefined || !patch.every(isFields)) {
    const merged = [...original];
    for (const item of patch) if (!merged.some((known) => equal(known, item))) merged.push(item);
    return merged;
  }
  const keyOf = (item: Fields): unknown => {
    if (item[mergeKey] === undefined) {
      throw new ApiError(500, '', `map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`);
    }
    return item[mergeKey];
  };
  if (patch.some((item) => item[DIRECTIVE] === 'replace')) {
    return patch.filter((item) => item[DIRECTIVE] === undefined).map(withoutDirectives);
  }
  let merged = original.slice();
  for (const item of patch) {
    if (item[DIRECTIVE] !== 'delete') continue;
    const key = keyOf(item);
    merged = merged.filter((known) => !(isFields(known) && equal(known[mergeKey], key)));
  }
  for (const item of patch) {
    const directive = item[DIRECTIVE];
    if (directive === 'delete') continue;
    if (directive !== undefined && directive !== 'merge') {
      throw new ApiError(500, '', `unknown patch type found in list: ${textOf(directive)}`);
    }
    const key = keyOf(item);
    const at = merged.findIndex((known) => isFields(known) && equal(known[mergeKey], key));
    if (at < 0) merged.push(withoutDirectives(item));
    else merged[at] = mergeFields(merged[at] as Fields, item, schema);
  }
  return merged;
}

/**
 * Sorts by a `$setElementOrder` list. Items that only the server has are woven in by their old neighbours
 * (normalizeElementOrder and mergeSortedSlice).
 */
function inOrder(
  list: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const identity = (item: unknown): unknown => (mergeKey !== undefined && isFields(item) ? item[mergeKey] : item);
  const place = (items: readonly unknown[], item: unknown): number => {
    const id = identity(item);
    return items.findIndex((other) => equal(identity(other), id));
  };
  const named = list.filter((item) => place(order, item) >= 0).sort((a, b) => place(order, a) - place(order, b));
  const serverOnly = list.filter((item) => place(order, item) < 0);
  const woven: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < named.length || j < serverOnly.length) {
    if (j >= serverOnly.length) woven.push(named[i++]);
    else if (i >= named.length) woven.push(serverOnly[j++]);
    else {
      const left = place(before, named[i]);
      const right = place(before, serverOnly[j]);
      woven.push(left >= 0 && right >= 0 && left < right ? named[i++] : serverOnly[j++]);
    }
  }
  return woven;
}

/** A patch value that meets nothing to merge with: nulls and directives say nothing then (dropDirectives, discardNullValuesFromPatch). */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !(isFields(item) && item[DIRECTIVE] !== undefined && item[DIRECTIVE] !== 'merge'))
      .map(withoutDirectives);
  }
  if (!isFields(value)) return value;
  const kept: Fields = {};
  for (const [key, part] of Object.entries(value)) {
    const directive =
      key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(DELETE_FROM) || key.startsWith(ELEMENT_ORDER);
    if (!directive && part !== null) kept[key] = withoutDirectives(part);
  }
  return kept;
}

/** A map as Go's `%+v` prints it. */
export function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`;
  if (value === null) return '<nil>';
  if (!isFields(value)) return textOf(value);
  const entries = Object.keys(value).sort();
  return `map[${entries.map((key) => `${key}:${goMap(value[key])}`).join(' ')}]`;
}
