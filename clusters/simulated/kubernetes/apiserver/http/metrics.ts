/** Counts requests as kube-apiserver's metrics do (apiserver/pkg/endpoints/metrics/metrics.go); only what it counts is shown. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  #longRunning = 0;

  count(labels: {
    verb: string;
    group: string;
    version: string;
    resource: string;
    subresource: string;
    code: number;
  }): void {
    const key = `code="${labels.code}",component="apiserver",dry_run="",group="${labels.group}",resource="${labels.resource}",scope="",subresource="${labels.subresource}",verb="${labels.verb.toUpperCase()}",version="${labels.version}"`;
    // Names come from rows and methods, but a client chooses methods: bounded.
    if (this.#requests.size < 5000 || this.#requests.has(key)) {
      this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    }
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
      ...[...this.#requests].map(([labels, count]) => `apiserver_request_total{${labels}} ${count}`),
    ];
    return `${lines.join('\n')}\n`;
  }
}
