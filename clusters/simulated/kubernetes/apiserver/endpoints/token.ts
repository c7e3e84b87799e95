import { negotiate } from '../encode/negotiate.ts';
import { notFound } from '../../status.ts';
import { liveObject, type ResourceExchange } from '../http/exchange.ts';
import { sendObject } from '../http/respond.ts';
import { readObject } from './body.ts';
import { writeOptions } from './options.ts';

const TOKEN_REQUEST = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  type: 'io.k8s.api.authentication.v1.TokenRequest',
} as const;

/** `serviceaccounts/token` (pkg/registry/core/serviceaccount/storage/token.go). */
export async function requestToken(exchange: ResourceExchange): Promise<void> {
  const format = negotiate(exchange.request.headers.accept);
  const options = writeOptions(exchange, 'CreateOptions');
  const wanted = await readObject(exchange, TOKEN_REQUEST, options);
  const account = liveObject(exchange);
  if (!account) throw notFound(exchange.row, exchange.info.name);
  const issued = await exchange.parts.security.tokens.request(account, wanted);
  sendObject(exchange, 201, issued, format, TOKEN_REQUEST.type);
}
