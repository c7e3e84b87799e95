import { isComplete, type NamedReport } from './submission-report.ts';

/** `{"submissions":[{name, complete, problem?, report}]}`, indented; the report as in protocol/report.ts. */
export function renderJson(reports: readonly NamedReport[]): string {
  const submissions = reports.map((named) => ({
    name: named.name,
    complete: isComplete(named),
    ...(named.problem === undefined ? {} : { problem: named.problem }),
    report: named.report,
  }));
  return `${JSON.stringify({ submissions }, undefined, 2)}\n`;
}
