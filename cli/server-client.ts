import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LabError } from '../clusters/cluster.ts';
import { type CreateLabRequest, GradeEvent, LabDetail, LabSummary, Problem } from '../protocol/api.ts';
import type { CommandContext } from './context.ts';

/** How to reach a running server. */
export interface ServerAddress {
  /** `http://127.0.0.1:7777` */
  readonly origin: string;
  readonly token: string;
}

const Announcement = z.strictObject({ origin: z.url(), token: z.string().min(1) });

/** The server that `breachlab up` of this user runs. Throws `LabError` when there is none. */
export async function findServer({ dataDirectory, env }: CommandContext): Promise<ServerAddress> {
  const { BREACHLAB_SERVER: origin, BREACHLAB_TOKEN: token } = env;
  if (origin !== undefined && token !== undefined) return { origin, token };
  const announced = await announcement(dataDirectory);
  if (announced === 'none') {
    throw new LabError('No server of yours is running.', 'Start one in another terminal: ./breachlab up');
  }
  if (announced === 'unreadable') {
    throw new LabError('The note about the running server cannot be read.', 'Start it again: ./breachlab up');
  }
  return announced;
}

/** The same, and it answers; undefined otherwise. A server that was killed leaves its note behind. */
export async function runningServer({ dataDirectory }: CommandContext): Promise<ServerAddress | undefined> {
  const announced = await announcement(dataDirectory);
  if (typeof announced === 'string') return undefined;
  const answer = ask(announced, 'GET', '/api/labs', undefined, AbortSignal.timeout(ANSWER_MILLISECONDS));
  return answer.then(
    () => announced,
    () => undefined,
  );
}

/** The token of a server that was killed: with the same one, pages that were open go on at the next server. */
export async function tokenOfKilledServer({ dataDirectory }: CommandContext): Promise<string | undefined> {
  const announced = await announcement(dataDirectory);
  return typeof announced === 'string' ? undefined : announced.token;
}

/** A server on this machine answers in a few; one that is stopped never does. */
const ANSWER_MILLISECONDS = 2000;

async function announcement(dataDirectory: string): Promise<ServerAddress | 'none' | 'unreadable'> {
  const text = await readFile(join(dataDirectory, 'server.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return 'none';
  try {
    return Announcement.parse(JSON.parse(text));
  } catch {
    return 'unreadable';
  }
}

/** Sends a request. An error answer becomes a `LabError` with the server's own words and next step. */
export async function ask(
  server: ServerAddress,
  method: string,
  path: string,
  body?: unknown,
  signal: AbortSignal | null = null,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${server.origin}${path}`, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${server.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new LabError(`The server at ${server.origin} does not answer.`, 'Start it again: ./breachlab up', { cause });
  }
  if (response.ok) return response;
  throw problemIn(response.status, await response.text());
}

/** An answer that says no, as an error with the server's own words. `body` is to be a problem (RFC 9457). */
export function problemIn(status: number, body: string): LabError {
  const printed = 'See what the server printed.';
  try {
    const { title, detail, nextStep = printed } = Problem.parse(JSON.parse(body));
    return new LabError(detail || title, nextStep);
  } catch (cause) {
    return new LabError(`The server answered ${status}.`, printed, { cause });
  }
}

export const createLab = async (server: ServerAddress, request: CreateLabRequest): Promise<LabSummary> =>
  LabSummary.parse(await (await ask(server, 'POST', '/api/labs', request)).json());

export const listLabs = async (server: ServerAddress): Promise<readonly LabSummary[]> =>
  LabSummary.array().parse(await (await ask(server, 'GET', '/api/labs')).json());

export const showLab = async (server: ServerAddress, id: string): Promise<LabDetail> =>
  LabDetail.parse(await (await ask(server, 'GET', `/api/labs/${encodeURIComponent(id)}`)).json());

/** Waits until a lab is ready; throws with its problem when it failed. */
export async function untilReady(
  server: ServerAddress,
  id: string,
  signal: AbortSignal,
  onStep: (step: string) => void,
): Promise<LabSummary> {
  for (;;) {
    signal.throwIfAborted();
    const lab = LabSummary.loose().parse(
      await (await ask(server, 'GET', `/api/labs/${encodeURIComponent(id)}`)).json(),
    );
    const { status } = lab;
    if (status.state === 'ready') return lab;
    if (status.state === 'failed') {
      throw new LabError(status.problem.detail, status.problem.nextStep ?? 'Delete the lab and create it again.');
    }
    onStep(status.step);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** Short against a start of a tenth of a second; long against a kind cluster's minute. */
const POLL_MILLISECONDS = 25;

/** The events of a grading as they come. */
export async function* gradeLab(server: ServerAddress, id: string, task?: string): AsyncGenerator<GradeEvent> {
  const query = task === undefined ? '' : `?task=${encodeURIComponent(task)}`;
  const response = await ask(server, 'POST', `/api/labs/${encodeURIComponent(id)}/checks${query}`);
  let rest = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield GradeEvent.parse(JSON.parse(line));
  }
}
