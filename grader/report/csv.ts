import { isComplete, type NamedReport, remarksOn } from './submission-report.ts';

/**
 * A row a submission (RFC 4180): name, complete, earned, total, percent, then the points of each task, then the problem or what ended badly. All reports
 * must be of one scenario. Cells that a spreadsheet would run as a formula are defused with an apostrophe: names come from learners.
 */
export function renderCsv(reports: readonly NamedReport[]): string {
  const tasks = [...new Set(reports.flatMap(({ report }) => report.tasks.map(({ task }) => task)))];
  const header = ['submission', 'complete', 'earned', 'total', 'percent', ...tasks, 'problem'];
  const rows = reports.map((named) => {
    const { earned, total } = named.report.score;
    const points = new Map(named.report.tasks.map(({ task, score }) => [task, score.earned]));
    const percent = total === 0 ? '' : ((100 * earned) / total).toFixed(1);
    return [
      named.name,
      isComplete(named) ? 'yes' : 'no',
      earned,
      total,
      percent,
      ...tasks.map((task) => points.get(task) ?? ''),
      remarksOn(named).join('\n'),
    ];
  });
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
