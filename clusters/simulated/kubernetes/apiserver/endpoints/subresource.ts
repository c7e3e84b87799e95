import { ApiError, notFound } from '../../status.ts';
import { liveObject, type ResourceExchange } from '../http/exchange.ts';
import { methodNotAllowed, pageNotFound } from '../http/refuse.ts';
import { bind } from './binding.ts';
import { evict } from './eviction.ts';
import { get } from './get.ts';
import { connect, readLog } from './kubelet.ts';
import { patch } from './patch.ts';
import { scale } from './scale.ts';
import { requestToken } from './token.ts';
import { update } from './write.ts';

/** Routes a request for a subresource by what the row says it has. */
export function subresource(exchange: ResourceExchange): void | Promise<void> {
  const { row, info } = exchange;
  const found = row.subresources.find(({ name }) => name === info.subresource);
  if (!found || (info.rest.length > 0 && found.name !== 'proxy')) return pageNotFound(exchange);
  const streams = found.name === 'exec' || found.name === 'attach' || found.name === 'portforward';
  if (!found.verbs.includes(info.verb)) return methodNotAllowed();
  switch (found.name) {
    case 'scale':
      return scale(exchange);
    case 'binding':
      return bind(exchange);
    case 'eviction':
      return evict(exchange);
    case 'token':
      return requestToken(exchange);
    case 'log':
      return readLog(exchange);
    case 'proxy':
      // `https:web:443` names a scheme and a port too (pkg/registry/core/service/storage/storage.go ResourceLocation).
      if (!liveObject(named(exchange))) throw notFound(row, objectName(info.name));
      throw new ApiError(501, 'NotImplemented', `not simulated: the proxy subresource of ${row.plural}`, {});
    default:
      if (streams) return connect(exchange);
  }
  // status, approval, ephemeralcontainers, finalize, resize: the object itself, of which only a part may change.
  switch (info.verb) {
    case 'get':
      return get(exchange);
    case 'update':
      return update(exchange);
    case 'patch':
      return patch(exchange);
    default:
      return methodNotAllowed();
  }
}

/** The object's own name in the name of a proxied one: `web`, `web:80`, `https:web:`. */
function objectName(name: string): string {
  const parts = name.split(':');
  return (parts.length === 3 ? parts[1] : parts[0]) ?? '';
}

const named = (exchange: ResourceExchange): ResourceExchange => ({
  ...exchange,
  info: { ...exchange.info, name: objectName(exchange.info.name) },
});
