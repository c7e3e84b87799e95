import type { KubeObject } from '../../object.ts';
import { ApiError, invalid, type FieldError } from '../../status.ts';
import type { StoreEvent } from '../../store/cluster.ts';
import { negotiateStream } from '../encode/negotiate.ts';
import type { ResourceExchange } from '../http/exchange.ts';
import { isTrue } from '../http/request-info.ts';
import { asServed } from '../registry/convert.ts';
import { readRevision, wholeNumber } from './list.ts';
import { readSelection, type Selection } from './selection.ts';
import { WatchStream } from './watch-stream.ts';

/** How often a quiet watch says how far it is (cacher.go bookmarkFrequency). */
const BOOKMARK_MS = 60_000;
/** A watch without timeoutSeconds ends after half an hour to an hour (server/config.go MinRequestTimeout). */
const SHORTEST_MS = 1800_000;

export function watch(exchange: ResourceExchange): void {
  const { row, info, parts, response } = exchange;
  const { store, clock, randomness } = parts.registry;
  const format = negotiateStream(exchange.request.headers.accept, row.type === '');
  const { query } = info;
  const wants = readSelection(row, query);
  const initial = checkInitialEvents(query);
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const from = query.get('resourceVersion') ?? '';
  const since = from === '' || from === '0' ? undefined : readRevision(from);
  const named = info.name === '' ? undefined : info.name;
  const prefix = row.namespaced && info.namespace !== '' ? info.namespace : '';
  const inScope = (object: KubeObject): boolean =>
    (prefix === '' || object.metadata.namespace === prefix) && (named === undefined || object.metadata.name === named);
  const timeout = wholeNumber(query, 'timeoutSeconds') * 1000;
  const shelf = store.shelf(row.storagePrefix);
  const stream = new WatchStream(exchange, format);

  // Everything up to here may answer with an error; from here on errors are events.
  stream.open();
  if (since !== undefined && since > store.revision && initial !== true) {
    // The client is ahead of us: it waits for that revision, which a restored lab has passed soon.
    stream.bookmarkless();
  }
  if (initial === true || (since === undefined && initial === undefined)) {
    for (const object of shelf.list(prefix === '' ? '' : `${prefix}/`)) {
      const served = asServed(object, row);
      if (inScope(object) && (!wants || wants(served))) stream.event('ADDED', served);
    }
    if (initial === true) stream.bookmark(store.revision, true);
  } else if (since !== undefined) {
    const missed = shelf.log.after(since);
    if (!missed) {
      stream.fail(new ApiError(410, 'Expired', `too old resource version: ${since} (${shelf.log.compacted})`));
      return;
    }
    for (const event of missed) forward(stream, event, row, wants, inScope);
  }

  using stack = new DisposableStack();
  stack.use(shelf.listen((event) => forward(stream, event, row, wants, inScope)));
  const life = timeout > 0 ? timeout : SHORTEST_MS + randomness.int(SHORTEST_MS);
  stack.use(clock.after(life, () => stream.end()));
  if (bookmarks) stack.use(repeat(clock, () => stream.bookmark(store.revision, false)));
  parts.metrics.longRunning(1);
  stack.defer(() => parts.metrics.longRunning(-1));
  const ending = stack.move();
  response.on('close', () => ending.dispose());
  if (response.destroyed) ending.dispose();
}

function repeat(clock: ResourceExchange['parts']['registry']['clock'], act: () => void): Disposable {
  let timer = clock.after(BOOKMARK_MS, tick);
  function tick(): void {
    act();
    timer = clock.after(BOOKMARK_MS, tick);
  }
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

/** Whether the initial state is asked for; undefined: not said. Throws 422 (validation of ListOptions, WatchList). */
function checkInitialEvents(query: URLSearchParams): boolean | undefined {
  const asked = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  const errors: FieldError[] = [];
  if (asked === null) {
    if (match !== '') {
      errors.push({
        type: 'FieldValueForbidden',
        field: 'resourceVersionMatch',
        message: 'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      });
    }
  } else if (match !== 'NotOlderThan') {
    errors.push(
      match === ''
        ? {
            type: 'FieldValueForbidden',
            field: 'resourceVersionMatch',
            message: 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
          }
        : {
            type: 'FieldValueNotSupported',
            field: 'resourceVersionMatch',
            message: `Unsupported value: ${JSON.stringify(match)}: supported values: "NotOlderThan"`,
          },
    );
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return asked === null ? undefined : isTrue(asked);
}

/** With a selector, an object that begins to match is ADDED and one that no longer does is DELETED. */
function forward(
  stream: WatchStream,
  event: StoreEvent,
  row: ResourceExchange['row'],
  wants: Selection,
  inScope: (object: KubeObject) => boolean,
): void {
  if (!inScope(event.object)) return;
  const object = asServed(event.object, row);
  if (!wants) {
    stream.event(event.type, object);
    return;
  }
  const before = event.old !== undefined && wants(asServed(event.old, row));
  const after = event.type !== 'DELETED' && wants(object);
  if (after) stream.event(before ? 'MODIFIED' : 'ADDED', object);
  else if (before) {
    // What the client knew, at the revision at which it went.
    const known = event.type === 'DELETED' ? object : asServed(event.old, row);
    const gone = { ...known, metadata: { ...known.metadata, resourceVersion: object.metadata.resourceVersion! } };
    stream.event('DELETED', gone);
  }
}
