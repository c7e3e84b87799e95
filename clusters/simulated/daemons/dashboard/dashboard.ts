import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { handedHttps } from '../go-tls.ts';
import { answer, answerJson } from '../http-body.ts';

/** What the Dashboard asks of the cluster, on every request. */
export interface DashboardCluster {
  /** Whether a ready pod of the Dashboard stands behind its Service, and what its arguments allow; undefined when none does. */
  backend(): Promise<{ readonly skipLogin: boolean } | undefined>;
  /** GET of an API path with the Dashboard's own ServiceAccount, or with a visitor's token. */
  get(as: DashboardIdentity, path: string): Promise<{ readonly status: number; readonly body: unknown }>;
}

export type DashboardIdentity = { readonly kind: 'own' } | { readonly kind: 'token'; readonly token: string };

export interface DashboardRequest {
  /** PEM, of the self-signed kind that `--auto-generate-certificates` makes. */
  readonly certificate: string;
  readonly key: string;
  readonly cluster: DashboardCluster;
}

const Named = z.looseObject({ metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }) });
const List = z.looseObject({ items: z.array(Named) });

/** Dashboard's names of lists and the API's (dashboard v2.7, src/app/backend/handler/apihandler.go). */
const RESOURCES: Readonly<Record<string, string>> = {
  namespace: 'namespaces',
  secret: 'secrets',
  pod: 'pods',
  configmap: 'configmaps',
  node: 'nodes',
  service: 'services',
  serviceaccount: 'serviceaccounts',
};

/**
 * The Kubernetes Dashboard as an attacker meets it: a page, and the JSON API behind it. Takes connections of its NodePort; a connection
 * is reset while nothing stands behind the Service.
 */
export function dashboard({ certificate, key, cluster }: DashboardRequest): (socket: Socket) => void {
  const accept = handedHttps({ cert: certificate, key }, (request, response) => {
    serve(cluster, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else answer(response, 500, 'Internal Server Error\n');
    });
  });
  return (socket) => {
    socket.pause();
    cluster
      .backend()
      .then((backend) => (backend === undefined ? socket.resetAndDestroy() : accept(socket)))
      .catch(() => socket.destroy());
  };
}

async function serve(cluster: DashboardCluster, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const backend = await cluster.backend();
  if (backend === undefined) return void response.destroy();
  const { pathname } = new URL(request.url ?? '/', 'https://dashboard');
  if (pathname === '/')
    return answer(response, 200, await page(cluster, backend.skipLogin), 'text/html; charset=utf-8');
  if (pathname === '/api/v1/login/skippable') return answerJson(response, 200, { skippable: backend.skipLogin });
  const [, api, version, kind = '', namespace, name, ...rest] = pathname.split('/');
  const resource = RESOURCES[kind];
  if (api !== 'api' || version !== 'v1' || resource === undefined || rest.length > 0 || request.method !== 'GET') {
    return answer(response, 404, `not simulated: ${request.method} ${pathname.slice(0, 200)} of the Dashboard\n`);
  }
  const token = /^bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined && !backend.skipLogin) return answer(response, 401, 'MSG_LOGIN_UNAUTHORIZED_ERROR\n');
  const scoped = namespace === undefined || resource === 'namespaces' ? '' : `/namespaces/${namespace}`;
  const got = await cluster.get(
    token === undefined ? { kind: 'own' } : { kind: 'token', token },
    `/api/v1${scoped}/${resource}${name === undefined ? '' : `/${name}`}`,
  );
  const list = List.safeParse(got.body);
  if (got.status !== 200 || !list.success) return answerJson(response, got.status, got.body);
  const { items } = list.data;
  const key = { namespaces: 'namespaces', pods: 'pods', secrets: 'secrets' }[resource] ?? 'items';
  return answerJson(response, 200, {
    listMeta: { totalItems: items.length },
    [key]: items.map(({ metadata }) => ({ objectMeta: metadata, typeMeta: { kind } })),
    errors: [],
  });
}

/** The page shows what a click on Skip would: no script, and every name escaped. */
async function page(cluster: DashboardCluster, skipLogin: boolean): Promise<string> {
  const title = '<!doctype html><meta charset="utf-8"><title>Kubernetes Dashboard</title><h1>Kubernetes Dashboard</h1>';
  if (!skipLogin) return `${title}<p>Sign in with a token.</p>\n`;
  const lists = await Promise.all(
    ['namespaces', 'pods', 'secrets'].map(async (resource) => {
      const { status, body } = await cluster.get({ kind: 'own' }, `/api/v1/${resource}`);
      const list = List.safeParse(body);
      if (status !== 200 || !list.success) return `<h2>${resource}</h2><p>forbidden (${status})</p>`;
      const rows = list.data.items.map(
        ({ metadata }) => `<li>${escaped([metadata.namespace, metadata.name].filter(Boolean).join('/'))}</li>`,
      );
      return `<h2>${resource} (${rows.length})</h2><ul>${rows.join('')}</ul>`;
    }),
  );
  return `${title}<p>Signed in by <b>Skip</b>.</p>${lists.join('')}\n`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
