import { type Backend, type Lab, LabError } from '../../clusters/cluster.ts';
import type { GradeEvent, LabDetail, LabState, LabSummary } from '../../protocol/api.ts';
import type { Report } from '../../protocol/report.ts';
import type { Log } from '../log.ts';
import { isUnexpected, problemOf } from '../problem.ts';
import { Refusal } from '../refusal.ts';
import type { LabStore, StoredLab } from '../store/lab-store.ts';
import { requireTask, runGrading } from './grading.ts';
import { mergedReport, reportOf, tasksWithPoints } from './merged-report.ts';
import { detailOf, type PlayableScenario } from './playable-scenario.ts';

/** A kind cluster without its images took 4 minutes; past this something hangs. */
const START_LIMIT_MS = 10 * 60_000;
const STEP_LENGTH = 200;

export interface LabSurroundings {
  readonly backend: Backend;
  readonly store: LabStore;
  readonly log: Log;
  /** Called when the shells of the lab are gone or about to go. */
  readonly onShellsEnd: (message: string) => Promise<void>;
}

interface Grading {
  readonly abort: AbortController;
  readonly settled: Promise<unknown>;
}

/**
 * One lab's life: starting → ready ⇄ resetting, or failed; a reset tries a failed one again.
 * One job (start or reset) runs at a time, one grading runs at a time, and both yield to `end`.
 */
export class ManagedLab {
  #stored: StoredLab;
  readonly #scenario: PlayableScenario;
  readonly #around: LabSurroundings;
  readonly #ending = new AbortController();
  #lab: Lab | undefined;
  #report: Report | undefined;
  #grading: Grading | undefined;
  #job: Promise<void> = Promise.resolve();
  #saved: Promise<void> = Promise.resolve();
  #ended: Promise<void> | undefined;

  constructor(
    stored: StoredLab,
    scenario: PlayableScenario,
    around: LabSurroundings,
    known: { lab?: Lab | undefined; report?: Report | undefined } = {},
  ) {
    this.#stored = stored;
    this.#scenario = scenario;
    this.#around = around;
    this.#lab = known.lab;
    this.#report = known.report;
  }

  summary(): LabSummary {
    return this.#stored;
  }

  detail(): LabDetail {
    const scenarioDetail = detailOf(this.#scenario, this.#stored.backend);
    return { ...this.#stored, scenarioDetail, lastReport: this.#report ?? null };
  }

  /** The running lab; throws `Refusal` while there is none. */
  ready(): Lab {
    const { status } = this.#stored;
    if (this.#ending.signal.aborted) throw new Refusal('absent', 'The lab was deleted.', 'Create another one.');
    if (status.state === 'ready' && this.#lab !== undefined) return this.#lab;
    if (status.state === 'failed') {
      throw new Refusal('conflict', `The lab has failed: ${status.problem.detail}`, 'Reset it or delete it.');
    }
    throw new Refusal('conflict', `The lab is ${status.state}.`, 'Wait until it is ready.');
  }

  /** Makes the lab. Returns at once; `summary` tells how far it is. */
  start(): void {
    this.#run({ state: 'starting', step: 'starting' }, async (signal, progress) => {
      const { id } = this.#stored;
      this.#lab = await this.#around.backend.create({ id, seed: this.#scenario.seed, progress, signal });
    });
  }

  /** Back to the seed. A lab that never came to be is made again. Throws `Refusal` while it is on its way already. */
  reset(): void {
    const { state } = this.#stored.status;
    if (state === 'starting' || state === 'resetting') this.ready();
    this.#report = undefined;
    this.#stored = { ...this.#stored, generation: this.#stored.generation + 1 };
    const lab = this.#lab;
    if (lab === undefined) return this.start();
    this.#run({ state: 'resetting', step: 'ending the shells' }, async (signal, progress) => {
      await this.#stopGrading(new LabError('The lab was reset while it was being checked.', 'Check it again.'));
      await this.#around.onShellsEnd('The lab is being reset.');
      progress('putting the seed back');
      await lab.reset(signal, progress);
    });
  }

  /**
   * Grades the lab, or one task; see `runGrading`. With one task those are graded again that have points: a score is what the lab is worth now,
   * not what it was worth piece by piece. Throws `Refusal` before the first event, anything else after it.
   */
  async grade(request: { task?: string; signal: AbortSignal; onEvent: (event: GradeEvent) => void }): Promise<void> {
    const { task, onEvent } = request;
    requireTask(this.#scenario, task);
    // A grading that was given up frees its place once its probes have let go.
    if (this.#grading?.abort.signal.aborted === true) await this.#grading.settled;
    const lab = this.ready();
    if (this.#grading !== undefined) {
      throw new Refusal('conflict', 'The lab is being checked already.', 'Wait for that check to end.');
    }
    const { id, generation } = this.#stored;
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, request.signal]);
    request.signal.addEventListener('abort', () => abort.abort(request.signal.reason), { once: true });
    const tasks = task === undefined ? {} : { tasks: [task, ...tasksWithPoints(this.#report)] };
    const running = runGrading({ scenario: this.#scenario, lab, signal, onEvent, ...tasks });
    const grading: Grading = { abort, settled: running.catch(() => {}) };
    this.#grading = grading;
    try {
      const report = await running;
      signal.throwIfAborted();
      const order = this.#scenario.file.tasks.map((one) => one.id);
      const merged = task === undefined ? report : mergedReport(this.#report, report, order);
      this.#report = merged;
      await this.#keep('a report', () => this.#around.store.saveReport(id, generation, merged));
      onEvent({ type: 'report', report: task === undefined ? report : reportOf(report, task) });
    } catch (error) {
      // Probes that were cut short reject in words of their own; why they were cut short says more.
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      this.#grading = undefined;
    }
  }

  /** Stops what is under way and takes the lab down, once. `why` is what whoever is in it reads. */
  end(why = 'The lab was deleted.'): Promise<void> {
    this.#ended ??= this.#takeDown(why);
    return this.#ended;
  }

  async #takeDown(why: string): Promise<void> {
    const reason = new LabError(why, 'Create another one.');
    this.#ending.abort(reason);
    await Promise.allSettled([this.#job, this.#stopGrading(reason), this.#around.onShellsEnd(why)]);
    await this.#saved;
    await this.#lab?.[Symbol.asyncDispose]();
    this.#lab = undefined;
  }

  #run(first: LabState, job: (signal: AbortSignal, progress: (step: string) => void) => Promise<void>): void {
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(START_LIMIT_MS)]);
    const progress = (step: string): void => {
      const { state } = this.#stored.status;
      const on = state === 'starting' || state === 'resetting';
      if (on) this.#stored = { ...this.#stored, status: { state, step: step.slice(0, STEP_LENGTH) } };
    };
    this.#become(first);
    this.#job = job(signal, progress).then(
      () => this.#become({ state: 'ready' }),
      (error: unknown) => {
        if (this.#ending.signal.aborted) return;
        const cause = signal.aborted
          ? new LabError('The lab was not ready within 10 minutes.', 'Reset it to try again.', { cause: error })
          : error;
        const { id, scenario, backend } = this.#stored;
        const tell = isUnexpected(cause) ? 'error' : 'warn';
        this.#around.log[tell]('a lab failed', { lab: id, scenario, backend, state: first.state, cause });
        this.#become({ state: 'failed', problem: problemOf(cause) });
      },
    );
  }

  #become(status: LabState): void {
    this.#stored = { ...this.#stored, status };
    if (this.#ending.signal.aborted) return;
    const snapshot = this.#stored;
    this.#saved = this.#saved.then(() => this.#keep('a lab', () => this.#around.store.saveLab(snapshot)));
  }

  /** Without it the next server remembers less; the learner of this one goes on. */
  async #keep(what: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (cause) {
      this.#around.log.error(`${what} could not be written to the store`, { lab: this.#stored.id, cause });
    }
  }

  async #stopGrading(reason: Error): Promise<void> {
    this.#grading?.abort.abort(reason);
    await this.#grading?.settled;
  }
}
