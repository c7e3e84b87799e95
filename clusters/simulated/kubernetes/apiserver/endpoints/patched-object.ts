import { decodeValue } from '../../model/decode.ts';
import { countKeysInText, parseJson } from '../../model/json-text.ts';
import { schemaOf } from '../../model/schema.ts';
import { strictProblems } from '../../model/strict.ts';
import { countKeys, UnmarshalError } from '../../model/typed.ts';
import { cloneJson, type KubeObject, type ManagedFieldsEntry } from '../../object.ts';
import { ApiError, badRequest } from '../../status.ts';
import { pruneCustom } from '../custom-resources/prune.ts';
import type { ResourceExchange } from '../http/exchange.ts';
import { conversionMisfit } from '../patch/conversion-misfit.ts';
import { jsonPatch, unknownOperationFields } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMerge } from '../patch/strategic-merge.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const APPLY = 'application/apply-patch+yaml';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The media type of the patch; 415 for one the kind does not take (custom resources know no strategic merge). */
export function patchTypeOf({ request, row }: ResourceExchange): string {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim();
  const taken = [JSON_PATCH, MERGE_PATCH, ...(row.type === '' ? [] : [STRATEGIC]), APPLY];
  if (taken.includes(type)) return type;
  throw new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${taken.join(', ')}`,
    {},
  );
}

/** A patch as it was sent, and the fields that it names twice or that no operation has. */
export interface SentPatch {
  readonly value: unknown;
  readonly problems: readonly string[];
}

/** Reads the body of a JSON, merge or strategic merge patch. Throws 400 in the words of Go's JSON reader (handlers/patch.go). */
export function parsePatch(body: Buffer, type: string): SentPatch {
  const text = body.toString();
  const refuse = (why: string): ApiError => badRequest(type === STRATEGIC ? why : `error decoding patch: ${why}`);
  try {
    const value = parseJson(text);
    if (type !== JSON_PATCH && !isFields(value)) {
      // Go reads null into a map as well: as none.
      if (value === null) return { value: {}, problems: [] };
      const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
      throw refuse(`json: cannot unmarshal ${found} into Go value of type map[string]interface {}`);
    }
    const duplicates = countKeys(value) === countKeysInText(text) ? [] : strictProblems(text, undefined);
    if (type !== JSON_PATCH) return { value, problems: duplicates };
    return { value, problems: [...duplicates, ...unknownOperationFields(value)].map((text) => `json patch ${text}`) };
  } catch (error) {
    if (error instanceof UnmarshalError) throw refuse(error.message);
    throw error;
  }
}

export function patchedValue(live: KubeObject, patchValue: unknown, type: string, row: { type: string }): unknown {
  switch (type) {
    case JSON_PATCH:
      return jsonPatch(live, patchValue);
    case MERGE_PATCH:
      return mergePatch(live, patchValue);
    default:
      return strategicMerge(live, patchValue as Fields, schemaOf(row.type));
  }
}

/**
 * The patched value as an object of its kind again: unknown fields found, nulls gone, every part its own. Throws the 422 of upstream for
 * one that is none, where a strategic merge is read by another reader than the rest (`type`).
 */
export function retype(
  patched: unknown,
  row: { type: string; schema?: Readonly<Record<string, unknown>> },
  shown: () => string,
  type?: string,
): { object: KubeObject; problems: readonly string[] } {
  try {
    const { value, managers } = withoutSharedManagers(patched);
    // Custom resources have parts without a schema, which would stay shared with the stored object.
    const own = row.type === '' ? cloneJson(value) : value;
    const decoded = decodeValue(own, row.type === '' ? undefined : row);
    decoded.object.metadata ??= { name: '' };
    if (managers) decoded.object.metadata.managedFields = managers;
    if (row.type !== '') return decoded;
    return { object: decoded.object, problems: [...decoded.problems, ...pruneCustom(row, decoded.object)] };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error;
    const converted = type === STRATEGIC ? conversionMisfit(patched, schemaOf(row.type)) : undefined;
    const read = error.message.replace(/^\S+ in version "\S+" cannot be handled as a \S+: /, '');
    throw invalidPatch(shown(), converted ?? read);
  }
}

/** managedFields that the patch left alone are the stored, frozen ones: they need no second reading, which costs more than the rest. */
function withoutSharedManagers(patched: unknown): { value: unknown; managers: ManagedFieldsEntry[] | undefined } {
  const metadata = isFields(patched) ? patched['metadata'] : undefined;
  const managers = isFields(metadata) ? metadata['managedFields'] : undefined;
  if (!Array.isArray(managers) || !Object.isFrozen(managers)) return { value: patched, managers: undefined };
  const rest = { ...(metadata as Fields), managedFields: undefined };
  return { value: { ...(patched as Fields), metadata: rest }, managers: managers as ManagedFieldsEntry[] };
}

/** A patch whose outcome is no object of its kind; `shown` is what was patched, or the patch, as upstream shows it. */
export const invalidPatch = (shown: string, text: string): ApiError => {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${text}`;
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${message}`, {
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  });
};
