import type { CheckResult, State } from './evaluate.ts';
import { isScored, type Group, type Target } from './benchmark.ts';
import type { PathVariable } from './node-state.ts';

/** One target's results, group by group in the benchmark's order. */
export interface TargetResult {
  readonly target: Target;
  readonly groups: readonly { readonly group: Group; readonly results: readonly CheckResult[] }[];
}

export interface ReportStyle {
  readonly colours: boolean;
  readonly results: boolean;
  readonly remediations: boolean;
  readonly summary: boolean;
  /** What was found instead, below each check that fails. */
  readonly outputs: boolean;
  readonly totals: boolean;
  readonly paths: Readonly<Record<PathVariable, string>>;
}

export type Counts = Readonly<Record<State, number>>;

const COLOURS: Readonly<Record<State, number>> = { PASS: 32, FAIL: 31, WARN: 33, INFO: 34 };

export function counts(targets: readonly TargetResult[]): Counts {
  const sum = { PASS: 0, FAIL: 0, WARN: 0, INFO: 0 };
  for (const { groups } of targets) for (const { results } of groups) for (const { state } of results) sum[state]++;
  return sum;
}

/** The report on a terminal (kube-bench, cmd/common.go, `prettyPrint`). */
export function textReport(targets: readonly TargetResult[], style: ReportStyle): string {
  const paint = (state: State, text: string): string =>
    style.colours ? `\u001B[${COLOURS[state]}m${text}\u001B[0m` : text;
  const line = (state: State, text: string): string => `${paint(state, `[${state}] `)}${text}\n`;
  const summaryOf = (name: string, sum: Counts): string =>
    `${paint(worst(sum), `== Summary ${name} ==`)}\n${sum.PASS} checks PASS\n${sum.FAIL} checks FAIL\n${sum.WARN} checks WARN\n${sum.INFO} checks INFO\n\n`;
  let text = '';
  for (const one of targets) {
    const { target, groups } = one;
    const sum = counts([one]);
    if (style.results) {
      text += line('INFO', `${target.id} ${target.text}`);
      for (const { group, results } of groups) {
        text += line('INFO', `${group.id} ${group.text}`);
        for (const { check, state, actual } of results) {
          text += line(state, `${check.id} ${check.text}`);
          if (style.outputs && state === 'FAIL' && actual !== '')
            text += actual
              .split('\n')
              .map((one) => `\t ${one}\n`)
              .join('');
        }
      }
      text += '\n';
    }
    if (style.remediations && sum.FAIL + sum.WARN > 0) {
      text += `${paint('WARN', `== Remediations ${target.name} ==`)}\n`;
      for (const { results } of groups)
        for (const { check, state } of results)
          if (state === 'FAIL' || state === 'WARN')
            text += `${check.id} ${withPaths(check.remediation, style.paths)}\n`;
      text += '\n';
    }
    if (style.summary) text += summaryOf(target.name, sum);
  }
  return style.totals ? `${text}${summaryOf('total', counts(targets))}` : text;
}

/** The report for programs, on one line (kube-bench, check/controls.go and cmd/common.go, `writeJSONOutput`). */
export function jsonReport(
  targets: readonly TargetResult[],
  { paths, totals, benchmark, version }: Pick<ReportStyle, 'paths' | 'totals'> & { benchmark: string; version: string },
): string {
  const controls = targets.map((one) => ({
    id: one.target.id,
    version: benchmark,
    detected_version: version,
    text: one.target.text,
    node_type: one.target.name,
    tests: one.groups.map(({ group, results }) => ({
      section: group.id,
      type: '',
      ...numbers(counts([{ ...one, groups: [{ group, results }] }]), ''),
      desc: group.text,
      results: results.map((result) => documentOf(result, paths)),
    })),
    ...numbers(counts([one]), 'total_'),
  }));
  const whole = totals ? { Controls: controls, Totals: numbers(counts(targets), 'total_') } : controls;
  return `${json(whole)}\n`;
}

/** One check's result for programs (kube-bench, check/check.go, `Check`). */
export const documentOf = ({ check, state, actual, expected, reason }: CheckResult, paths: ReportStyle['paths']) => ({
  test_number: check.id,
  test_desc: check.text,
  audit: withPaths(check.audit?.command ?? '', paths),
  AuditEnv: '',
  AuditConfig: withPaths(check.config?.command ?? '', paths),
  type: check.audit === undefined ? 'manual' : '',
  remediation: withPaths(check.remediation, paths),
  test_info: [withPaths(check.remediation, paths)],
  status: state,
  actual_value: actual,
  scored: isScored(check),
  IsMultiple: check.tests?.eachLine ?? false,
  expected_result: expected,
  ...(reason === '' ? {} : { reason }),
});

/** As Go's encoding/json writes it: without the signs that HTML would take for markup. */
export const json = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);

const numbers = (sum: Counts, prefix: string) => ({
  [`${prefix}pass`]: sum.PASS,
  [`${prefix}fail`]: sum.FAIL,
  [`${prefix}warn`]: sum.WARN,
  [`${prefix}info`]: sum.INFO,
});

const worst = (sum: Counts): State => (sum.FAIL > 0 ? 'FAIL' : sum.WARN > 0 ? 'WARN' : 'PASS');

/** Puts this node's paths where `$apiserverconf` and its like stand; other variables of a shell line stay. */
const withPaths = (text: string, paths: Readonly<Record<PathVariable, string>>): string =>
  text.replaceAll(/\$([a-z]+)/g, (whole, name: string) => (paths as Readonly<Record<string, string>>)[name] ?? whole);
