import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { healthAnswer } from '../../kubernetes/apiserver/health-answer.ts';
import { answer, answerJson, readBody } from '../http-body.ts';
import type { KubeletCluster } from './kubelet-cluster.ts';
import type { KubeletConfig } from './kubelet-config-file.ts';
import { requestUser } from './request-user.ts';

export interface KubeletApi {
  readonly config: KubeletConfig;
  /** The configuration file's whole content, which /configz tells. */
  readonly whole: unknown;
  readonly cluster: KubeletCluster;
}

/** The kubelet's HTTPS API: authentication, authorization, then the route (kubernetes/pkg/kubelet/server/server.go). */
export function secureRoutes(api: KubeletApi): RequestListener {
  return guarded(async (request, response, url) => {
    const user = await requestUser(request, api.config, api.cluster);
    if (user === undefined) return answer(response, 401, 'Unauthorized');
    const verb = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[request.method ?? ''] ?? 'get';
    const subresources = subresourcesOf(url.pathname);
    if (api.config.authorization.mode !== 'AlwaysAllow') {
      const decisions = await Promise.all(subresources.map((one) => api.cluster.authorize(user, verb, one)));
      if (!decisions.includes(true)) {
        return answer(
          response,
          403,
          `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])`,
        );
      }
    }
    return serve(api, request, response, url);
  });
}

/** The read-only port asks nobody who they are. */
export function readOnlyRoutes(api: KubeletApi): RequestListener {
  return guarded(async (_request, response, url) => serveReading(api, response, url));
}

/** What answers at `healthzPort`, to anybody. */
export const healthzRoutes: RequestListener = guarded((request, response, url) => {
  const [, endpoint = '', ...rest] = url.pathname.split('/');
  const check = rest.length === 0 ? undefined : rest.join('/');
  if (endpoint !== 'healthz') answer(response, 404, '404 page not found\n');
  else {
    const question = { endpoint, check, query: url.searchParams, checks: ['ping'], problemOf: () => undefined };
    const { status, body } = healthAnswer(question);
    answer(response, status, body);
  }
  return Promise.resolve();
});

/** Any one of them suffices (KEP-2862, fine-grained kubelet API authorization; pkg/kubelet/server/auth.go). */
function subresourcesOf(path: string): readonly string[] {
  const under = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
  if (under('/stats')) return ['stats'];
  if (under('/metrics')) return ['metrics'];
  if (under('/logs')) return ['log'];
  if (under('/checkpoint')) return ['checkpoint'];
  if (under('/pods') || under('/runningpods')) return ['pods', 'proxy'];
  if (under('/healthz')) return ['healthz', 'proxy'];
  if (under('/configz')) return ['configz', 'proxy'];
  return ['proxy'];
}

function guarded(
  run: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>,
): RequestListener {
  return (request, response) => {
    const serve = async () => run(request, response, new URL(request.url ?? '/', 'http://kubelet'));
    serve().catch(() => {
      // A malformed path, a client that has gone, a cluster that is down: nobody else's business.
      if (response.headersSent) response.destroy();
      else answer(response, 500, 'Internal Server Error');
    });
  };
}

async function serve(api: KubeletApi, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const [, verb, namespace, pod, container, ...rest] = url.pathname.split('/').map((part) => decodeURIComponent(part));
  const named = rest.length === 0 && namespace && pod && container ? { namespace, pod, container } : undefined;
  if (verb === 'run' && named !== undefined) {
    if (request.method !== 'POST') return answer(response, 405, '405: Method Not Allowed');
    if (!api.config.enableDebuggingHandlers) return answer(response, 405, 'Debug endpoints are disabled.\n');
    const form = new URLSearchParams((await readBody(request)) ?? '');
    const command = form.get('cmd') ?? url.searchParams.get('cmd') ?? '';
    // The kubelet splits at blanks and knows no quotes.
    const output = await api.cluster.run(named, command.split(' ').filter(Boolean), AbortSignal.timeout(30_000));
    return output === undefined ? answer(response, 404, 'pod does not exist') : answer(response, 200, output);
  }
  if (verb === 'containerLogs' && named !== undefined) {
    const log = await api.cluster.logs(named);
    return log === undefined ? answer(response, 404, 'pod does not exist') : answer(response, 200, log);
  }
  if (['exec', 'attach', 'portForward', 'checkpoint', 'logs', 'debug'].includes(verb ?? '')) {
    return answer(
      response,
      501,
      `not simulated: /${verb} of the kubelet; /run/NAMESPACE/POD/CONTAINER runs a command\n`,
    );
  }
  if (url.pathname === '/configz') return answerJson(response, 200, { kubeletconfig: api.whole });
  return serveReading(api, response, url);
}

async function serveReading({ cluster }: KubeletApi, response: ServerResponse, url: URL): Promise<void> {
  const path = url.pathname.replace(/\/$/, '');
  if (path === '/healthz') return answer(response, 200, 'ok');
  if (path === '/pods' || path === '/runningpods') {
    const items = await cluster.pods();
    return answerJson(response, 200, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
  }
  if (path === '/metrics')
    return answer(response, 200, metrics((await cluster.pods()).length), 'text/plain; version=0.0.4; charset=utf-8');
  if (path.startsWith('/stats') || path.startsWith('/metrics/'))
    return answer(response, 501, `not simulated: ${path.slice(0, 200)} of the kubelet\n`);
  return answer(response, 404, '404 page not found\n');
}

function metrics(pods: number): string {
  return [
    '# HELP kubelet_running_pods [ALPHA] Number of pods that have a running pod sandbox',
    '# TYPE kubelet_running_pods gauge',
    `kubelet_running_pods ${pods}`,
    '',
  ].join('\n');
}
