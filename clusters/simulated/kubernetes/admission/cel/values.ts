import { heldBy } from './optional.ts';

/** CEL's integers have 64 bits: whole numbers become bigint all the way down. Remembered for frozen objects. */
export function asCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const known = converted.get(value);
  if (known !== undefined) return known;
  const fresh = Array.isArray(value)
    ? value.map(asCel)
    : Object.fromEntries(
        Object.entries(value)
          .filter(([, field]) => field !== undefined)
          .map(([key, field]) => [key, asCel(field)]),
      );
  if (Object.isFrozen(value)) converted.set(value, fresh);
  return fresh;
}
const converted = new WeakMap<object, unknown>();

/**
 * What an expression made as the JSON it stands for; undefined for what has no JSON (types, optionals that hold nothing), which is left
 * out of maps.
 */
export function fromCel(made: unknown): unknown {
  const value = heldBy(made);
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, part]) => [String(key), fromCel(part)]));
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => {
      const json = fromCel(part);
      return json === undefined ? [] : [[key, json]];
    }),
  );
}
