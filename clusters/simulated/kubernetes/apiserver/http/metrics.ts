import type { RequestInfo } from './request-info.ts';

/** What a request is counted by. */
export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: 'resource' | 'namespace' | 'cluster' | '';
  readonly dryRun: boolean;
  readonly code: number;
}

/** Requests are counted by HTTP's words for what they do (metrics.go cleanVerb). */
const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' };

/** What a request is about: one object, a namespace's or the cluster's, or none (metrics.go CleanScope). */
export function scopeOf({ name, verb, namespace, isResource }: RequestInfo): RequestLabels['scope'] {
  if (!isResource) return '';
  if (name !== '' || verb === 'create') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}

/** Counts requests as kube-apiserver's metrics do (apiserver/pkg/endpoints/metrics/metrics.go); only what it counts is shown. */
export class Metrics {
  readonly #requests = new Map<string, { readonly labels: RequestLabels; count: number }>();
  #longRunning = 0;

  count(labels: RequestLabels): void {
    const key = `${labels.code} ${labels.verb} ${labels.scope} ${labels.dryRun} ${labels.group}/${labels.version}/${labels.resource}/${labels.subresource}`;
    const known = this.#requests.get(key);
    if (known) known.count++;
    // Names come from rows and methods, but a client chooses methods: bounded.
    else if (this.#requests.size < 5000) this.#requests.set(key, { labels, count: 1 });
  }

  longRunning(change: 1 | -1): void {
    this.#longRunning += change;
  }

  /** Prometheus text exposition. */
  text(): string {
    const lines = [
      '# HELP apiserver_longrunning_requests [STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
      '# TYPE apiserver_longrunning_requests gauge',
      `apiserver_longrunning_requests{component="apiserver",verb="WATCH"} ${this.#longRunning}`,
      '# HELP apiserver_request_total [STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      '# TYPE apiserver_request_total counter',
      ...[...this.#requests.values()].map(
        ({ labels: { code, dryRun, group, resource, scope, subresource, verb, version }, count }) =>
          `apiserver_request_total{code="${code}",component="apiserver",dry_run="${dryRun ? 'All' : ''}",group="${group}",resource="${resource}",scope="${scope}",subresource="${subresource}",verb="${VERBS[verb] ?? verb.toUpperCase()}",version="${version}"} ${count}`,
      ),
    ];
    return `${lines.join('\n')}\n`;
  }
}
