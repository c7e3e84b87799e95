import { cloneJson } from '../../object.ts';
import { listKindOf } from '../../resources/resource.ts';
import { ApiError } from '../../status.ts';
import { negotiate } from '../encode/negotiate.ts';
import { readBody, writeContext, type ResourceExchange } from '../http/exchange.ts';
import { sendMeta, sendObject, sendValue } from '../http/respond.ts';
import { asServed, asStored } from '../registry/convert.ts';
import { create as createInRegistry } from '../registry/create.ts';
import { remove as removeFromRegistry, type Deleted } from '../registry/delete.ts';
import { checkIdentity, update as updateInRegistry } from '../registry/update.ts';
import { expectedOf, readObject } from './body.ts';
import { deleteOptions, writeOptions } from './options.ts';
import { readSelection } from './selection.ts';
import { wholeNumber } from './list.ts';

export async function create(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts, request } = exchange;
  const format = negotiate(request.headers.accept, row.type === '');
  const options = writeOptions(exchange, 'CreateOptions');
  const draft = await readObject(exchange, expectedOf(row), options);
  const stored = parts.registry.rows.storedFor(row);
  const context = writeContext(exchange, options);
  const object = await createInRegistry(parts.registry, stored, info.namespace, asStored(draft, row, stored), context);
  sendObject(exchange, 201, asServed(object, row), format);
}

export async function update(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts, request } = exchange;
  const format = negotiate(request.headers.accept, row.type === '');
  const options = writeOptions(exchange, 'UpdateOptions');
  const draft = await readObject(exchange, expectedOf(row), options);
  // Before anything is looked up: a stranger's name is a 400 wherever it is sent (handlers/update.go).
  checkIdentity(draft, { row, namespace: info.namespace, name: info.name });
  const stored = parts.registry.rows.storedFor(row);
  const { object, created } = await updateInRegistry(parts.registry, {
    row: stored,
    namespace: info.namespace,
    name: info.name,
    context: writeContext(exchange, options),
    change: () => asStored(cloneJson(draft), row, stored),
    mayCreate: row.strategy.createOnUpdate === true && info.subresource === '',
  });
  sendObject(exchange, created ? 201 : 200, asServed(object, row), format);
}

/** Kinds whose DELETE answers with the object instead of a Status (ReturnDeletedObject in their registries). */
const RETURNED = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'namespaces',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'resourcequotas',
]);

export async function remove(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts, request } = exchange;
  const format = negotiate(request.headers.accept, row.type === '');
  const { options, ...deletion } = deleteOptions(exchange, await readBody(request));
  const context = writeContext(exchange, options);
  const { namespace, name } = info;
  const deleted = await removeFromRegistry(parts.registry, row, { namespace, name }, deletion, context);
  answerDeletion(exchange, deleted, format, deletion.orphanDependents === false && !deleted.gone ? 202 : 200);
}

function answerDeletion(
  exchange: ResourceExchange,
  { object, gone }: Deleted,
  format: ReturnType<typeof negotiate>,
  code: number,
): void {
  const { row } = exchange;
  if (!gone || (row.group === '' && RETURNED.has(row.plural))) {
    sendObject(exchange, code, asServed(object, row), format);
    return;
  }
  sendMeta(
    exchange,
    code,
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name: object.metadata.name,
        ...(row.group === '' ? {} : { group: row.group }),
        kind: row.plural,
        uid: object.metadata.uid,
      },
    },
    format.media,
  );
}

export async function removeCollection(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts, request } = exchange;
  negotiate(request.headers.accept, row.type === '');
  const { options, ...deletion } = deleteOptions(exchange, await readBody(request));
  const wants = readSelection(row, info.query);
  const limit = wholeNumber(info.query, 'limit');
  const { store } = parts.registry;
  const prefix = row.namespaced && info.namespace !== '' ? `${info.namespace}/` : '';
  const chosen = store
    .shelf(row.storagePrefix)
    .list(prefix)
    .filter((object) => !wants || wants(asServed(object, row)));
  const items = limit > 0 ? chosen.slice(0, limit) : chosen;
  const context = writeContext(exchange, options);
  for (const { metadata } of items) {
    const key = { namespace: metadata.namespace ?? '', name: metadata.name };
    try {
      await removeFromRegistry(parts.registry, row, key, deletion, context);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
  sendValue(exchange, 200, {
    kind: listKindOf(row),
    apiVersion: row.group === '' ? row.version : `${row.group}/${row.version}`,
    metadata: { resourceVersion: String(store.revision) },
    items: items.map((object) => {
      const { kind: _, apiVersion: __, ...rest } = asServed(object, row);
      return row.type === '' ? object : rest;
    }),
  });
}
