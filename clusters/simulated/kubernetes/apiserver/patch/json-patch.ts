import { ApiError, badRequest } from '../../status.ts';
import { applyJsonOperations, JsonPatchError, type JsonOperation } from './json-operations.ts';
import { unprocessable } from './patch-errors.ts';

/** handlers/patch.go maxJSONPatchOperations */
const MOST_OPERATIONS = 10_000;
const FIELDS = new Set(['op', 'path', 'from', 'value']);

/**
 * RFC 6902 (handlers/patch.go jsonPatcher). Returns a changed copy. Throws 400 for what is no patch, 413 for too long a one, 422 for one
 * that does not apply.
 */
export function jsonPatch(original: unknown, operations: unknown): unknown {
  const ops = read(operations);
  if (ops.length > MOST_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${ops.length}`,
    );
  }
  try {
    return applyJsonOperations(original, ops);
  } catch (error) {
    if (error instanceof JsonPatchError) unprocessable();
    throw error;
  }
}

/** Fields that no operation has, as strict decoding tells of them. */
export function unknownOperationFields(operations: unknown): string[] {
  if (!Array.isArray(operations)) return [];
  return operations.flatMap((operation: unknown, at) =>
    Object.keys(operation ?? {}).flatMap((field) => (FIELDS.has(field) ? [] : [`unknown field "[${at}].${field}"`])),
  );
}

function read(operations: unknown): readonly JsonOperation[] {
  if (!Array.isArray(operations)) throw wrongType(operations, 'value of type []handlers.jsonPatchOp');
  for (const operation of operations as unknown[]) {
    if (operation === null) continue; // Go reads it as an operation that says nothing
    if (typeof operation !== 'object' || Array.isArray(operation)) {
      throw wrongType(operation, 'value of type handlers.jsonPatchOp');
    }
    for (const field of ['op', 'path', 'from'] as const) {
      const value = (operation as Record<string, unknown>)[field];
      if (value !== undefined && value !== null && typeof value !== 'string') {
        throw wrongType(value, `struct field jsonPatchOp.${field} of type string`);
      }
    }
  }
  return operations.map((operation: JsonOperation | null) => operation ?? {});
}

function wrongType(value: unknown, expected: string): ApiError {
  const plain = typeof value === 'boolean' ? 'bool' : typeof value;
  const found = value === null ? 'null' : Array.isArray(value) ? 'array' : plain;
  return badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go ${expected}`);
}
