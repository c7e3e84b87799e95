import { type Backend, LabError } from '../clusters/cluster.ts';
import { grade } from '../grader/grade.ts';
import type { NamedReport } from '../grader/report/submission-report.ts';
import type { LoadedScenario } from '../grader/scenario/load.ts';
import { Slots } from '../grader/slots.ts';
import { applySubmission, stumblesIn } from '../grader/submission.ts';
import { messageOf, printable } from '../grader/probes/observation.ts';
import { labIdFrom } from '../protocol/ids.ts';

export interface SubmissionsRequest {
  readonly submissions: readonly { readonly name: string; readonly directory: string }[];
  readonly scenario: LoadedScenario;
  readonly backend: Backend;
  /** Labs at once. */
  readonly jobs: number;
  readonly random: (bytes: number) => Uint8Array;
  readonly signal: AbortSignal;
  readonly onReport: (report: NamedReport) => void;
}

/**
 * Grades each submission in a fresh lab; the reports come in the order of the submissions. One that cannot be applied has a `problem`
 * beside the report of what it left; of one that ended badly its last words are kept. When a lab cannot be made the others are taken down, and then it rejects.
 */
export async function gradeSubmissions(request: SubmissionsRequest): Promise<readonly NamedReport[]> {
  const { submissions, scenario, backend, random, onReport } = request;
  const giveUp = new AbortController();
  const signal = AbortSignal.any([request.signal, giveUp.signal]);
  const slots = new Slots(request.jobs);

  async function gradeOne(name: string, directory: string): Promise<NamedReport> {
    await using lab = await backend.create({
      id: labIdFrom(random(10)),
      seed: scenario.seed,
      progress: () => undefined,
      signal,
    });
    const said = await applySubmission(directory, lab, signal).then(
      (applied) => ({ stumbles: stumblesIn(applied) }),
      (error: unknown) => ({ problem: printable(problemOf(error), 1000) }),
    );
    const report = { name, report: await grade({ scenario, lab, signal }), ...said };
    onReport(report);
    return report;
  }

  const reports = submissions.map(({ name, directory }) =>
    slots
      .run(() => gradeOne(name, directory), signal)
      .catch((error: unknown) => {
        giveUp.abort(error);
        throw error;
      }),
  );
  await Promise.allSettled(reports);
  giveUp.signal.throwIfAborted();
  return Promise.all(reports);
}

const problemOf = (error: unknown): string =>
  error instanceof LabError ? `${error.message.replace(/\.?$/, '.')} ${error.nextStep}` : messageOf(error);
