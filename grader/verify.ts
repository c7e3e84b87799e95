import type { Backend, Lab } from '../clusters/cluster.ts';
import type { LabId } from '../protocol/ids.ts';
import type { CheckResult, Report } from '../protocol/report.ts';
import { grade } from './grade.ts';
import { messageOf } from './probes/observation.ts';
import type { LoadedScenario, ProofSubmission } from './scenario/load.ts';
import { Slots } from './slots.ts';
import { applySubmission, stumblesIn } from './submission.ts';

export interface VerifyStep {
  /** `untouched`, `solution`, `also-right/<name>`, `wrong/<name>` or `reset`. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found; several lines when it is not ok. */
  readonly detail: string;
  readonly milliseconds: number;
}

export interface Verification {
  readonly scenario: string;
  readonly backend: Backend['name'];
  readonly ok: boolean;
  readonly steps: readonly VerifyStep[];
}

export interface VerifyRequest {
  readonly scenario: LoadedScenario;
  readonly backend: Backend;
  readonly newLabId: () => LabId;
  readonly signal: AbortSignal;
  /** Labs at once; each submission has a lab of its own. */
  readonly jobs?: number;
  /** Called as each step is decided. */
  readonly onStep?: (step: VerifyStep) => void;
  readonly now?: () => number;
}

/**
 * Proves a scenario on a backend: untouched it scores 0 and every guard holds; the solution and every other right way score all there
 * is; a wrong fix misses, within the tasks it names, exactly the checks it names; a reset restores the seed. Every lab is disposed.
 * A step that throws is a step that is not ok; only the caller's own signal rejects.
 */
export async function verifyScenario(request: VerifyRequest): Promise<Verification> {
  const { scenario, signal, onStep, now = Date.now } = request;
  const slots = new Slots(request.jobs ?? 2);

  async function step(name: string, decide: () => Promise<readonly string[]>): Promise<VerifyStep> {
    const began = now();
    let complaints: readonly string[];
    try {
      complaints = await decide();
    } catch (error) {
      signal.throwIfAborted();
      complaints = [messageOf(error)];
    }
    const decided = {
      name,
      ok: complaints.length === 0,
      detail: complaints.join('\n') || 'as it should be',
      milliseconds: now() - began,
    };
    onStep?.(decided);
    return decided;
  }

  const untouched = slots.run(async () => {
    // One lab for both: what `reset` must restore is what `untouched` has just proven.
    await using lab = await newLab(request);
    const first = await step('untouched', async () => complaintsOfUntouched(await grade({ scenario, lab, signal })));
    const solution = scenario.submissions.find(({ role }) => role === 'solution');
    const reset = await step('reset', async () => {
      if (solution !== undefined) await applySubmission(solution.directory, lab, signal);
      await lab.reset(signal);
      return complaintsOfUntouched(await grade({ scenario, lab, signal }));
    });
    return [first, reset];
  }, signal);

  const submitted = scenario.submissions.map((submission) =>
    slots.run(
      () =>
        step(submission.name, async () => {
          await using lab = await newLab(request);
          const applied = await applySubmission(submission.directory, lab, signal);
          // A wrong fix promises nothing of the tasks that it does not name.
          const tasks = submission.role === 'wrong' ? { tasks: tasksMissedBy(submission) } : {};
          const complaints = complaintsOf(submission, await grade({ scenario, lab, signal, ...tasks }));
          // A fix that stumbled explains a score that is off; on its own it is no complaint.
          return complaints.length === 0 ? [] : [...complaints, ...stumblesIn(applied)];
        }),
      signal,
    ),
  );

  const settled = await Promise.allSettled([untouched, ...submitted]);
  signal.throwIfAborted();
  const steps = settled.flatMap((result, i) =>
    result.status === 'fulfilled'
      ? result.value
      : {
          name: i === 0 ? 'untouched' : (scenario.submissions[i - 1]?.name ?? ''),
          ok: false,
          detail: messageOf(result.reason),
          milliseconds: 0,
        },
  );
  return { scenario: scenario.file.id, backend: request.backend.name, ok: steps.every(({ ok }) => ok), steps };
}

function newLab({ backend, newLabId, scenario, signal }: VerifyRequest): Promise<Lab> {
  return backend.create({ id: newLabId(), seed: scenario.seed, progress: () => {}, signal });
}

/** What contradicts "untouched scores 0 and every guard holds". */
function complaintsOfUntouched(report: Report): readonly string[] {
  return resultsOf(report).flatMap((result) => {
    if (result.role === 'check' && result.verdict === 'fail') return [];
    if (result.role === 'guard' && result.verdict === 'pass') return [];
    const wanted = result.role === 'check' ? 'fails' : 'holds';
    return [`${nameOf(result)}: ${result.verdict}, a ${result.role} of an untouched lab ${wanted}. ${explain(result)}`];
  });
}

/** What contradicts the role of a submission. */
function complaintsOf(submission: Pick<ProofSubmission, 'role' | 'misses'>, report: Report): readonly string[] {
  if (submission.role !== 'wrong') {
    return resultsOf(report)
      .filter(({ verdict }) => verdict !== 'pass')
      .map((result) => `${nameOf(result)}: ${result.verdict}, must pass. ${explain(result)}`);
  }
  return resultsOf(report).flatMap((result) => {
    const missed = submission.misses.includes(nameOf(result));
    if (missed && result.verdict === 'pass') return [`${nameOf(result)}: passes, must not. ${explain(result)}`];
    if (!missed && result.verdict !== 'pass')
      return [`${nameOf(result)}: ${result.verdict}, must pass. ${explain(result)}`];
    return [];
  });
}

function tasksMissedBy({ misses }: Pick<ProofSubmission, 'misses'>): readonly string[] {
  return [...new Set(misses.map((name) => name.split('/')[0] ?? name))];
}

function resultsOf(report: Report): readonly CheckResult[] {
  return report.tasks.flatMap(({ results }) => results).filter(({ support }) => support !== 'unsupported');
}

function nameOf({ task, check }: CheckResult): string {
  return `${task}/${check}`;
}

function explain({ mismatch, reason, evidence }: CheckResult): string {
  return [mismatch, reason, evidence].filter((part) => part !== undefined && part !== '').join(' · ');
}
