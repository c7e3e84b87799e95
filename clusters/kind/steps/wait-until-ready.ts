import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';
import { askApi } from '../../api-request.ts';
import { type KubeAccess, LabError } from '../../cluster.ts';
import { Node, nodeReadiness, Pod, podReadiness, type Readiness, Workload, workloadReadiness } from './readiness.ts';

export interface WaitRequest {
  readonly access: KubeAccess;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly limit: number;
  /** Between two looks, in milliseconds. */
  readonly pause?: number;
  /** How long what is stuck is waited for when all else is settled, in milliseconds. */
  readonly patience?: number;
}

const PAUSE_MS = 500;
const PATIENCE_MS = 30_000;

/** In apps/v1: what makes pods. */
const WORKLOADS = ['deployments', 'statefulsets', 'daemonsets'];

/** Waits until every node is ready. Throws `LabError` with what was seen last. */
export const untilNodesReady = (request: WaitRequest): Promise<void> =>
  untilSettled(request, async (signal) => {
    const nodes = await list(request.access, '/api/v1/nodes', Node, signal);
    if (nodes.length === 0) return [{ state: 'coming', detail: 'no node has joined yet' }];
    return nodes.map(nodeReadiness);
  });

/**
 * Waits until the pods of those namespaces have been made and run, or are as the scenario left them. Throws `LabError` with what was seen
 * last, and for an image that nobody has with the flag that brings another one.
 */
export const untilPodsSettled = (request: WaitRequest, namespaces: readonly string[]): Promise<void> =>
  untilSettled(request, async (signal) => {
    const { access } = request;
    // Workloads first: the pods that they say to have made are there when pods are looked at.
    const workloads = namespaces.flatMap((name) =>
      WORKLOADS.map((resource) => list(access, `/apis/apps/v1/namespaces/${name}/${resource}`, Workload, signal)),
    );
    const made = (await Promise.all(workloads)).flat().map(workloadReadiness);
    const pods = namespaces.map((name) => list(access, `/api/v1/namespaces/${name}/pods`, Pod, signal));
    return [...made, ...(await Promise.all(pods)).flat().map(podReadiness)];
  });

async function untilSettled(
  { signal, limit, pause = PAUSE_MS, patience = PATIENCE_MS }: WaitRequest,
  look: (signal: AbortSignal) => Promise<readonly Readiness[]>,
): Promise<void> {
  const late = AbortSignal.timeout(limit);
  let stuckSince: number | undefined;
  for (;;) {
    const seen = await look(signal).catch((error: unknown): readonly Readiness[] => {
      signal.throwIfAborted();
      return [{ state: 'coming', detail: error instanceof Error ? error.message : String(error) }];
    });
    const missing = seen.find(({ state }) => state === 'without-image');
    if (missing?.state === 'without-image') throw withoutImage(missing.image, missing.detail);
    const coming = seen.find(({ state }) => state === 'coming');
    if (coming === undefined) {
      stuckSince ??= performance.now();
      if (seen.every(({ state }) => state === 'settled') || performance.now() - stuckSince >= patience) return;
    } else {
      stuckSince = undefined;
    }
    if (coming?.state === 'coming' && late.aborted)
      throw new LabError(
        `The cluster was not ready within ${limit / 1000} s: ${coming.detail}`,
        'Look whether this machine has the memory and the processors: ./breachlab doctor --backend kind.',
      );
    await after(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

const withoutImage = (image: string, detail: string): LabError =>
  new LabError(
    `The nodes cannot get the image ${image}. ${detail}`,
    `Name one that this Docker has: --image ${image}=REFERENCE, a mirror: --registry-mirror URL, or bring it: ./breachlab images load FILE`,
  );

async function list<T extends z.ZodType>(
  access: KubeAccess,
  path: string,
  item: T,
  signal: AbortSignal,
): Promise<z.infer<T>[]> {
  const { status, body } = await askApi(access, { path, signal });
  if (status !== 200) throw new Error(`${path} is answered with status ${status}`);
  return z.object({ items: z.array(item) }).parse(body).items;
}
