import { ApiError } from '../../status.ts';
import type { Exchange } from './exchange.ts';
import { send } from './respond.ts';

export function methodNotAllowed(): never {
  throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/**
 * A path that nothing serves. Within a group version of its own the server answers with a Status (genericapiserver's
 * serviceErrorHandler); elsewhere its mux answers in plain text, which kubectl turns into words of its own.
 */
export function pageNotFound(exchange: Exchange): void {
  const { info, parts } = exchange;
  if (info.isResource && parts.registry.rows.isBuiltIn(info.group, info.version)) {
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
  exchange.response.setHeader('X-Content-Type-Options', 'nosniff');
  send(exchange, 404, 'text/plain; charset=utf-8', '404 page not found\n');
}
