import type { FlagReader } from '../flag-reader.ts';

const ORIGINS_HELP =
  "List of allowed origins for CORS, comma separated. An allowed origin can be a regular expression to support subdomain matching. If this list is empty CORS will not be enabled. Please ensure each expression matches the entire hostname by anchoring to the start with '^' or including the '//' prefix, and by anchoring to the end with '$' or including the ':' port separator suffix. Examples of valid expressions are '//example.com(:|$)' and '^https://example.com(:|$)'";

/** What may not be negative, in upstream's order, and what it says of it. */
const NOT_NEGATIVE: readonly (readonly [string, string])[] = [
  ['livez-grace-period', '--livez-grace-period can not be a negative value'],
  ['max-requests-inflight', '--max-requests-inflight can not be negative value'],
  ['max-mutating-requests-inflight', '--max-mutating-requests-inflight can not be negative value'],
  ['request-timeout', '--request-timeout can not be negative value'],
  ['goaway-chance', '--goaway-chance can not be less than 0 or greater than 0.02'],
  ['min-request-timeout', '--min-request-timeout can not be negative value'],
  ['storage-initialization-timeout', '--storage-initialization-timeout can not be negative value'],
  ['shutdown-delay-duration', '--shutdown-delay-duration can not be negative value'],
  [
    'shutdown-watch-termination-grace-period',
    'shutdown-watch-termination-grace-period, if provided, can not be a negative value',
  ],
];

/** ServerRunOptions.Validate (apiserver/pkg/server/options/server_run_options.go). */
export function genericProblems(flags: FlagReader): string[] {
  const problems = NOT_NEGATIVE.flatMap(([name, text]) => {
    const value = flags.number(name, 0);
    return value < 0 || (name === 'goaway-chance' && value > 0.02) ? [text] : [];
  });
  problems.push(...aggregated(flags.list('strict-transport-security-directives').flatMap(directiveProblem)));
  problems.push(...aggregated(flags.list('cors-allowed-origins').flatMap(originProblem)));
  // No other version than the binary's own is emulated.
  for (const [name, option] of [
    ['emulation-forward-compatible', 'EmulationForwardCompatible'],
    ['runtime-config-emulation-forward-compatible', 'RuntimeConfigEmulationForwardCompatible'],
  ] as const) {
    if (flags.flag(name, false) && !flags.has('emulated-version')) {
      problems.push(
        `ServerRunOptions.${option} cannot be set to true if the emulation version is the same as the binary version`,
      );
    }
  }
  return problems;
}

/** Several problems of one flag are one to upstream. */
const aggregated = (problems: readonly string[]): string[] =>
  problems.length < 2 ? [...problems] : [`[${problems.join(', ')}]`];

function directiveProblem(directive: string): string[] {
  if (directive.trim() === '') return ['empty value in strict-transport-security-directives'];
  if (directive === 'includeSubDomains' || directive === 'preload' || /^max-age=[^=]*$/.test(directive)) return [];
  return [
    '--strict-transport-security-directives invalid, allowed values: max-age=expireTime, includeSubDomains, preload. see https://tools.ietf.org/html/rfc6797#section-6.1 for more information',
  ];
}

/** An expression must hold the host at both ends, or `example.com.evil` would pass (CVE-2022-1996). */
function originProblem(origin: string): string[] {
  if (origin === '') return [`empty value in --cors-allowed-origins, help: ${ORIGINS_HELP}`];
  if (/\^|\/\//.test(origin) && /[$:]/.test(origin)) return [];
  return [
    `--cors-allowed-origins has an invalid regular expression: regular expression does not pin to start/end of host in the origin header, help: ${ORIGINS_HELP}`,
  ];
}
