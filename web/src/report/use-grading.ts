import { useCallback, useEffect, useReducer, useRef } from 'react';
import type { LabDetail, Problem } from '../../../protocol/api.ts';
import { runChecks } from '../api/client.ts';
import { ServerGone, problemOf } from '../api/failure.ts';
import { NOTHING_GRADED, graded, type Grading } from './grading.ts';

/** That the server is gone, and how to bring it back, the page says anyway. */
const CUT_OFF: Problem = {
  type: 'about:blank',
  title: 'The check was cut off',
  status: 503,
  detail: 'The connection to the server was lost while it ran.',
  nextStep: 'Check again.',
};

export interface Grader {
  readonly grading: Grading;
  /** Checks one task, or everything; a run under way is given up first. */
  readonly check: (task: string | null) => void;
  readonly cancel: () => void;
}

/** The results of a lab: those the server kept, and those that stream in. */
export function useGrading(lab: LabDetail): Grader {
  const [grading, advance] = useReducer(graded, NOTHING_GRADED);
  const running = useRef<AbortController | null>(null);
  const { generation, lastReport } = lab;
  const { tasks } = lab.scenarioDetail;

  useEffect(() => {
    advance({ type: 'known', generation, report: lastReport });
  }, [generation, lastReport]);

  const stop = useCallback(() => {
    running.current?.abort();
    running.current = null;
  }, []);

  useEffect(() => stop, [stop]);
  // A reset makes the answers of a run under way worthless.
  const lastGeneration = useRef(generation);
  useEffect(() => {
    if (lastGeneration.current !== generation) stop();
    lastGeneration.current = generation;
  }, [generation, stop]);

  const check = useCallback(
    (task: string | null) => {
      stop();
      const run = new AbortController();
      running.current = run;
      advance({ type: 'begin', scope: task });
      runChecks(lab.id, {
        task: task ?? undefined,
        signal: run.signal,
        onEvent: (event) => run.signal.aborted || advance({ type: 'event', event, tasks }),
      }).catch((error: unknown) => {
        if (run.signal.aborted) return;
        advance({ type: 'break', problem: error instanceof ServerGone ? CUT_OFF : problemOf(error) });
      });
    },
    [lab.id, tasks, stop],
  );

  const cancel = useCallback(() => {
    stop();
    advance({ type: 'cancel' });
  }, [stop]);

  return { grading, check, cancel };
}
