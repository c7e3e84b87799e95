import type { ErrorRequestHandler, RequestHandler } from 'express';
import { z } from 'zod';
import type { Log } from '../log.ts';
import { isUnexpected, problemOf } from '../problem.ts';
import { Refusal } from '../refusal.ts';
import { problemPage } from './problem-page.ts';

/** Parses what came over the wire; throws a `Refusal` that says what is wrong where. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new Refusal('malformed', `The ${what} is not as it should be: ${issues.join('; ')}.`, 'Mend the request.');
}

/** What express itself throws for a bad body: an error with the status to answer. */
const BodyError = z.object({ status: z.int().min(400).max(499), expose: z.literal(true), message: z.string() });

function understood(error: unknown): unknown {
  const body = BodyError.safeParse(error);
  return body.success ? new Refusal('malformed', body.data.message, 'Mend the request.', { cause: error }) : error;
}

export const noSuchPath: RequestHandler = (request) => {
  throw new Refusal('absent', `There is nothing at ${request.path}.`, 'Start from the page at /.');
};

/**
 * Answers every error as `application/problem+json`, to a browser that opens an address as a page that says the same, and writes the
 * unforeseen ones to the log.
 */
export function answerProblems(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const cause = understood(error);
    const problem = problemOf(cause);
    if (isUnexpected(cause)) log.error('a request failed', { method: request.method, path: request.path, cause });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.status(problem.status).vary('Accept');
    // Whoever takes anything, as fetch and curl do, gets the first.
    if (request.accepts('json', 'html') === 'html') response.type('html').send(problemPage(problem));
    else response.type('application/problem+json').send(JSON.stringify(problem));
  };
}
