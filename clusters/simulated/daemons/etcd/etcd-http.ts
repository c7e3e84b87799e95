import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { ETCD_VERSION } from './answer.ts';

/** The checks of an etcd that is well (etcd/server/etcdserver/api/etcdhttp/health.go). */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  '/livez': ['serializable_read'],
  '/readyz': ['data_corruption', 'serializable_read', 'linearizable_read', 'non_learner'],
};

const METRICS = `# not simulated: most of the metrics of etcd
# HELP etcd_server_has_leader Whether or not a leader exists. 1 is existence, 0 is not.
# TYPE etcd_server_has_leader gauge
etcd_server_has_leader 1
# HELP etcd_server_is_leader Whether or not this member is a leader. 1 if is, 0 otherwise.
# TYPE etcd_server_is_leader gauge
etcd_server_is_leader 1
`;

/** What etcd answers over HTTP without gRPC: its health, version and metrics; `only` are the paths that there are on a port. */
export function answerHttp(
  at: string | undefined,
  response: Http2ServerResponse | ServerResponse,
  only?: readonly string[],
): void {
  const { pathname, searchParams } = new URL(at ?? '/', 'http://etcd');
  const isThere = only === undefined || only.includes(pathname);
  const { type, body } = (isThere ? answerTo(pathname, searchParams.has('verbose')) : undefined) ?? {
    type: TEXT,
    body: undefined,
  };
  response.statusCode = body === undefined ? 404 : 200;
  response.setHeader('content-type', type);
  response.end(body ?? '404 page not found\n');
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';

function answerTo(path: string, isVerbose: boolean): { readonly type: string; readonly body: string } | undefined {
  if (path === '/health') return { type: JSON_TYPE, body: '{"health":"true","reason":""}' };
  if (path === '/version')
    return { type: JSON_TYPE, body: `{"etcdserver":"${ETCD_VERSION}","etcdcluster":"${CLUSTER_VERSION}"}` };
  if (path === '/metrics') return { type: TEXT, body: METRICS };
  const [, endpoint = '', check] = /^(\/[a-z]+)(?:\/(.*))?$/.exec(path) ?? [];
  const checks = CHECKS[endpoint]?.filter((name) => check === undefined || name === check) ?? [];
  if (checks.length === 0) return undefined;
  const told = isVerbose ? checks.map((name) => `[+]${name} ok\n`).join('') : '';
  return { type: TEXT, body: `${told}ok\n` };
}

/** Of the cluster, which is behind its member's. */
const CLUSTER_VERSION = ETCD_VERSION.replace(/\d+$/, '0');
