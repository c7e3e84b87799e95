type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a patch looked into, field by field; the root is always. */
interface Touched extends Map<string, Touched> {}

/**
 * What a JSON or merge patch made of an object, as the library of kube-apiserver writes it: evanphx/json-patch v4 keeps what it looks into
 * as a Go map, whose keys are written in order, and leaves the rest in the bytes that it was given.
 */
export const patchedText = (patched: unknown, patch: unknown): string =>
  write(patched, Array.isArray(patch) ? byOperations(patch as readonly unknown[]) : byMerging(patch));

function byOperations(operations: readonly unknown[]): Touched {
  const root: Touched = new Map();
  for (const operation of operations) {
    if (!isFields(operation)) continue;
    for (const path of [operation['path'], operation['from']]) {
      if (typeof path !== 'string') continue;
      let node = root;
      for (const part of path.split('/').slice(1, -1)) {
        const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
        const next: Touched = node.get(name) ?? new Map();
        node.set(name, next);
        node = next;
      }
    }
  }
  return root;
}

function byMerging(patch: unknown): Touched {
  const parts = isFields(patch) ? Object.entries(patch).filter(([, part]) => isFields(part)) : [];
  return new Map(parts.map(([name, part]) => [name, byMerging(part)]));
}

function write(value: unknown, touched: Touched | undefined): string {
  if (touched === undefined || typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, at) => write(item, touched.get(String(at)))).join(',')}]`;
  const fields = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${write(part, touched.get(name))}`).join(',')}}`;
}
