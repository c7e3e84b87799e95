import type { Response } from 'express';
import type { GradeEvent } from '../../protocol/api.ts';
import type { ManagedLab } from '../labs/managed-lab.ts';
import type { Log } from '../log.ts';
import { isUnexpected, problemOf } from '../problem.ts';

export interface CheckStream {
  readonly lab: ManagedLab;
  readonly task?: string;
  readonly response: Response;
  readonly log: Log;
}

/**
 * Grades the lab and answers with a line of JSON for each `GradeEvent` as it comes.
 * Rejects with what can still be answered as a problem; later the stream's last line tells the problem.
 * A client that goes ends the grading. The lines of one grading are few, so a slow reader costs no more than they do.
 */
export async function streamChecks({ lab, task, response, log }: CheckStream): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the client went')));
  const onEvent = (event: GradeEvent): void => {
    if (!response.headersSent) {
      response.status(200).type('application/x-ndjson').set('Cache-Control', 'no-store');
      response.flushHeaders();
    }
    if (!response.destroyed) response.write(`${JSON.stringify(event)}\n`);
  };
  try {
    await lab.grade({ signal: gone.signal, onEvent, ...(task !== undefined && { task }) });
    response.end();
  } catch (cause) {
    if (gone.signal.aborted) return;
    if (!response.headersSent) throw cause;
    if (isUnexpected(cause)) log.error('a grading failed', { lab: lab.summary().id, cause });
    onEvent({ type: 'problem', problem: problemOf(cause) });
    response.end();
  }
}
