import type { ConfigMap } from '../../../model/generated/objects.ts';
import { configMapKeyErrors } from '../../../model/names.ts';
import { addTexts, forbidden, invalid, tooLong, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';

/** v1.MaxSecretSize: bytes of all values together. */
export const MOST_BYTES = 1024 * 1024;
const IMMUTABLE = 'field is immutable when `immutable` is set';

/** ValidateConfigMap of pkg/apis/core/validation. */
export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap, found: Findings): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    addTexts(found, `data[${key}]`, key, configMapKeyErrors(key));
    if (Object.hasOwn(binaryData, key))
      found.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    addTexts(found, `binaryData[${key}]`, key, configMapKeyErrors(key));
    bytes += decodedLength(value);
  }
  if (bytes > MOST_BYTES) found.push(tooLong('[]', MOST_BYTES));
}

/** How many bytes a base64 text stands for. */
export const decodedLength = (text: string): number => Buffer.byteLength(text, 'base64');

/** ValidateConfigMapUpdate */
export function validateConfigMapUpdate(map: ConfigMap, old: ConfigMap, found: Findings): void {
  validateFrozen(map, old, ['data', 'binaryData'], found);
  validateConfigMap(map, found);
}

/** What is immutable stays so, and with it what it holds. */
export function validateFrozen<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
  found: Findings,
): void {
  if (old.immutable !== true) return;
  if (object.immutable !== true) found.push(forbidden('immutable', IMMUTABLE));
  for (const field of fields) if (!sameValue(object[field], old[field])) found.push(forbidden(field, IMMUTABLE));
}
