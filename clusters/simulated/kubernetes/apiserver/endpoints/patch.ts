import { decodeValue } from '../../model/decode.ts';
import { countKeysInText, parseJson } from '../../model/json-text.ts';
import { strictProblems } from '../../model/strict.ts';
import { countKeys, UnmarshalError } from '../../model/typed.ts';
import { parseYaml } from '../../model/yaml-text.ts';
import { schemaOf } from '../../model/schema.ts';
import { timestamp } from '../../../clock.ts';
import { cloneJson, deepFreeze, type KubeObject, type ManagedFieldsEntry } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { ApiError, badRequest, conflict } from '../../status.ts';
import { serverSideApply } from '../apply/apply.ts';
import { pruneCustom } from '../custom-resources/prune.ts';
import { negotiate } from '../encode/negotiate.ts';
import { readBody, writeContext, type ResourceExchange } from '../http/exchange.ts';
import { sendObject } from '../http/respond.ts';
import { mustAllow } from '../http/must-allow.ts';
import { jsonPatch, unknownOperationFields } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { goMap } from '../patch/patch-errors.ts';
import { strategicMerge } from '../patch/strategic-merge.ts';
import { asServed, asStored } from '../registry/convert.ts';
import { update } from '../registry/update.ts';
import { fieldValidation, judgeProblems, writeOptions } from './options.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** PATCH of a resource or its status (handlers/patch.go). */
export async function patch(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts, request } = exchange;
  const type = patchTypeOf(exchange);
  const format = negotiate(request.headers.accept, row.type === '');
  const body = await readBody(request);
  const applying = type === APPLY;
  const options = writeOptions(exchange, 'PatchOptions', applying);
  const context = writeContext(exchange, options);
  const change = applying ? applyChange(exchange, body, options) : patchChange(exchange, body, type, options);
  const stored = parts.registry.rows.storedFor(row);
  const { object, created } = await update(parts.registry, {
    row: stored,
    namespace: info.namespace,
    name: info.name,
    context,
    change: async (live) => {
      const draft = await change(live);
      return draft && asStored(draft, row, stored);
    },
    mayCreate: applying && info.subresource === '',
    tracked: applying,
    retry: true,
  });
  sendObject(exchange, created ? 201 : 200, asServed(object, row), format);
}

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

/** How a patch other than an apply changes the live object. */
function patchChange(
  exchange: ResourceExchange,
  body: Buffer,
  type: string,
  options: Readonly<Record<string, unknown>>,
): (live: KubeObject | undefined) => KubeObject | undefined {
  const { row } = exchange;
  const { value: patchValue, problems: own } = parsePatch(body, type);
  let judged = false;
  return (live) => {
    if (!live) return undefined;
    const patched = patchedValue(asServed(live, row), patchValue, type, row);
    const shown = (): string => (type === STRATEGIC ? goMap(patchValue) : JSON.stringify(patched));
    const { object, problems } = retype(patched, row, shown);
    if (!judged) {
      const found = [...own, ...problems];
      judgeProblems(exchange, found, fieldValidation(options), (text) => invalidPatch(shown(), text));
      judged = true;
    }
    return object;
  };
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

/** The patched value as an object of its kind again: unknown fields found, nulls gone, every part its own. */
export function retype(
  patched: unknown,
  row: { type: string; schema?: Readonly<Record<string, unknown>> },
  shown: () => string,
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
    throw invalidPatch(shown(), error.message.replace(/^\S+ in version "\S+" cannot be handled as a \S+: /, ''));
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

const invalidPatch = (shown: string, text: string): ApiError => {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${text}`;
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${message}`, {
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  });
};

/** How a server-side apply changes, or makes, the object. */
function applyChange(
  exchange: ResourceExchange,
  body: Buffer,
  options: Readonly<Record<string, unknown>>,
): (live: KubeObject | undefined) => Promise<KubeObject> {
  const { row, info, parts } = exchange;
  const { configuration, duplicates } = parseConfiguration(body, row, info.name, info.namespace);
  judgeProblems(exchange, duplicates, fieldValidation(options), (text) =>
    badRequest(`error strict decoding YAML: ${text.replace('strict decoding error: ', '')}`),
  );
  return async (live) => {
    // An apply that makes an object needs the verb `create` as well.
    if (!live) await mustAllow(exchange, 'create');
    if (!live && configuration.metadata.uid) {
      throw conflict(
        row,
        info.name,
        `uid mismatch: the provided object specified uid ${configuration.metadata.uid}, and no existing object was found`,
      );
    }
    const merged = serverSideApply({
      row,
      live: live && asServed(live, row),
      configuration,
      manager: String(options['fieldManager']),
      subresource: info.subresource,
      force: options['force'] === true,
      now: timestamp(parts.registry.clock),
    });
    deepFreeze(merged.metadata.managedFields); // settled, so that they are shared instead of read again
    const { object } = retype(merged, row, () => JSON.stringify(merged));
    if (configuration.metadata.resourceVersion)
      object.metadata.resourceVersion = configuration.metadata.resourceVersion;
    else delete object.metadata.resourceVersion;
    return object;
  };
}

function parseConfiguration(body: Buffer, row: Resource, name: string, namespace: string) {
  const text = body.toString();
  let value: unknown;
  let duplicates: readonly string[] = [];
  if (/^\s*\{/.test(text)) {
    try {
      value = JSON.parse(text);
    } catch {
      value = undefined; // YAML, then, that only looks like JSON
    }
  }
  try {
    if (value === undefined) ({ value, problems: duplicates } = parseYaml(text));
    countKeys(value); // refuses what is nested too deeply to be worked on
  } catch (error) {
    if (!(error instanceof UnmarshalError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
  if (!isFields(value))
    throw badRequest('error decoding YAML: json: cannot unmarshal into Go value of type map[string]interface {}');
  const configuration = value as unknown as KubeObject;
  const apiVersion = row.group === '' ? row.version : `${row.group}/${row.version}`;
  if (configuration.apiVersion === undefined || configuration.kind === undefined) {
    throw badRequest(`invalid object type: ${configuration.apiVersion ?? ''}, Kind=${configuration.kind ?? ''}`);
  }
  if (configuration.apiVersion !== apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${configuration.apiVersion}, expected: ${apiVersion}`,
    );
  }
  configuration.metadata = isFields(configuration.metadata) ? configuration.metadata : { name };
  configuration.metadata.name ||= name;
  if (row.namespaced) configuration.metadata.namespace ||= namespace;
  return { configuration, duplicates };
}
