import { setTimeout as sleep } from 'node:timers/promises';
import { LabError, type Lab } from '../clusters/cluster.ts';
import type { CheckResult, Report, TaskResult } from '../protocol/report.ts';
import type { Check, Probe, Task } from '../protocol/scenario.ts';
import type { Judge, Judgement } from './checks/judge.ts';
import { ObservationBook } from './observation-book.ts';
import { type Observation, printable } from './probes/observation.ts';
import type { LoadedScenario } from './scenario/load.ts';
import { scoreReport, scoreTask } from './score.ts';
import { Slots } from './slots.ts';

/** Enough to hide the time-outs of refused packets behind each other, few enough for a lab's hosts. */
const PROBES_AT_ONCE = 16;
/** Between two tries of a check that the world may still grow into. */
const RETRY_MILLISECONDS = 200;

export interface GradeRequest {
  readonly scenario: LoadedScenario;
  readonly lab: Lab;
  readonly signal: AbortSignal;
  /** Grades those tasks alone; the report then holds no others. */
  readonly tasks?: readonly string[];
  /** Called as each check or guard is decided, in no particular order. */
  readonly onResult?: (result: CheckResult) => void;
  /** Called with what a check says first when it is going to be tried again. */
  readonly onSoFar?: (result: CheckResult) => void;
  /** Called as each task is decided. */
  readonly onTask?: (result: TaskResult) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Grades a lab: observes every probe (identical ones once), judges, scores. A check with several probes passes when each of their facts
 * does. A check with `within` is tried again until it passes or its time is over, and the last observation counts. Throws `LabError` for an unknown task, the signal's reason when it fires; a probe
 * that cannot observe makes its own check `unknown` and no more.
 */
export async function grade(request: GradeRequest): Promise<Report> {
  const { scenario, lab, signal, onResult, onSoFar, onTask, now = Date.now } = request;
  signal.throwIfAborted();
  const known = scenario.file.tasks.map(({ id }) => id);
  for (const id of request.tasks ?? []) {
    if (known.includes(id)) continue;
    throw new LabError(
      `the scenario ${scenario.file.id} has no task "${id}"`,
      `Choose one of: ${known.join(', ') || '(none)'}.`,
    );
  }
  const tasks = scenario.file.tasks.filter(({ id }) => request.tasks?.includes(id) ?? true);
  const startedAt = now();
  const book = new ObservationBook(lab, new Slots(PROBES_AT_ONCE), signal);

  async function decide(task: Task, check: Check, role: CheckResult['role']): Promise<CheckResult> {
    const began = now();
    const judge = scenario.judges.get(`${task.id}/${check.id}`);
    if (judge === undefined) throw new TypeError(`no judge for ${task.id}/${check.id}`);
    const support = check.support[lab.backend];
    const result = (decided: Decided): CheckResult =>
      resultOf({ task, check, role, support, milliseconds: now() - began, ...decided });
    const decided: Decided =
      support === 'unsupported'
        ? {
            evidence: '',
            judgement: { verdict: 'unknown', reason: `not supported on the backend ${lab.backend}` },
          }
        : await settle({ check, judge, book, signal, now, soFar: (first) => onSoFar?.(result(first)) });
    const last = result(decided);
    onResult?.(last);
    return last;
  }

  const decided = await Promise.all(
    tasks.map(async (task) => {
      const results = await Promise.all([
        ...task.checks.map((check) => decide(task, check, 'check')),
        ...task.guards.map((check) => decide(task, check, 'guard')),
      ]);
      const result = scoreTask(task, results);
      onTask?.(result);
      return result;
    }),
  );
  return {
    scenario: scenario.file.id,
    backend: lab.backend,
    startedAt: new Date(startedAt).toISOString(),
    milliseconds: now() - startedAt,
    ...scoreReport(decided),
    tasks: decided,
  };
}

interface Decided {
  readonly evidence: string;
  readonly judgement: Judgement;
}

async function settle(options: {
  readonly check: Check;
  readonly judge: Judge;
  readonly book: ObservationBook;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly soFar: (decided: Decided) => void;
}): Promise<Decided> {
  const { check, judge, book, signal, now, soFar } = options;
  const deadline = now() + check.within * 1000;
  const probes = [check.probe, ...check.also];
  const decide = async (look: (probe: Probe) => Promise<Observation>): Promise<Decided> =>
    worstOf(await Promise.all(probes.map(async (probe) => judgeObservation(await look(probe), judge))));
  let decided = await decide((probe) => book.first(probe));
  if (decided.judgement.verdict !== 'pass' && check.within > 0) soFar(decided);
  while (decided.judgement.verdict !== 'pass' && now() < deadline) {
    await sleep(RETRY_MILLISECONDS, undefined, { signal });
    decided = await decide((probe) => book.again(probe));
  }
  return decided;
}

/** The first that fails, else the first that is unknown; all of them when they pass. */
function worstOf(all: readonly Decided[]): Decided {
  const told = (verdict: Judgement['verdict']) => all.find(({ judgement }) => judgement.verdict === verdict);
  const evidence = all.map((decided) => decided.evidence).join('\n');
  return told('fail') ?? told('unknown') ?? { evidence, judgement: { verdict: 'pass' } };
}

function judgeObservation(observation: Observation, judge: Judge): Decided {
  if (observation.outcome === 'unobservable') {
    return { evidence: '', judgement: { verdict: 'unknown', reason: observation.reason } };
  }
  return { evidence: observation.evidence, judgement: judge(observation.fact) };
}

function resultOf(options: {
  readonly task: Task;
  readonly check: Check;
  readonly role: CheckResult['role'];
  readonly support: CheckResult['support'];
  readonly milliseconds: number;
  readonly evidence: string;
  readonly judgement: Judgement;
}): CheckResult {
  const { task, check, role, support, milliseconds, evidence, judgement } = options;
  return {
    task: task.id,
    check: check.id,
    role,
    title: check.title,
    verdict: judgement.verdict,
    support,
    evidence,
    ...(judgement.verdict === 'fail' ? { mismatch: printable(judgement.mismatch, 1000) } : {}),
    ...(judgement.verdict === 'fail' && check.hint !== undefined ? { hint: check.hint } : {}),
    ...(judgement.verdict === 'unknown' ? { reason: judgement.reason } : {}),
    milliseconds,
  };
}
