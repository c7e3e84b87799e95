import type { TaskOutline } from '../../../protocol/api.ts';
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

/** A lab's tasks by layer, from the cloud inwards; a task that was never checked has earned nothing yet. */
export function layersOf(tasks: readonly TaskOutline[], grading: Grading): readonly Layer[] {
  return FOUR_CS.map((c) => {
    const own = tasks.filter((task) => task.c === c);
    const score = sumOfScores(
      own.map(({ id, points }) => ({ earned: grading.scores.get(id)?.earned ?? 0, total: points })),
    );
    return { c, tasks: own, score };
  });
}

/** What to show for one check. */
export function markOfCheck(grading: Grading, task: string, check: string): Mark {
  if (isAwaited(grading.run, task, check)) return 'checking';
  return grading.results.get(checkKey(task, check))?.verdict ?? 'unchecked';
}

/** What to show for a task: the worst of its checks and guards, and `pass` only when every one of them passed. */
export function markOfTask(grading: Grading, task: TaskOutline): Mark {
  const marks = [...task.checks, ...task.guards].map(({ id }) => markOfCheck(grading, task.id, id));
  const worst: readonly Mark[] = ['checking', 'fail', 'unknown', 'unchecked'];
  return worst.find((mark) => marks.includes(mark)) ?? (marks.length === 0 ? 'unchecked' : 'pass');
}

/** Whether a guard that did not pass takes the task's points, where there would have been some. */
export function isForfeit(grading: Grading, task: TaskOutline): boolean {
  const marks = (outlines: TaskOutline['checks']) => outlines.map(({ id }) => markOfCheck(grading, task.id, id));
  const lost = marks(task.guards).some((mark) => mark === 'fail' || mark === 'unknown');
  return lost && marks(task.checks).includes('pass');
}
