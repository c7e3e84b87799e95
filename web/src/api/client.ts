import { z } from 'zod';
import {
  GradeEvent,
  LabDetail,
  LabSummary,
  Problem,
  ScenarioSummary,
  type CreateLabRequest,
} from '../../../protocol/api.ts';
import type { LabId } from '../../../protocol/ids.ts';
import { ApiProblem, ServerGone } from './failure.ts';
import { NdjsonSplitter } from './ndjson.ts';

/**
 * The HTTP API of the server this page came from, see protocol/api.ts. Every call throws `ApiProblem` when the server
 * says no and `ServerGone` when nothing answers; an aborted call throws the signal's reason.
 */
export async function listScenarios(signal: AbortSignal): Promise<ScenarioSummary[]> {
  return read(await call('/api/scenarios', { signal }), z.array(ScenarioSummary));
}

export async function listLabs(signal: AbortSignal): Promise<LabSummary[]> {
  return read(await call('/api/labs', { signal }), z.array(LabSummary));
}

export async function readLab(lab: LabId, signal: AbortSignal): Promise<LabDetail> {
  return read(await call(`/api/labs/${lab}`, { signal }), LabDetail);
}

export async function createLab(request: CreateLabRequest): Promise<LabSummary> {
  const headers = { 'content-type': 'application/json' };
  return read(await call('/api/labs', { method: 'POST', headers, body: JSON.stringify(request) }), LabSummary);
}

export async function deleteLab(lab: LabId): Promise<void> {
  await call(`/api/labs/${lab}`, { method: 'DELETE' });
}

export async function resetLab(lab: LabId): Promise<LabSummary> {
  return read(await call(`/api/labs/${lab}/reset`, { method: 'POST' }), LabSummary);
}

/** Grades the lab, or one task of it, and hands each event over as it arrives. */
export async function runChecks(
  lab: LabId,
  options: { task?: string | undefined; signal: AbortSignal; onEvent: (event: GradeEvent) => void },
): Promise<void> {
  const query = options.task === undefined ? '' : `?task=${encodeURIComponent(options.task)}`;
  const response = await call(`/api/labs/${lab}/checks${query}`, { method: 'POST', signal: options.signal });
  if (response.body === null) return;
  const splitter = new NdjsonSplitter();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read().catch((cause: unknown) => {
      throw options.signal.aborted ? cause : new ServerGone(cause);
    });
    for (const line of done ? splitter.end() : splitter.push(value)) {
      options.onEvent(GradeEvent.parse(JSON.parse(line)));
    }
    if (done) return;
  }
}

async function call(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, { ...init, credentials: 'same-origin' }).catch((cause: unknown) => {
    throw init.signal?.aborted === true ? cause : new ServerGone(cause);
  });
  if (response.ok) return response;
  // A proxy or a stopping server may answer with something else than a problem.
  const body: unknown = await response.json().catch(() => null);
  const problem = Problem.safeParse(body);
  throw new ApiProblem(
    problem.data ?? {
      type: 'about:blank',
      title: response.statusText || 'The request failed',
      status: response.status,
      detail: `${init.method ?? 'GET'} ${path} was answered with status ${response.status}.`,
      nextStep: 'Try again. If it stays like this, look at what the server prints.',
    },
  );
}

async function read<T>(response: Response, schema: z.ZodType<T>): Promise<T> {
  return schema.parse(await response.json());
}
