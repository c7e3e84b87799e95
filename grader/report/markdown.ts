import type { Verdict } from '../../protocol/report.ts';
import { type NamedReport, remarksOn } from './submission-report.ts';

const MARK: Readonly<Record<Verdict, string>> = { pass: '✅', fail: '❌', unknown: '❔' };

/** Reports as GitHub-flavoured Markdown, for a pull request's comment or a learner's feedback file. */
export function renderMarkdown(reports: readonly NamedReport[]): string {
  return reports.map(section).join('\n');
}

function section(named: NamedReport): string {
  const { name, report } = named;
  const { earned, total } = report.score;
  const lines = [`## ${md(name)}: ${earned} of ${total}`, ''];
  for (const remark of remarksOn(named)) lines.push(`> ${md(remark)}`, '');
  lines.push('| | Task | C | Points |', '|---|---|---|---|');
  for (const { verdict, title, c, score } of report.tasks) {
    lines.push(`| ${MARK[verdict]} | ${md(title)} | ${c} | ${score.earned}/${score.total} |`);
  }
  for (const task of report.tasks) {
    const open = task.results.filter(({ verdict, support }) => verdict !== 'pass' && support !== 'unsupported');
    if (open.length === 0) continue;
    lines.push('', `### ${md(task.title)}`, '');
    for (const { verdict, title, role, mismatch, reason, hint } of open) {
      lines.push(
        `- ${MARK[verdict]} **${md(title)}**${role === 'guard' ? ' (guard)' : ''}: ${md(mismatch ?? reason ?? '')}`,
      );
      if (hint !== undefined) lines.push(`  - Hint: ${md(hint)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** What a probe saw may hold a learner's text: nothing of it may become markup. */
function md(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/[\\`*_{}[\]<>#|!~@]/g, (c) => `\\${c}`);
}
