import { isComplete, type NamedReport } from './submission-report.ts';

/** `{"submissions":[{name, complete, problem?, stumbles?, report}]}`, indented; the report as in protocol/report.ts. */
export function renderJson(reports: readonly NamedReport[]): string {
  const submissions = reports.map((named) => ({
    name: named.name,
    complete: isComplete(named),
    ...(named.problem === undefined ? {} : { problem: named.problem }),
    ...(named.stumbles === undefined || named.stumbles.length === 0 ? {} : { stumbles: named.stumbles }),
    report: named.report,
  }));
  return `${JSON.stringify({ submissions }, undefined, 2)}\n`;
}
