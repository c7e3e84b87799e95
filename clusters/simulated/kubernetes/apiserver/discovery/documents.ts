import { openApiV2, openApiV3, openApiV3Index, type OpenApiDocument } from '../../model/openapi.ts';
import type { Exchange } from '../http/exchange.ts';
import { commonHeaders, send, sendValue } from '../http/respond.ts';
import { aggregated, apiGroup, apiGroupList, apiResourceList, apiVersions } from './discovery.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
/** Asked for with `@`, which is no media type for Go's parser, and therefore answered with a dot (kube-openapi/pkg/handler). */
const GNOSTIC = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Serves discovery and OpenAPI; false for any other path. */
export function serveDocument(exchange: Exchange, path: string): boolean {
  const rows = exchange.parts.registry.rows.all;
  if (path === '/api' || path === '/apis') {
    if (wantsAggregated(exchange.request.headers.accept)) {
      exchange.response.setHeader('Vary', 'Accept');
      const { body, etag } = aggregated(rows, path === '/api');
      sendTagged(exchange, { body, etag }, AGGREGATED);
    } else sendValue(exchange, 200, path === '/api' ? apiVersions(exchange.request.headers.host) : apiGroupList(rows));
    return true;
  }
  if (path === '/openapi/v2') {
    const protobuf = (exchange.request.headers.accept ?? '').includes('com.github.proto-openapi.spec.v2');
    sendTagged(exchange, openApiV2(rows, protobuf ? 'protobuf' : 'json'), protobuf ? GNOSTIC : 'application/json');
    return true;
  }
  if (path === '/openapi/v3') {
    sendTagged(exchange, openApiV3Index(rows), 'application/json');
    return true;
  }
  if (path.startsWith('/openapi/v3/')) {
    const document = openApiV3(rows, path.slice('/openapi/v3/'.length));
    if (!document) return false;
    if (exchange.info.query.has('hash')) exchange.response.setHeader('Cache-Control', 'public, immutable');
    sendTagged(exchange, document, 'application/json');
    return true;
  }
  const parts = path.split('/').slice(1);
  if (parts[0] === 'api' && parts.length === 2) return answer(exchange, apiResourceList(rows, '', parts[1]!));
  if (parts[0] !== 'apis') return false;
  if (parts.length === 2) return answer(exchange, apiGroup(rows, parts[1]!));
  if (parts.length === 3) return answer(exchange, apiResourceList(rows, parts[1]!, parts[2]!));
  return false;
}

function answer(exchange: Exchange, document: object | undefined): boolean {
  if (!document) return false;
  sendValue(exchange, 200, document);
  return true;
}

function sendTagged(exchange: Exchange, { body, etag }: OpenApiDocument, type: string): void {
  exchange.response.setHeader('ETag', etag);
  if (exchange.request.headers['if-none-match'] === etag)
    exchange.response.writeHead(304, commonHeaders(exchange) as never).end();
  else send(exchange, 200, type, body);
}

/** Whether the aggregated form is wanted before the plain one. */
function wantsAggregated(accept: string | undefined): boolean {
  const first = accept?.split(',').find((clause) => /^\s*(application\/json|\*\/\*)/.test(clause)) ?? '';
  return first.includes('as=APIGroupDiscoveryList') && /;\s*v=v2(;|$)/.test(first);
}
