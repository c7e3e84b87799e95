import type { ResourceExchange } from '../http/exchange.ts';
import { methodNotAllowed, pageNotFound } from '../http/refuse.ts';
import { bind } from './binding.ts';
import { evict } from './eviction.ts';
import { get } from './get.ts';
import { connect, readLog } from './kubelet.ts';
import { patch } from './patch.ts';
import { proxy } from '../proxy/proxy.ts';
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
      return proxy(exchange);
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
