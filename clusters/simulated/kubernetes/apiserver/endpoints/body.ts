import { decodeBody } from '../../model/decode.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { badRequest } from '../../status.ts';
import { readBody, type ResourceExchange } from '../http/exchange.ts';
import { pruneCustom } from '../custom-resources/prune.ts';
import { apiVersionOf } from '../registry/rows.ts';
import { fieldValidation, judgeProblems } from './options.ts';

/** The group version and kind that a body is expected to have, and its type in the model tables (empty for custom resources). */
export interface Expected {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly type: string;
}

export const expectedOf = (row: Resource): Expected => row;

/** Reads and decodes the body of POST and PUT. Throws 400, 413 and 415 in upstream's words (handlers/create.go). */
export async function readObject(
  exchange: ResourceExchange,
  expected: Expected,
  options: Readonly<Record<string, unknown>>,
): Promise<KubeObject> {
  const body = await readBody(exchange.request);
  const mediaType = exchange.request.headers['content-type'] ?? 'application/json';
  const { object, problems } = decodeBody(body, mediaType, expected.type === '' ? undefined : { type: expected.type });
  checkKind(object, expected);
  // Protobuf knows no difference between an empty list and none, and its reader says null.
  if (mediaType.includes('protobuf')) dropNulls(object);
  const found = expected.type === '' ? [...problems, ...pruneCustom(exchange.row, object)] : problems;
  judgeProblems(exchange, found, fieldValidation(options), (text) =>
    badRequest(
      `${expected.kind} in version ${JSON.stringify(expected.version)} cannot be handled as a ${expected.kind}: ${text}`,
    ),
  );
  object.metadata ??= { name: '' };
  exchange.trail?.requestObject(object);
  return object;
}

function dropNulls(value: object): void {
  for (const [name, part] of Object.entries(value)) {
    if (part === null && !Array.isArray(value)) delete (value as Record<string, unknown>)[name];
    else if (typeof part === 'object' && part !== null) dropNulls(part as object);
  }
}

function checkKind(object: KubeObject, expected: Expected): void {
  const apiVersion = apiVersionOf(expected);
  object.apiVersion ||= apiVersion;
  object.kind ||= expected.kind;
  if (object.kind !== expected.kind) {
    const version = object.apiVersion.split('/').at(-1)!;
    const internal = expected.group === '' ? 'core' : expected.group.split('.')[0]!;
    throw badRequest(
      `${object.kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: converting (${version}.${object.kind}) to (${internal}.${expected.kind}): unknown conversion`,
    );
  }
  if (object.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
}
