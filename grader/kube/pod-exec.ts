import { type RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { KubeAccess } from '../../clusters/cluster.ts';
import { kubeRequest, statusMessage } from './request.ts';
import { resourcePath } from './resource-path.ts';

export type PodExec =
  | {
      readonly outcome: 'ended';
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
      readonly pod: string;
    }
  | { readonly outcome: 'not-run'; readonly reason: string };

/** `remotecommand.StreamProtocolV5Name`: one byte of channel before the data (k8s.io/apimachinery/pkg/util/remotecommand). */
const PROTOCOL = 'v5.channel.k8s.io';
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const OUTPUT_BYTES = 256 * 1024;

const Pods = z.looseObject({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.looseObject({ phase: z.string().optional() }).optional(),
    }),
  ),
});

const ExitStatus = z.looseObject({
  status: z.string(),
  message: z.string().default(''),
  reason: z.string().optional(),
  details: z
    .looseObject({
      causes: z.array(z.looseObject({ reason: z.string().optional(), message: z.string().default('') })).default([]),
    })
    .optional(),
});

/** Runs a program in the first running pod with those labels, as the administrator, the way `kubectl exec` does. */
export async function podExec(
  access: KubeAccess,
  {
    namespace,
    labelSelector,
    container,
    argv,
    signal,
  }: {
    readonly namespace: string;
    readonly labelSelector: string;
    readonly container?: string | undefined;
    readonly argv: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<PodExec> {
  const where = { apiVersion: 'v1', resource: 'pods', namespace };
  const answer = await kubeRequest(access, {
    method: 'GET',
    path: `${resourcePath(where)}?labelSelector=${encodeURIComponent(labelSelector)}`,
    signal,
  });
  const pods = Pods.safeParse(answer.json);
  if (answer.status !== 200 || !pods.success)
    return { outcome: 'not-run', reason: `listing pods answered ${answer.status}: ${statusMessage(answer)}` };
  const pod = pods.data.items.find(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.phase === 'Running',
  );
  if (pod === undefined)
    return { outcome: 'not-run', reason: `no running pod in ${namespace} has the labels ${labelSelector}` };

  const query = new URLSearchParams([
    ...(container === undefined ? [] : [['container', container]]),
    ['stdout', 'true'],
    ['stderr', 'true'],
    ...argv.map((word) => ['command', word]),
  ]);
  const { name } = pod.metadata;
  const ended = await runOver(access, `${resourcePath({ ...where, name })}/exec?${query.toString()}`, signal);
  return ended.outcome === 'ended' ? { ...ended, pod: name } : ended;
}

type Ended = Omit<Extract<PodExec, { outcome: 'ended' }>, 'pod'> | Extract<PodExec, { outcome: 'not-run' }>;

function runOver(access: KubeAccess, path: string, signal: AbortSignal): Promise<Ended> {
  const { credential } = access;
  const socket = new WebSocket(new URL(path, access.server), [PROTOCOL], {
    ca: access.certificateAuthority,
    checkServerIdentity: () => false, // no error: the authority counts, not the name (as in exchange.ts)
    maxPayload: 1024 * 1024,
    ...(credential.kind === 'certificate' ? { cert: credential.certificate, key: credential.key } : {}),
    ...(credential.kind === 'token' ? { headers: { authorization: `Bearer ${credential.token}` } } : {}),
  });
  const output = { [STDOUT]: new Capture(), [STDERR]: new Capture() };
  return new Promise((resolve) => {
    let status: Buffer | undefined;
    const finish = (ended: Ended): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(ended);
      socket.terminate();
    };
    const onAbort = (): void => finish({ outcome: 'not-run', reason: 'the program did not end in time' });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();

    socket.on('message', (data: RawData) => {
      const frame = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
      const [channel] = frame;
      const rest = frame.subarray(1);
      if (channel === STDOUT || channel === STDERR) output[channel].add(rest);
      else if (channel === STATUS) status = status === undefined ? rest : Buffer.concat([status, rest]);
    });
    socket.on('unexpected-response', (_, response) => {
      response.resume();
      finish({ outcome: 'not-run', reason: `exec answered ${response.statusCode}` });
    });
    socket.on('error', (error) => finish({ outcome: 'not-run', reason: `exec failed: ${error.message}` }));
    socket.on('close', () => {
      if (status === undefined) return finish({ outcome: 'not-run', reason: 'exec ended without a status' });
      const exit = exitOf(status.toString('utf8'));
      if (typeof exit === 'string') return finish({ outcome: 'not-run', reason: exit });
      finish({ outcome: 'ended', exitCode: exit, stdout: output[STDOUT].text(), stderr: output[STDERR].text() });
    });
  });
}

/** The exit code in a `Status` of channel 3, or why there is none. */
export function exitOf(text: string): number | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'exec ended with an unreadable status';
  }
  const status = ExitStatus.safeParse(json);
  if (!status.success) return 'exec ended with an unreadable status';
  if (status.data.status === 'Success') return 0;
  const code = status.data.details?.causes.find(({ reason }) => reason === 'ExitCode')?.message;
  return code === undefined || !/^\d+$/.test(code) ? `exec failed: ${status.data.message}` : Number(code);
}

class Capture {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  add(chunk: Buffer): void {
    const kept = chunk.subarray(0, Math.max(0, OUTPUT_BYTES - this.#size));
    this.#size += kept.length;
    if (kept.length > 0) this.#chunks.push(kept);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
