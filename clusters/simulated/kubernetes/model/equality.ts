/** Deep equality of JSON values; the order of fields does not matter, a field that is undefined is absent. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let fields = 0;
  for (const field in left) {
    if (left[field] === undefined) continue;
    fields++;
    if (!equal(left[field], right[field])) return false;
  }
  for (const field in right) if (right[field] !== undefined) fields--;
  return fields === 0;
}
