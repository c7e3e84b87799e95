import type { ApiError, StatusDetails } from '../../status.ts';
import { encodeProtobuf } from '../../model/protobuf.ts';
import { listKindOf } from '../../resources/resource.ts';
import type { KubeObject } from '../../object.ts';
import { escapeAsGo, itemsForSending, jsonText } from '../encode/json.ts';
import { MEDIA_TYPES, negotiate, type Format } from '../encode/negotiate.ts';
import { partialOf, tableOf, type ListMeta, type TableOptions } from '../encode/table.ts';
import { yamlText } from '../encode/yaml.ts';
import type { Exchange, ResourceExchange } from './exchange.ts';
import { isTrue } from './request-info.ts';
import { apiVersionOf } from '../registry/rows.ts';

/** An object of apimachinery's own that stands for any resource: Status, PartialObjectMetadata, their lists. */
interface MetaObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly [field: string]: unknown;
}

/** `metav1.Status` of a failure, its fields in Go's order. */
export const statusOf = ({ code, reason, message, details }: ApiError): MetaObject => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  ...(reason === '' ? {} : { reason }),
  ...(details === undefined ? {} : { details: inOrder(details) }),
  code,
});

const inOrder = ({ name, group, kind, uid, causes, retryAfterSeconds }: StatusDetails): StatusDetails => ({
  ...(name === undefined ? {} : { name }),
  ...(group === undefined ? {} : { group }),
  ...(kind === undefined ? {} : { kind }),
  ...(uid === undefined ? {} : { uid }),
  ...(causes === undefined || causes.length === 0 ? {} : { causes }),
  ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
});

/** Browsers, curl and wget get indented JSON (apiserver/pkg/endpoints/handlers/negotiation/negotiate.go isPrettyPrint). */
export function wantsPretty(exchange: Exchange): boolean {
  const asked = exchange.info.query.get('pretty');
  if (asked !== null) return isTrue(asked);
  return isForReading(exchange.request.headers['user-agent']);
}

/** Whether somebody is going to read it who names his program so. */
export const isForReading = (agent: string | undefined): boolean =>
  agent !== undefined && /^(curl|Wget|Mozilla\/5\.0)/.test(agent);

const LONG_TEXT = 16 * 1024;

/** Sends an answer; a body in parts is sent as one, without putting it together here. */
export function send(exchange: Exchange, code: number, type: string, body: Body): void {
  const { response, request } = exchange;
  if (response.headersSent || response.destroyed) return;
  // A long text is encoded once, not counted first and encoded then.
  const payload = typeof body === 'string' && body.length > LONG_TEXT ? Buffer.from(body) : body;
  // One list is what Node writes fastest; what was set before by name stays beside it.
  response.writeHead(code, [
    ...commonHeaders(exchange),
    'Content-Type',
    type,
    'Content-Length',
    bytesOf(payload),
  ] as never);
  if (request.method === 'HEAD') response.end();
  else if (typeof payload === 'string' || Buffer.isBuffer(payload)) response.end(payload);
  else {
    for (const part of payload) response.write(part);
    response.end();
  }
}

type Body = Buffer | string | readonly (Buffer | string)[];

const bytesOf = (body: Body): number =>
  typeof body === 'string' || Buffer.isBuffer(body)
    ? Buffer.byteLength(body)
    : body.reduce((sum, part) => sum + Buffer.byteLength(part), 0);

/** What every answer carries, as name, value, name, value; not what was set by name before. */
export function commonHeaders({ response, auditId, warnings }: Exchange): (string | string[])[] {
  const headers: (string | string[])[] = ['Audit-Id', auditId];
  if (!response.hasHeader('Cache-Control')) headers.push('Cache-Control', 'no-cache, private');
  if (warnings.size > 0) headers.push('Warning', [...warnings].map(warningHeader));
  return headers;
}

/** RFC 7234 warn-code 299 without an agent; what cannot stand in a header is escaped or dropped (apimachinery/pkg/util/net/http.go). */
export const warningHeader = (text: string): string =>
  `299 - "${text
    .replaceAll(/[^ -~\u00a0-\u00ff]/g, (character) => (character < ' ' ? ' ' : '?'))
    .replaceAll(/[\\"]/g, '\\$&')}"`;

/** Such an object in the media type asked for. */
export function sendMeta(exchange: Exchange, code: number, value: MetaObject, media: Format['media']): void {
  if (media !== 'protobuf') sendValue(exchange, code, value, media);
  else send(exchange, code, MEDIA_TYPES.protobuf, metaProtobuf(value));
}

export const metaProtobuf = (value: MetaObject): Buffer =>
  encodeProtobuf(value as never, `io.k8s.apimachinery.pkg.apis.meta.v1.${value.kind}`);

/** Any JSON value in the media type asked for; what has no protobuf form is JSON. */
export function sendValue(exchange: Exchange, code: number, value: object, media: Format['media'] = 'json'): void {
  if (media === 'yaml') send(exchange, code, MEDIA_TYPES.yaml, yamlText(value));
  else if (wantsPretty(exchange)) send(exchange, code, MEDIA_TYPES.json, escapeAsGo(JSON.stringify(value, null, 2)));
  else send(exchange, code, MEDIA_TYPES.json, `${jsonText(value)}\n`);
}

export function sendError(exchange: Exchange, error: ApiError): void {
  if (error.details?.retryAfterSeconds !== undefined && !exchange.response.headersSent) {
    exchange.response.setHeader('Retry-After', error.details.retryAfterSeconds);
  }
  sendMeta(exchange, error.code, statusOf(error), mediaOfErrors(exchange.request.headers.accept));
}

/** An error has to be written in something, even to a client that takes nothing of it (responsewriters.ErrorNegotiated). */
function mediaOfErrors(accept: string | undefined): Format['media'] {
  try {
    return negotiate(accept).media;
  } catch {
    return 'json';
  }
}

/** One object as table, metadata or whole. `type` names it in the model tables when it is not the row's own kind (Scale, TokenRequest). */
export function sendObject(
  exchange: ResourceExchange,
  code: number,
  object: KubeObject,
  format: Format,
  type = exchange.row.type,
): void {
  const { row, parts } = exchange;
  const own = object.kind === row.kind;
  if (format.as === 'Table' && own) {
    const metadata = { resourceVersion: object.metadata.resourceVersion ?? '' };
    sendValue(exchange, code, tableOf(row, [object], metadata, tableOptions(exchange, format)), format.media);
  } else if (format.as === 'PartialObjectMetadata') {
    sendMeta(exchange, code, partialOf(object, format.version), format.media);
  } else if (format.media === 'protobuf' && type !== '' && !(format.as !== undefined)) {
    send(exchange, code, MEDIA_TYPES.protobuf, encodeProtobuf(object, type));
  } else sendValue(exchange, code, object, format.media);
  if (exchange.trail?.wantsResponse) exchange.trail.responseObject(object);
  void parts;
}

export function tableOptions({ info, parts }: Exchange, format: Format): TableOptions {
  const include = info.query.get('includeObject');
  return {
    version: format.version,
    include: include === 'None' || include === 'Object' ? include : 'Metadata',
    now: parts.registry.clock.now(),
    columns: true,
  };
}

/** An item of a typed list: kind and apiVersion are the list's to say. */
export function withoutType(object: KubeObject): object {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

/** A list of one resource. */
export function sendList(
  exchange: ResourceExchange,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  format: Format,
): void {
  const { row } = exchange;
  const head = { kind: listKindOf(row), apiVersion: apiVersionOf(row), metadata };
  if (format.as === 'Table') {
    sendValue(exchange, 200, tableOf(row, objects, metadata, tableOptions(exchange, format)), format.media);
    return;
  }
  if (format.as !== undefined) {
    const items = objects.map((object) => partialOf(object, format.version));
    const partial = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${format.version}`, metadata, items };
    sendMeta(exchange, 200, partial, format.media);
    return;
  }
  const custom = row.type === '';
  if (format.media === 'protobuf' && !custom) {
    const list = { ...head, items: objects } as unknown as KubeObject;
    send(exchange, 200, MEDIA_TYPES.protobuf, encodeProtobuf(list, `${row.type}List`));
    return;
  }
  if (format.media === 'json' && !wantsPretty(exchange)) {
    const items = itemsForSending(objects, custom);
    const before = `${jsonText(head).slice(0, -1)},"items":[`;
    const after = ']}\n';
    const body = typeof items === 'string' ? before + items + after : ([before, items, after] as const);
    send(exchange, 200, MEDIA_TYPES.json, body);
    return;
  }
  const items = custom ? objects : objects.map(withoutType);
  sendValue(exchange, 200, { ...head, items }, format.media);
}
