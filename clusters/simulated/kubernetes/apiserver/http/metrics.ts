/** What a request is counted by. */
export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly code: number;
}

/** Counts requests as kube-apiserver's metrics do (apiserver/pkg/endpoints/metrics/metrics.go); only what it counts is shown. */
export class Metrics {
  readonly #requests = new Map<string, { readonly labels: RequestLabels; count: number }>();
  #longRunning = 0;

  count(labels: RequestLabels): void {
    const key = `${labels.code} ${labels.verb} ${labels.group}/${labels.version}/${labels.resource}/${labels.subresource}`;
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
        ({ labels: { code, group, resource, subresource, verb, version }, count }) =>
          `apiserver_request_total{code="${code}",component="apiserver",dry_run="",group="${group}",resource="${resource}",scope="",subresource="${subresource}",verb="${verb.toUpperCase()}",version="${version}"} ${count}`,
      ),
    ];
    return `${lines.join('\n')}\n`;
  }
}
