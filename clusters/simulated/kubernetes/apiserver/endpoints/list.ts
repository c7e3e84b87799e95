import type { KubeObject } from '../../object.ts';
import { ApiError, badRequest, invalid } from '../../status.ts';
import { negotiate } from '../encode/negotiate.ts';
import type { ListMeta } from '../encode/table.ts';
import type { ResourceExchange } from '../http/exchange.ts';
import { sendList } from '../http/respond.ts';
import { asServed, isStoredAs } from '../registry/convert.ts';
import { readSelection } from './selection.ts';

/** Where the next page of a list begins, pinned to the revision of the first (apiserver/pkg/storage/continue.go). */
interface Continuation {
  readonly v: 'meta.k8s.io/v1';
  readonly rv: number;
  readonly start: string;
}

export function list(exchange: ResourceExchange): void {
  const { row, info, parts } = exchange;
  const format = negotiate(exchange.request.headers.accept, row.type === '');
  const { query } = info;
  const { store } = parts.registry;
  const shelf = store.shelf(row.storagePrefix);
  const prefix = row.namespaced && info.namespace !== '' ? `${info.namespace}/` : '';
  if (query.size === 0) {
    sendList(exchange, serve(exchange, shelf.list(prefix)), { resourceVersion: String(store.revision) }, format);
    return;
  }
  const wants = readSelection(row, query);
  const limit = wholeNumber(query, 'limit');
  const continuation = readContinuation(query);
  const pinned = continuation?.rv ?? exactRevision(query, store.revision);
  let keys: readonly string[];
  let get: (key: string) => KubeObject;
  if (pinned === undefined || pinned === store.revision) {
    keys = shelf.keys(prefix);
    get = (key) => shelf.get(key)!;
  } else {
    const state = store.asOf(row.storagePrefix, pinned);
    if (!state) throw expired(continuation !== undefined);
    keys = [...state.keys()].filter((key) => key.startsWith(prefix)).sort();
    get = (key) => state.get(key)!;
  }
  const found: KubeObject[] = [];
  let next: string | undefined;
  let seen = 0;
  for (const key of keys) {
    if (continuation && key < continuation.start) continue;
    seen++;
    const object = get(key);
    if (wants && !wants(asServed(object, row))) continue;
    if (limit > 0 && found.length === limit) {
      next = key;
      break;
    }
    found.push(object);
  }
  const revision = pinned ?? store.revision;
  const metadata: ListMeta = {
    resourceVersion: String(revision),
    ...(next === undefined ? {} : { continue: encode({ v: 'meta.k8s.io/v1', rv: revision, start: next }) }),
    // With a selector nobody knows how many are left.
    ...(next === undefined || wants ? {} : { remainingItemCount: remaining(keys, continuation, seen) }),
  };
  sendList(exchange, serve(exchange, found), metadata, format);
}

const serve = ({ row }: ResourceExchange, objects: readonly KubeObject[]): readonly KubeObject[] =>
  isStoredAs(row) ? objects : objects.map((object) => asServed(object, row));

function remaining(keys: readonly string[], continuation: Continuation | undefined, seen: number): number {
  const passed = continuation ? keys.filter((key) => key < continuation.start).length : 0;
  return keys.length - passed - (seen - 1);
}

export function wholeNumber(query: URLSearchParams, name: string): number {
  const text = query.get(name);
  if (text === null || text === '') return 0;
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function readContinuation(query: URLSearchParams): Continuation | undefined {
  const text = query.get('continue');
  if (text === null || text === '') return undefined;
  if (query.get('resourceVersion') && query.get('resourceVersion') !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString()) as Continuation;
    if (token.v === 'meta.k8s.io/v1' && typeof token.rv === 'number' && typeof token.start === 'string') return token;
  } catch {
    // said below
  }
  throw badRequest('continue key is not valid: illegal base64 data or an unknown version');
}

const encode = (token: Continuation): string => Buffer.from(JSON.stringify(token)).toString('base64url');

/** What `resourceVersion` and `resourceVersionMatch` pin the list to; undefined for the latest (validation of ListOptions). */
function exactRevision(query: URLSearchParams, current: number): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const forbid = (message: string): never => {
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      { type: 'FieldValueForbidden', field: 'resourceVersionMatch', message: `Forbidden: ${message}` },
    ]);
  };
  if (match !== '') {
    if (text === '') forbid('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (query.get('continue')) forbid('resourceVersionMatch is forbidden when continue is provided');
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
        {
          type: 'FieldValueNotSupported',
          field: 'resourceVersionMatch',
          message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan"`,
        },
      ]);
    }
    if (match === 'Exact' && text === '0') {
      forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (text === '' || text === '0') return undefined;
  const revision = readRevision(text);
  if (revision > current) throw tooLarge(revision, current);
  return match === 'Exact' ? revision : undefined;
}

export function readRevision(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(
    `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** apiserver/pkg/storage/errors.go NewTooLargeResourceVersionError */
export const tooLarge = (revision: number, current: number): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${revision}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

const expired = (continued: boolean): ApiError =>
  new ApiError(
    410,
    'Expired',
    continued
      ? 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.'
      : 'The resourceVersion for the provided list is too old.',
  );
