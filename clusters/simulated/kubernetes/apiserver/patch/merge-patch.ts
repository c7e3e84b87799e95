type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * RFC 7386: fields replace, null removes (evanphx/json-patch merge.go). Neither argument is changed; parts are shared. What replaces no
 * object loses its nulls, within lists as well; a list that replaces something other than an object keeps them.
 */
export function mergePatch(original: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  if (!isFields(original)) return withoutNulls(patch);
  const merged: Fields = { ...original };
  for (const [key, value] of Object.entries(patch)) {
    const known = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isFields(known) && isFields(value) ? mergePatch(known, value) : replacement(known, value);
  }
  return merged;
}

const replacement = (known: unknown, value: unknown): unknown => (isFields(known) ? value : withoutNulls(value));

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(kept.map(([key, part]) => [key, withoutNulls(part)]));
}
