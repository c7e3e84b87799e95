import type { Exchange } from './http/exchange.ts';
import { storeProblem } from './component-health.ts';
import { healthAnswer } from './health-answer.ts';
import { send } from './http/respond.ts';

/** Post-start hooks of a kube-apiserver 1.36 that kubeadm starts, in the order of `/readyz?verbose` (controlplane/apiserver/server.go). */
const HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map((hook) => `poststarthook/${hook}`);

const AFTER = ['autoregister-completion', 'apiservice-openapi-controller', 'apiservice-openapiv3-controller'];
const LIVE = [
  'ping',
  'log',
  'etcd',
  ...HOOKS,
  'autoregister-completion',
  ...AFTER.slice(1).map((hook) => `poststarthook/${hook}`),
];

const CHECKS: Readonly<Record<string, readonly string[]>> = {
  healthz: LIVE,
  livez: LIVE,
  readyz: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...LIVE.slice(3), 'shutdown'],
};

/** Checks that fail while etcd is not reached. */
const OF_ETCD = new Set(['etcd', 'etcd-readiness']);

/** `/healthz`, `/livez`, `/readyz` and each check below them. But for etcd's they hold while the server is up. */
export function serveHealth(exchange: Exchange, path: string): void {
  const [, endpoint = '', ...rest] = path.split('/');
  const problem = storeProblem(exchange.parts.componentHealth);
  const { status, body } = healthAnswer({
    endpoint,
    check: rest.length === 0 ? undefined : rest.join('/'),
    query: exchange.info.query,
    checks: CHECKS[endpoint] ?? [],
    problemOf: (check) => (OF_ETCD.has(check) ? problem : undefined),
  });
  exchange.response.setHeader('X-Content-Type-Options', 'nosniff');
  send(exchange, status, 'text/plain; charset=utf-8', body);
}
