import { ApiError } from '../../status.ts';
import type { Exchange } from './exchange.ts';
import { send } from './respond.ts';

export function methodNotAllowed(): never {
  throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** What the mux answers for a path that nothing serves; kubectl turns it into its own words. */
export function pageNotFound(exchange: Exchange): void {
  exchange.response.setHeader('X-Content-Type-Options', 'nosniff');
  send(exchange, 404, 'text/plain; charset=utf-8', '404 page not found\n');
}
