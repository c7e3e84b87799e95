import type { CheckOutline, TaskOutline } from '../../../protocol/api.ts';
import type { Score } from '../../../protocol/report.ts';
import { FOUR_CS, type FourC } from '../../../protocol/scenario.ts';
import { checkKey, isAwaited, type Grading } from '../report/grading.ts';
import { sumOfScores } from '../report/score.ts';
import type { Mark } from '../report/verdict-mark.tsx';

/** The points of one layer, and its tasks in the scenario's order. */
export interface Layer {
  readonly c: FourC;
  readonly tasks: readonly TaskOutline[];
  readonly score: Score;
}

/** A lab's tasks by layer, from the cloud inwards. */
export function layersOf(tasks: readonly TaskOutline[], grading: Grading): readonly Layer[] {
  return FOUR_CS.map((c) => {
    const own = tasks.filter((task) => task.c === c);
    return { c, tasks: own, score: sumOfScores(own.map((task) => scoreOf(grading, task))) };
  });
}

/** A task's points: as they were reported, or none of those it can give. What the backend cannot check gives none. */
export function scoreOf(grading: Grading, task: TaskOutline): Score {
  return grading.scores.get(task.id) ?? { earned: 0, total: task.checks.some(isSupported) ? task.points : 0 };
}

/** What to show for one check. */
export function markOfCheck(grading: Grading, task: string, check: string): Mark {
  if (isAwaited(grading.run, task, check)) return 'checking';
  return grading.results.get(checkKey(task, check))?.verdict ?? 'unchecked';
}

/** What to show for a task: the worst of its checks and guards that the backend supports, and `pass` only when all passed. */
export function markOfTask(grading: Grading, task: TaskOutline): Mark {
  const marks = marksOf(grading, task, [...task.checks, ...task.guards]);
  const worst: readonly Mark[] = ['checking', 'fail', 'unknown', 'unchecked'];
  return worst.find((mark) => marks.includes(mark)) ?? (marks.length === 0 ? 'unchecked' : 'pass');
}

/** Whether a guard that did not pass takes the task's points, where there would have been some. */
export function isForfeit(grading: Grading, task: TaskOutline): boolean {
  const lost = marksOf(grading, task, task.guards).some((mark) => mark === 'fail' || mark === 'unknown');
  return lost && marksOf(grading, task, task.checks).includes('pass');
}

function marksOf(grading: Grading, task: TaskOutline, outlines: readonly CheckOutline[]): readonly Mark[] {
  return outlines.filter(isSupported).map(({ id }) => markOfCheck(grading, task.id, id));
}

function isSupported({ support }: CheckOutline): boolean {
  return support !== 'unsupported';
}
