/** What is asked of a server's health. */
export interface HealthQuestion {
  /** `healthz`, `livez`, `readyz`. */
  readonly endpoint: string;
  /** One of its checks alone; undefined for all. */
  readonly check: string | undefined;
  readonly query: URLSearchParams;
  /** The endpoint's checks in their order. */
  readonly checks: readonly string[];
  /** Why a check fails; undefined while it holds. */
  readonly problemOf: (check: string) => string | undefined;
}

export interface HealthAnswer {
  readonly status: 200 | 404 | 500;
  readonly body: string;
}

/** The answer of any of Kubernetes' servers (apiserver/pkg/server/healthz/healthz.go). */
export function healthAnswer({ endpoint, check, query, checks, problemOf }: HealthQuestion): HealthAnswer {
  if (check !== undefined) {
    if (!checks.includes(check)) return { status: 404, body: '404 page not found\n' };
    const problem = problemOf(check);
    return problem === undefined
      ? { status: 200, body: 'ok' }
      : { status: 500, body: `internal server error: ${problem}\n` };
  }
  const excluded = new Set(query.getAll('exclude'));
  const fails = (name: string): boolean => !excluded.has(name) && problemOf(name) !== undefined;
  const isWell = !checks.some(fails);
  if (isWell && !query.has('verbose')) return { status: 200, body: 'ok' };
  const unknown = [...excluded].filter((name) => !checks.includes(name));
  const lines = checks.map((name) =>
    fails(name) ? `[-]${name} failed: reason withheld` : `[+]${name} ${excluded.has(name) ? 'excluded: ok' : 'ok'}`,
  );
  if (unknown.length > 0)
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(', ')}`,
    );
  return {
    status: isWell ? 200 : 500,
    body: `${lines.join('\n')}\n${endpoint} check ${isWell ? 'passed' : 'failed'}\n`,
  };
}
