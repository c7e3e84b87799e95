import type { FieldSchema, Shape, TypeSchema } from '../../model/schema.ts';
import { badPatch, goMap, unprocessable, wrongType } from './patch-errors.ts';
import { inOrder, orderFor } from './element-order.ts';

type Fields = Record<string, unknown>;

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList';
const ELEMENT_ORDER = '$setElementOrder';

/**
 * Strategic merge patch (apimachinery/pkg/util/strategicpatch/patch.go, StrategicMergeMapPatch): maps merge, lists merge by their key
 * where the schema says so, `$` directives delete, replace, keep and order. Neither argument is changed; parts are shared.
 * Throws `ApiError` as handlers/patch.go interpretStrategicMergePatchError does: 400 for malformed directives, 422 for lists of lists, 500
 * for the rest.
 */
export const strategicMerge = (original: Fields, patch: Fields, schema: TypeSchema): Fields =>
  mergeFields(original, patch, { is: 'object', type: schema });

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `parent` is the type of both. Only structs have patch metadata: a map or list within a map cannot be merged. */
function mergeFields(original: Fields, patch: Fields, parent: Shape | undefined): Fields {
  if (Object.hasOwn(patch, DIRECTIVE)) return obey(patch);
  const { [RETAIN_KEYS]: kept, ...wanted } = patch;
  const merged = Object.hasOwn(patch, RETAIN_KEYS) ? retain(original, wanted, kept) : { ...original };
  const ordered = mergeOrdered(merged, wanted, parent);
  for (const [name, value] of Object.entries(wanted)) {
    if (ordered.has(name)) continue;
    const deleting = name.startsWith(DELETE_FROM);
    const key = deleting ? directiveTarget(name, DELETE_FROM, 'primitive list') : name;
    if (value === null) {
      delete merged[key];
      continue;
    }
    const known = merged[key];
    if (isFields(known) && isFields(value)) merged[key] = mergeStruct(known, value, fieldOf(parent, key));
    else if (Array.isArray(known) && Array.isArray(value)) {
      merged[key] = mergeSlice(known, value, fieldOf(parent, key), deleting);
    } else if (!deleting || isScalarOfSameType(known, value)) take(merged, key, value);
  }
  return merged;
}

/** `$patch: replace` takes the patch as it is, `$patch: delete` leaves an empty map (handleDirectiveInMergeMap). */
function obey(patch: Fields): Fields {
  const { [DIRECTIVE]: directive, ...rest } = patch;
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw badPatch(`unknown patch type: ${goMap(directive)} in map: ${goMap(patch)}`);
}

/** Keeps what `$retainKeys` names; all that the patch sets has to be among it (applyRetainKeysDirective). */
function retain(original: Fields, patch: Fields, keys: unknown): Fields {
  if (!Array.isArray(keys)) throw badPatch('invalid patch format of retainKeys', 400);
  const names = new Set<unknown>(keys);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(DELETE_FROM) || key.startsWith(ELEMENT_ORDER)) continue;
    if (!names.has(key)) throw badPatch('invalid patch format of retainKeys', 400);
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => names.has(key)));
}

/**
 * Merges and orders the lists that have a `$setElementOrder` (mergePatchIntoOriginal): its order comes before that of the patch, and that
 * before the live one's. Returns the keys of the patch that are done with.
 */
function mergeOrdered(merged: Fields, patch: Fields, parent: Shape | undefined): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(ELEMENT_ORDER)) continue;
    done.add(name);
    if (!Array.isArray(order)) throw wrongType('[]interface {}', order);
    const key = directiveTarget(name, ELEMENT_ORDER, 'setElementOrder list');
    const [live, added] = [listAt(merged, key), listAt(patch, key)];
    const field = fieldOf(parent, key);
    const mergeKey = field.patchMergeKey;
    if (added && order.length > 0) checkOrder(added, order, mergeKey);
    if (!live && !added) continue;
    const whole = live && added ? mergeSlice(live, added, field, false) : (live ?? withoutDirectives(added!));
    elementType(live ?? [], added ?? []);
    merged[key] = inOrder(whole, order, live ?? [], mergeKey);
    done.add(key);
  }
  return done;
}

function listAt(fields: Fields, key: string): unknown[] | undefined {
  const value = fields[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType('[]interface {}', value);
  return value;
}

/** The patch has to name its elements in the order's order, and none that it lacks (validatePatchWithSetOrderList). */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): void {
  const named = mergeKey === undefined ? patch : patch.filter((item) => !isDirective(item));
  const placeOf = orderFor(order, mergeKey);
  let last = -1;
  for (const item of named) {
    const place = placeOf(item);
    if (place <= last) {
      throw badPatch(
        `The order in patch list:\n${goMap(patch)}\n doesn't match ${ELEMENT_ORDER} list:\n${goMap(order)}\n`,
      );
    }
    last = place;
  }
}

const isDirective = (item: unknown): boolean => isFields(item) && Object.hasOwn(item, DIRECTIVE);

/** `containers` of `$setElementOrder/containers` (extractKey). */
function directiveTarget(name: string, prefix: string, what: string): string {
  const slash = name.indexOf('/');
  if (slash < 0 || name.slice(0, slash) !== prefix) throw badPatch(`invalid patch format of ${what}`, 400);
  return name.slice(slash + 1);
}

/** Sets what meets nothing of its type: nulls within say nothing then, and objects that carry `$patch` are left out. */
function take(merged: Fields, key: string, value: unknown): void {
  if (isDirective(value)) delete merged[key];
  else merged[key] = withoutDirectives(withoutNulls(value));
}

/** discardNullValuesFromPatch */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isFields(value) ? mapFields(value, (part) => part !== null, withoutNulls) : value;
}

/** removeDirectives: only `$patch` is one here. */
function withoutDirectives<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.filter((item) => !isDirective(item)).map(withoutDirectives) as Value;
  if (!isFields(value)) return value;
  return mapFields(value, (part) => !isDirective(part), withoutDirectives) as Value;
}

function mapFields(fields: Fields, keep: (part: unknown) => boolean, change: (part: unknown) => unknown): Fields {
  const kept = Object.entries(fields).filter(([, part]) => keep(part));
  return Object.fromEntries(kept.map(([key, part]) => [key, change(part)]));
}

const isScalarOfSameType = (a: unknown, b: unknown): boolean =>
  typeof a === typeof b && typeof a !== 'object' && a !== undefined;

function mergeStruct(original: Fields, patch: Fields, field: FieldSchema): Fields {
  return field.patchStrategy.includes('replace') ? patch : mergeFields(original, patch, field.shape);
}

/** The patch metadata of a member (third_party/forked/golang/json LookupPatchMetadataForStruct). */
function fieldOf(parent: Shape | undefined, name: string): FieldSchema {
  if (parent?.is !== 'object') {
    throw badPatch(`merging an object in json but data type is not struct, instead is: ${parent?.is ?? 'interface'}`);
  }
  const field = parent.type.field(name);
  if (field) return field;
  const struct = parent.type.name.split('.').at(-1) ?? '';
  throw badPatch(`unable to find api field in struct ${struct} for the json field ${JSON.stringify(name)}`);
}

/** mergeSliceHandler, mergeSlice */
function mergeSlice(
  original: readonly unknown[],
  patch: readonly unknown[],
  field: FieldSchema,
  deleting: boolean,
): readonly unknown[] {
  if (!field.patchStrategy.includes('merge') && !deleting) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  const mergeKey = field.patchMergeKey;
  if (elementType(original, patch) !== 'map') {
    if (deleting) return original.filter((item) => !patch.includes(item));
    return inOrder([...new Set([...original, ...patch])], patch, original, undefined);
  }
  if (mergeKey === undefined) throw badPatch('cannot merge lists without merge key for map');
  const special = followDirectives(original as Fields[], patch as Fields[], mergeKey);
  const merged = mergeByKey(special.original, special.patch, mergeKey, field.shape);
  return inOrder(merged, special.patch, special.original, mergeKey);
}

/** Takes out what `$patch` elements delete or replace (mergeSliceWithSpecialElements). */
function followDirectives(original: readonly Fields[], patch: readonly Fields[], mergeKey: string) {
  const gone = new Set<unknown>();
  let replacing = false;
  for (const item of patch) {
    if (!isDirective(item)) continue;
    const directive = item[DIRECTIVE];
    if (directive === 'delete') gone.add(keyOf(item, mergeKey));
    else if (directive === 'replace') replacing = true;
    else if (directive === 'merge') throw badPatch('merging lists cannot yet be specified in the patch');
    else throw badPatch(`unknown patch type: ${goMap(directive)} in map: ${goMap(item)}`);
  }
  const rest = patch.filter((item) => !isDirective(item));
  if (replacing) return { original: rest, patch: [] };
  return { original: original.filter((item) => !gone.has(item[mergeKey])), patch: rest };
}

/** Merges elements of the same key and appends the others (mergeSliceWithoutSpecialElements). */
function mergeByKey(original: readonly Fields[], patch: readonly Fields[], mergeKey: string, list: Shape): Fields[] {
  const of = list.is === 'list' ? list.of : undefined;
  const merged = [...original];
  const places = new Map<unknown, number>();
  for (const [at, item] of merged.entries()) if (!places.has(item[mergeKey])) places.set(item[mergeKey], at);
  for (const item of patch) {
    const key = keyOf(item, mergeKey);
    const at = places.get(key);
    if (at === undefined) {
      places.set(key, merged.length);
      merged.push(item);
    } else merged[at] = mergeFields(merged[at]!, item, of);
  }
  return merged;
}

function keyOf(item: Fields, mergeKey: string): unknown {
  if (Object.hasOwn(item, mergeKey)) return item[mergeKey];
  throw badPatch(`map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`);
}

/** What all elements are; throws when they differ or are lists themselves (sliceElementType). */
function elementType(...lists: readonly (readonly unknown[])[]): string {
  let type: string | undefined;
  for (const item of lists.flat()) {
    const found = Array.isArray(item) ? 'list' : isFields(item) ? 'map' : typeof item;
    if (found === 'list') unprocessable();
    if (type !== undefined && type !== found) {
      throw badPatch(`list element types are not identical: ${goMap(lists)}`);
    }
    type = found;
  }
  if (type === undefined) throw badPatch('no elements in any of the given slices');
  return type;
}
