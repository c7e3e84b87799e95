import { applyPatch, type Operation } from 'rfc6902';
import { ApiError, badRequest } from '../../status.ts';
import { unprocessable } from './patch-errors.ts';

/** handlers/patch.go maxJSONPatchOperations */
const MOST_OPERATIONS = 10_000;
const OPERATIONS = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** RFC 6902. Returns a changed copy. Throws 400 for what is no patch, 413 for too long a one, 422 for one that does not apply. */
export function jsonPatch(original: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    const found = operations === null ? 'null' : typeof operations;
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${found} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  if (operations.length > MOST_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${operations.length}`,
    );
  }
  for (const operation of operations as unknown[]) {
    const { op, path } = (operation ?? {}) as { op?: unknown; path?: unknown };
    if (typeof op !== 'string' || !OPERATIONS.has(op) || typeof path !== 'string') unprocessable();
    // Such names reach JavaScript's own machinery, and no API type has them.
    if (/(^|\/)(__proto__|constructor|prototype)(\/|$)/.test(path)) unprocessable();
  }
  const document = { root: structuredClone(original) };
  const prefixed = (operations as { path: string; from?: string }[]).map((operation) => ({
    ...operation,
    path: `/root${operation.path}`,
    ...(operation.from === undefined ? {} : { from: `/root${operation.from}` }),
  }));
  for (const error of applyPatch(document, prefixed as Operation[])) if (error !== null) unprocessable();
  return document.root;
}
