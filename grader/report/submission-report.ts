import type { Report } from '../../protocol/report.ts';

/** A report with the name of what was graded: a lab's id, or a learner's submission in a batch. */
export interface NamedReport {
  readonly name: string;
  readonly report: Report;
  /** Why there is no more to the report, for instance a submission that could not be read. */
  readonly problem?: string | undefined;
  /** What of the submission ended badly and how, a text each; what it did until then counts all the same. */
  readonly stumbles?: readonly string[];
}

/** What is to be said of a submission besides its points. */
export function remarksOn({ problem, stumbles = [] }: NamedReport): readonly string[] {
  return problem === undefined ? stumbles : [problem, ...stumbles];
}

/** Whether nothing is missing: every point there is, and there are some. A scenario without tasks has nothing to miss. */
export function isComplete({ report, problem }: NamedReport): boolean {
  return problem === undefined && report.score.earned === report.score.total;
}
