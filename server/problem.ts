import { LabError } from '../clusters/cluster.ts';
import type { Problem } from '../protocol/api.ts';
import { Refusal, type RefusalReason } from './refusal.ts';

const STATUS: Record<RefusalReason, { status: number; title: string }> = {
  malformed: { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  forbidden: { status: 403, title: 'Refused' },
  absent: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Not now' },
  full: { status: 429, title: 'The limit is reached' },
  unavailable: { status: 503, title: 'Unavailable' },
};

/**
 * The RFC 9457 problem that says what went wrong in words a learner may read.
 * What is not a `LabError` is unexpected: its words stay in the server's log.
 */
export function problemOf(error: unknown): Problem {
  const type = 'about:blank';
  if (error instanceof Refusal) {
    return { type, ...STATUS[error.reason], detail: error.message, nextStep: error.nextStep };
  }
  if (error instanceof LabError) {
    return { type, status: 500, title: 'It did not work', detail: error.message, nextStep: error.nextStep };
  }
  return {
    type,
    status: 500,
    title: 'The server has a fault',
    detail: 'Something failed that was not foreseen.',
    nextStep: "Try again. If it happens again, report it with the lines of the server's log.",
  };
}

/** Whether `problemOf` keeps the error's own words back, so that they belong in the log. */
export const isUnexpected = (error: unknown): boolean => !(error instanceof LabError);
