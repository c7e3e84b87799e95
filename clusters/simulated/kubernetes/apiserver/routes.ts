import { ApiError } from '../status.ts';
import { storeProblem } from './component-health.ts';
import { componentStatuses } from './endpoints/component-statuses.ts';
import { get } from './endpoints/get.ts';
import { list } from './endpoints/list.ts';
import { patch } from './endpoints/patch.ts';
import { watch } from './endpoints/watch.ts';
import { create, remove, removeCollection, update } from './endpoints/write.ts';
import { subresource } from './endpoints/subresource.ts';
import { isReview, review } from './reviews/reviews.ts';
import { serveDocument } from './discovery/documents.ts';
import { serveHealth } from './health.ts';
import { deprecationOf } from './deprecation.ts';
import { warn, type Exchange, type ResourceExchange } from './http/exchange.ts';
import { methodNotAllowed, pageNotFound } from './http/refuse.ts';
import { send, sendValue } from './http/respond.ts';
import { VERSION } from './version.ts';

/** Finds what serves a request. Paths that nothing serves answer as upstream's mux does, in plain text. */
export async function route(exchange: Exchange): Promise<void> {
  const { info, parts } = exchange;
  if (!info.isResource) return routePath(exchange);
  const row = parts.registry.rows.find(info.group, info.version, info.resource);
  if (!row) return pageNotFound(exchange);
  if (row.namespaced ? false : info.namespace !== '' && row.plural !== 'namespaces') return pageNotFound(exchange);
  if (storeProblem(parts.componentHealth) !== undefined) await untilStored(exchange);
  const target: ResourceExchange = Object.assign(exchange, { row });
  const deprecation = deprecationOf(row);
  if (deprecation !== undefined) warn(exchange, deprecation);
  if (isReview(row)) return review(target);
  if (info.subresource !== '') return subresource(target);
  if (row.namespaced && info.namespace === '' && !['list', 'watch'].includes(info.verb)) {
    return info.verb === 'deletecollection' || info.verb === 'create' ? methodNotAllowed() : pageNotFound(exchange);
  }
  // go-restful routes only the methods it knows: HEAD is none of them.
  if (exchange.request.method === 'HEAD') return methodNotAllowed();
  switch (info.verb) {
    case 'get':
      if (!row.verbs.includes('get')) return methodNotAllowed();
      return row.kind === 'ComponentStatus' ? componentStatuses(target) : get(target);
    case 'list':
      if (!row.verbs.includes('list')) return methodNotAllowed();
      return row.kind === 'ComponentStatus' ? componentStatuses(target) : list(target);
    case 'watch':
      if (!row.verbs.includes('watch')) return methodNotAllowed();
      return watch(target);
    case 'create':
      if (!row.verbs.includes('create') || info.name !== '') return methodNotAllowed();
      return create(target);
    case 'update':
      if (!row.verbs.includes('update') || info.name === '') return methodNotAllowed();
      return update(target);
    case 'patch':
      if (!row.verbs.includes('patch') || info.name === '') return methodNotAllowed();
      return patch(target);
    case 'delete':
      if (!row.verbs.includes('delete')) return methodNotAllowed();
      return remove(target);
    case 'deletecollection':
      if (!row.verbs.includes('deletecollection')) return methodNotAllowed();
      return removeCollection(target);
    default:
      return methodNotAllowed();
  }
}

/** How often etcd is looked for while a request waits for it, in milliseconds. */
const LOOK_MS = 250;

/** A request waits for etcd as long as it may. Throws the 504 of one that waits in vain (apiserver/pkg/server/filters/timeout.go). */
async function untilStored({ parts, response, deadline }: Exchange): Promise<void> {
  const { clock } = parts.registry;
  while (storeProblem(parts.componentHealth) !== undefined) {
    if (clock.now() >= deadline || response.destroyed)
      throw new ApiError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {});
    await new Promise<void>((look) => void clock.after(Math.min(LOOK_MS, deadline - clock.now()), look));
  }
}

async function routePath(exchange: Exchange): Promise<void> {
  const { info, parts } = exchange;
  const path = info.path.length > 1 ? info.path.replace(/\/+$/, '') : info.path;
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) return serveHealth(exchange, path);
  switch (path) {
    case '/version':
      return send(exchange, 200, 'application/json', JSON.stringify(VERSION, null, 2));
    case '/metrics':
      return send(
        exchange,
        200,
        'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
        parts.metrics.text(),
      );
    case '/.well-known/openid-configuration':
    case '/openid/v1/jwks': {
      const document = parts.security.tokens.discovery(path);
      if (document === undefined) return pageNotFound(exchange);
      exchange.response.setHeader('Cache-Control', 'public, max-age=3600');
      return send(exchange, 200, path.endsWith('jwks') ? 'application/jwk-set+json' : 'application/json', document);
    }
    case '/debug/pprof':
    case '/debug/pprof/profile':
      if (!parts.security.profiling) return pageNotFound(exchange);
      throw new ApiError(501, 'NotImplemented', 'not simulated: profiles of the API server', {});
    default:
  }
  if (serveDocument(exchange, path)) return;
  if (path === '/')
    return sendValue(exchange, 200, { paths: parts.registry.rows.all.length > 0 ? rootPaths(exchange) : [] });
  return pageNotFound(exchange);
}

function rootPaths({ parts }: Exchange): string[] {
  const paths = new Set(['/.well-known/openid-configuration', '/api', '/api/v1', '/apis', '/apis/']);
  for (const { group, version } of parts.registry.rows.all) {
    if (group !== '') paths.add(`/apis/${group}`).add(`/apis/${group}/${version}`);
  }
  for (const path of [
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openid/v1/jwks',
    '/readyz',
    '/version',
  ]) {
    paths.add(path);
  }
  paths.delete('/apis/');
  return [...paths].sort();
}
