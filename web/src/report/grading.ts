import type { GradeEvent, Problem, TaskOutline } from '../../../protocol/api.ts';
import type { CheckResult, Report, Score } from '../../../protocol/report.ts';
import { taskScore } from './score.ts';

/** What the page knows of a lab's results. Keys of `results` are `task/check`, of `scores` task ids. */
export interface Grading {
  readonly generation: number;
  /** When the newest report began, as the server wrote it; null before any. */
  readonly reportedAt: string | null;
  readonly results: ReadonlyMap<string, CheckResult>;
  readonly scores: ReadonlyMap<string, Score>;
  readonly run: Run;
}

/**
 * A run of checks. `scope` is a task id, or null for all of them; `arrived` holds the keys of new results, `soFar` those of checks that
 * have said something and are tried again.
 */
export type Run =
  | { readonly state: 'idle' }
  | {
      readonly state: 'running';
      readonly scope: string | null;
      readonly checks: number | null;
      readonly arrived: ReadonlySet<string>;
      readonly soFar: ReadonlySet<string>;
    }
  | { readonly state: 'done'; readonly report: Report }
  | { readonly state: 'broken'; readonly problem: Problem };

export type GradingStep =
  /** What the lab's description says; an older report than the one at hand changes nothing. */
  | { readonly type: 'known'; readonly generation: number; readonly report: Report | null }
  | { readonly type: 'begin'; readonly scope: string | null }
  | { readonly type: 'event'; readonly event: GradeEvent; readonly tasks: readonly TaskOutline[] }
  | { readonly type: 'break'; readonly problem: Problem }
  | { readonly type: 'cancel' };

/** Before anything was checked. */
export const NOTHING_GRADED: Grading = {
  generation: 0,
  reportedAt: null,
  results: new Map(),
  scores: new Map(),
  run: { state: 'idle' },
};

/** The key of a check in `Grading.results`. */
export function checkKey(task: string, check: string): string {
  return `${task}/${check}`;
}

/** Whether a check was asked for in the run under way and has not been answered. */
export function isAwaited(run: Run, task: string, check: string): boolean {
  return run.state === 'running' && (run.scope ?? task) === task && !run.arrived.has(checkKey(task, check));
}

/** What to show of a check: nothing until it has said something in the run under way. */
export function findingOf({ run, results }: Grading, task: string, check: string): CheckResult | undefined {
  const key = checkKey(task, check);
  const isSilent = isAwaited(run, task, check) && !(run.state === 'running' && run.soFar.has(key));
  return isSilent ? undefined : results.get(key);
}

/** The next state of the results; pure, for `useReducer`. */
export function graded(grading: Grading, step: GradingStep): Grading {
  switch (step.type) {
    case 'known': {
      const { generation, report } = step;
      if (generation !== grading.generation) {
        const clean = { ...NOTHING_GRADED, generation };
        return report === null ? clean : withReport(clean, report);
      }
      if (report === null || grading.run.state === 'running') return grading;
      return grading.reportedAt === null || report.startedAt > grading.reportedAt
        ? withReport(grading, report)
        : grading;
    }
    case 'begin':
      return {
        ...grading,
        run: { state: 'running', scope: step.scope, checks: null, arrived: new Set(), soFar: new Set() },
      };
    case 'event':
      return withEvent(grading, step.event, step.tasks);
    case 'break':
      return { ...grading, run: { state: 'broken', problem: step.problem } };
    case 'cancel':
      return { ...grading, run: { state: 'idle' } };
    default:
      return step satisfies never;
  }
}

function withEvent(grading: Grading, event: GradeEvent, tasks: readonly TaskOutline[]): Grading {
  const { run } = grading;
  if (run.state !== 'running') return grading; // the tail of a run that was given up
  switch (event.type) {
    case 'started':
      return { ...grading, run: { ...run, checks: event.checks } };
    case 'so-far': {
      const key = checkKey(event.result.task, event.result.check);
      const results = new Map(grading.results).set(key, event.result);
      return { ...grading, results, run: { ...run, soFar: new Set(run.soFar).add(key) } };
    }
    case 'check': {
      const key = checkKey(event.result.task, event.result.check);
      const results = new Map(grading.results).set(key, event.result);
      return { ...grading, results, run: { ...run, arrived: new Set(run.arrived).add(key) } };
    }
    case 'task': {
      const task = tasks.find(({ id }) => id === event.task);
      if (task === undefined) return grading;
      const results = [...grading.results.values()].filter((result) => result.task === task.id);
      return { ...grading, scores: new Map(grading.scores).set(task.id, taskScore(task.points, results)) };
    }
    case 'report':
      return { ...withReport(grading, event.report), run: { state: 'done', report: event.report } };
    case 'problem':
      return { ...grading, run: { state: 'broken', problem: event.problem } };
    default:
      return event satisfies never;
  }
}

function withReport(grading: Grading, report: Report): Grading {
  const results = new Map(grading.results);
  const scores = new Map(grading.scores);
  for (const task of report.tasks) {
    scores.set(task.task, task.score);
    for (const result of task.results) results.set(checkKey(result.task, result.check), result);
  }
  return { ...grading, results, scores, reportedAt: report.startedAt };
}
