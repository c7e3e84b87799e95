import { healthAnswer } from '../../kubernetes/apiserver/health-answer.ts';

/** What a program serves on its secure port. */
export interface Endpoints {
  readonly program: string;
  /** Checks by the endpoint that has them: `healthz`, `livez`, `readyz`. */
  readonly checks: Readonly<Record<string, readonly string[]>>;
  /** Why a check fails; undefined while it holds. */
  readonly problemOf: (check: string) => string | undefined;
  /** Whether /debug/pprof and /debug/flags are served. */
  readonly profiling: boolean;
  /** Lines of /metrics. */
  readonly metrics: () => readonly string[];
}

export interface EndpointAnswer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

const TEXT = 'text/plain; charset=utf-8';
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';
const PROFILES = /^\/debug\/(?:pprof|flags)(?:\/|$)/;

/** The answer for whoever may ask (cmd/kube-scheduler/app/server.go newEndpointsHandler, controller-manager/app/serve.go NewBaseHandler). */
export function endpointAnswer(endpoints: Endpoints, url: URL): EndpointAnswer {
  const { program, checks, problemOf, profiling, metrics } = endpoints;
  const [, endpoint = '', ...rest] = url.pathname.split('/');
  const those = checks[endpoint];
  if (those !== undefined) {
    const check = rest.length === 0 ? undefined : rest.join('/');
    return { ...healthAnswer({ endpoint, check, query: url.searchParams, checks: those, problemOf }), type: TEXT };
  }
  if (url.pathname === '/metrics') return { status: 200, body: `${metrics().join('\n')}\n`, type: METRICS };
  const isKnown = ['/configz', '/metrics/slis', '/metrics/resources'].includes(url.pathname);
  if (isKnown || (profiling && PROFILES.test(url.pathname)))
    return { status: 501, body: `not simulated: ${url.pathname.slice(0, 200)} of ${program}\n`, type: TEXT };
  return { status: 404, body: '404 page not found\n', type: TEXT };
}
