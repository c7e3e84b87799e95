import { ZodError } from 'zod';
import type { Problem } from '../../../protocol/api.ts';

/** The server answered, with an RFC 9457 problem. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Nothing answered: the server is stopped, or the network is down. */
export class ServerGone extends Error {
  override readonly name = 'ServerGone';
  constructor(cause: unknown) {
    super('The Breachlab server does not answer.', { cause });
  }
}

/** What a page shows of any failure: a problem in the server's words, or one made here. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem;
  if (error instanceof ServerGone) {
    return {
      type: 'about:blank',
      title: 'The server does not answer',
      status: 503,
      detail: 'Breachlab may have been stopped, or the connection to it is down.',
      nextStep: 'Start it again with ./breachlab up. This page reconnects by itself.',
    };
  }
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return {
      type: 'about:blank',
      title: 'The server said something that this page does not understand',
      status: 502,
      detail: `The page and the server may be of different versions (${issue?.path.join('.') || 'body'}: ${issue?.message}).`,
      nextStep: 'Reload the page. Your lab and its shells keep running.',
    };
  }
  return {
    type: 'about:blank',
    title: 'This page could not go on',
    status: 500,
    detail: error instanceof Error ? error.message : String(error),
    nextStep: 'Reload the page. Your lab and its shells keep running.',
  };
}
