import { scoreReport } from '../../grader/score.ts';
import type { Report } from '../../protocol/report.ts';

/**
 * The report of a lab after one task was graded alone: the other tasks keep their earlier results.
 * `order` is the scenario's order of task ids.
 */
export function mergedReport(earlier: Report | undefined, latest: Report, order: readonly string[]): Report {
  if (earlier === undefined) return latest;
  const known = new Map([...earlier.tasks, ...latest.tasks].map((task) => [task.task, task]));
  const tasks = order.flatMap((id) => known.get(id) ?? []);
  return { ...latest, ...scoreReport(tasks), tasks };
}
