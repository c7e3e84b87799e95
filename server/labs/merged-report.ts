import { scoreReport } from '../../grader/score.ts';
import type { Report } from '../../protocol/report.ts';

/**
 * The report of a lab after some tasks were graded: the others keep their earlier results. `order` is the scenario's order of task ids.
 */
export function mergedReport(earlier: Report | undefined, latest: Report, order: readonly string[]): Report {
  if (earlier === undefined) return latest;
  const known = new Map([...earlier.tasks, ...latest.tasks].map((task) => [task.task, task]));
  const tasks = order.flatMap((id) => known.get(id) ?? []);
  return { ...latest, ...scoreReport(tasks), tasks };
}

/** The tasks that have earned something. */
export function tasksWithPoints(report: Report | undefined): readonly string[] {
  return (report?.tasks ?? []).filter(({ score }) => score.earned > 0).map(({ task }) => task);
}

/** What a report says of one task. */
export function reportOf(report: Report, task: string): Report {
  const tasks = report.tasks.filter((one) => one.task === task);
  return { ...report, ...scoreReport(tasks), tasks };
}
