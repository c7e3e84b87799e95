import type { CheckResult, Report, Verdict } from '../../protocol/report.ts';
import { type NamedReport, remarksOn } from './submission-report.ts';

const MARK: Readonly<Record<Verdict, string>> = { pass: '✓', fail: '✗', unknown: '?' };
const COLOUR: Readonly<Record<Verdict, string>> = { pass: '\u001b[32m', fail: '\u001b[31m', unknown: '\u001b[33m' };
const RESET = '\u001b[0m';

export interface TextOptions {
  /** ANSI colours. */
  readonly colour: boolean;
  /** The evidence of what passed, too. */
  readonly verbose?: boolean;
}

/** Reports of submissions, each under its name and what is to be said of it. */
export function renderSubmissions(reports: readonly NamedReport[], options: TextOptions): string {
  return reports
    .map((named) => {
      const remarks = remarksOn(named).map((remark) => `! ${oneLine(remark)}\n`);
      return `${named.name}\n${remarks.join('')}${renderText(named.report, options)}`;
    })
    .join('\n');
}

/** A report for a terminal: a line a check, and under each that did not pass what was seen, what is asked and the hint. */
export function renderText(report: Report, { colour, verbose = false }: TextOptions): string {
  const paint = (verdict: Verdict, text: string): string => (colour ? `${COLOUR[verdict]}${text}${RESET}` : text);
  const lines: string[] = [];
  for (const task of report.tasks) {
    const { earned, total } = task.score;
    lines.push(`${paint(task.verdict, MARK[task.verdict])} ${task.title}  [${task.c}]  ${earned}/${total}`);
    for (const result of task.results) {
      const guard = result.role === 'guard' ? ' (guard)' : '';
      const modelled = result.support === 'modelled' ? ' (modelled)' : '';
      lines.push(`    ${paint(result.verdict, MARK[result.verdict])} ${result.title}${guard}${modelled}`);
      for (const line of remarks(result, verbose)) lines.push(`        ${line}`);
    }
    lines.push('');
  }
  const { earned, total } = report.score;
  const byC = Object.entries(report.byC).map(([c, score]) => `${c} ${score.earned}/${score.total}`);
  lines.push(
    `Score ${earned} of ${total}   ${byC.join('   ')}   (${(report.milliseconds / 1000).toFixed(1)} s, ${report.backend})`,
  );
  return `${lines.join('\n')}\n`;
}

function remarks({ verdict, mismatch, reason, hint, evidence }: CheckResult, verbose: boolean): readonly string[] {
  if (verdict === 'pass') return verbose && evidence !== '' ? [`seen: ${oneLine(evidence)}`] : [];
  return [
    ...(mismatch === undefined ? [] : [mismatch]),
    ...(reason === undefined ? [] : [`could not be observed: ${reason}`]),
    ...(evidence === '' ? [] : [`seen: ${oneLine(evidence)}`]),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ].map(oneLine);
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ⏎ ');
}
