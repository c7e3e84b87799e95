import { notFound } from '../../status.ts';
import { negotiate } from '../encode/negotiate.ts';
import { liveObject, type ResourceExchange } from '../http/exchange.ts';
import { sendObject } from '../http/respond.ts';
import { asServed } from '../registry/convert.ts';

export function get(exchange: ResourceExchange): void {
  const format = negotiate(exchange.request.headers.accept, exchange.row.type === '');
  const object = liveObject(exchange);
  if (!object) throw notFound(exchange.row, exchange.info.name);
  sendObject(exchange, 200, asServed(object, exchange.row), format);
}
