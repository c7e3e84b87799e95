import type { Lab } from '../../clusters/cluster.ts';
import type { GradeEvent } from '../../protocol/api.ts';
import type { Report } from '../../protocol/report.ts';
import { Refusal } from '../refusal.ts';
import type { PlayableScenario } from './playable-scenario.ts';

export interface GradingRequest {
  readonly scenario: PlayableScenario;
  readonly lab: Lab;
  /** Those alone. */
  readonly tasks?: readonly string[];
  readonly signal: AbortSignal;
  readonly onEvent: (event: GradeEvent) => void;
}

/** Refuses a task that the scenario does not have; to be called before anything is streamed. */
export function requireTask({ file }: PlayableScenario, task: string | undefined): void {
  if (task === undefined || file.tasks.some(({ id }) => id === task)) return;
  const names = file.tasks.map(({ id }) => id).join(', ');
  throw new Refusal('absent', `The scenario ${file.id} has no task ${task}.`, `Its tasks: ${names || 'none'}.`);
}

/**
 * Grades and tells of it event by event: `started`, every check as its result comes, and before that what it says first where it is tried again, every task as it is decided.
 * Resolves with the report, which it leaves to the caller to tell.
 */
export async function runGrading({ scenario, lab, tasks, signal, onEvent }: GradingRequest): Promise<Report> {
  const graded = scenario.file.tasks.filter(({ id }) => tasks?.includes(id) ?? true);
  onEvent({ type: 'started', checks: graded.flatMap(({ checks, guards }) => [...checks, ...guards]).length });
  // Probes that were cut short still answer; nobody wants to hear it.
  const tell = (event: GradeEvent): void => {
    if (!signal.aborted) onEvent(event);
  };
  return await scenario.grade({
    lab,
    signal,
    ...(tasks !== undefined && { tasks }),
    onResult: (result) => tell({ type: 'check', result }),
    onSoFar: (result) => tell({ type: 'so-far', result }),
    onTask: ({ task, verdict }) => tell({ type: 'task', task, verdict }),
  });
}
