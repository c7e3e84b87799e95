import type { FlagReader } from '../flag-reader.ts';

const MODES = ['batch', 'blocking', 'blocking-strict'];

/** AuditOptions.Validate (apiserver/pkg/server/options/audit.go): only of a log or a webhook that is used. */
export function auditProblems(flags: FlagReader): string[] {
  const problems: string[] = [];
  if (flags.text('audit-log-path') !== '') {
    problems.push(...backendProblems(flags, 'log', 'blocking', { maxSize: 1, throttled: false }));
    const format = flags.text('audit-log-format', 'json');
    if (format !== 'json' && format !== 'legacy')
      problems.push(`invalid audit log format ${format}, allowed formats are "legacy,json"`);
    for (const name of ['audit-log-maxage', 'audit-log-maxbackup', 'audit-log-maxsize']) {
      if (flags.number(name, 0) < 0) problems.push(`--${name} ${flags.number(name, 0)} can't be a negative number`);
    }
  }
  if (flags.text('audit-webhook-config-file') !== '') {
    problems.push(...backendProblems(flags, 'webhook', 'batch', { maxSize: 400, throttled: true }));
  }
  return problems;
}

function backendProblems(
  flags: FlagReader,
  backend: 'log' | 'webhook',
  usualMode: string,
  usual: { maxSize: number; throttled: boolean },
): string[] {
  const flag = (rest: string): string => `audit-${backend}-${rest}`;
  const mode = flags.text(flag('mode'), usualMode);
  const problems: string[] = [];
  if (!MODES.includes(mode)) {
    problems.push(`invalid audit ${backend} mode ${mode}, allowed modes are "${MODES.join(',')}"`);
  } else if (mode === 'batch') {
    const throttled = flags.flag(flag('batch-throttle-enable'), usual.throttled);
    const of = (rest: string, fallback: number): number => flags.number(flag(`batch-${rest}`), fallback);
    const [first] = [
      ['buffer size', of('buffer-size', 10_000)] as const,
      ['max batch size', of('max-size', usual.maxSize)] as const,
      ...(throttled
        ? [
            ['throttle QPS', of('throttle-qps', usual.throttled ? 10 : 0)] as const,
            ['throttle burst', of('throttle-burst', usual.throttled ? 15 : 0)] as const,
          ]
        : []),
    ].filter(([, value]) => value <= 0);
    if (first !== undefined) {
      problems.push(`invalid audit batch ${backend} ${first[0]} ${first[1]}, must be a positive number`);
    }
  }
  const most = flags.number(flag('truncate-max-event-size'), 102_400);
  const batch = flags.number(flag('truncate-max-batch-size'), 10_485_760);
  if (most <= 0) {
    problems.push(`invalid audit truncate ${backend} max event size ${most}, must be a positive number`);
  } else if (batch < most) {
    problems.push(
      `invalid audit truncate ${backend} max batch size ${batch}, must be greater than max event size (${most})`,
    );
  }
  if (flags.text(flag('version'), 'audit.k8s.io/v1') !== 'audit.k8s.io/v1') {
    problems.push('invalid group version, allowed versions are ["audit.k8s.io/v1"]');
  }
  return problems;
}
