import type { FlagReader } from '../flag-reader.ts';

/** The minor version before the one that is simulated, 1.36. */
const PREVIOUS = '1.35';

/** metrics.Options.Validate (component-base/metrics/options.go). */
export function metricsProblems(flags: FlagReader): string[] {
  const problems: string[] = [];
  const shown = flags.text('show-hidden-metrics-for-version');
  if (shown !== '' && shown !== PREVIOUS) {
    problems.push(
      `--show-hidden-metrics-for-version must be omitted or have the value '${PREVIOUS}'. Only the previous minor version is allowed`,
    );
  }
  const name = flags.list('disabled-metrics').find((metric) => !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric));
  if (name !== undefined) {
    problems.push(
      `--disabled-metrics must be fully qualified metric names matching "^[a-zA-Z_:][a-zA-Z0-9_:]*$", got ${JSON.stringify(name)}`,
    );
  }
  return problems;
}

/** What keeps logging from being set up, before any other option is looked at (component-base/logs/api/v1/options.go Validate). */
export function loggingProblems(flags: FlagReader): string[] {
  const format = flags.text('logging-format', 'text');
  const problems: string[] = [];
  if (format !== 'text' && format !== 'json') {
    problems.push(`format: Invalid value: ${JSON.stringify(format)}: Unsupported log format`);
  }
  if (format !== 'text' && flags.text('vmodule') !== '')
    problems.push('vmodule: Forbidden: Only supported for text log format');
  const alpha = flags.list('feature-gates').some((pair) => /^(kube:)?LoggingAlphaOptions=(true|1|t)$/i.test(pair));
  for (const kind of alpha ? [] : ['text', 'json']) {
    if (flags.flag(`log-${kind}-split-stream`, false))
      problems.push(`options.${kind}.splitStream: Forbidden: Feature LoggingAlphaOptions is disabled`);
    if (!/^0*$/.test(flags.text(`log-${kind}-info-buffer-size`)))
      problems.push(`options.${kind}.infoBufferSize: Forbidden: Feature LoggingAlphaOptions is disabled`);
  }
  return problems;
}

/** validateUnknownVersionInteroperabilityProxyFlags (pkg/controlplane/apiserver/options/validation.go). */
export const peerProblems = (flags: FlagReader): string[] =>
  flags.list('feature-gates').some((pair) => /^(kube:)?UnknownVersionInteroperabilityProxy=(true|1|t)$/i.test(pair))
    ? []
    : ['peer-ca-file', 'peer-advertise-ip', 'peer-advertise-port']
        .filter((name) => flags.text(name) !== '')
        .map((name) => `--${name} requires UnknownVersionInteroperabilityProxy feature to be turned on`);
