import { type Image, findImage, runsOwnServer } from '../images/image.ts';
import type { LogOptions } from '../kubernetes/apiserver/kubelet-client.ts';
import { containerOf } from '../kubernetes/kubelet/container-status.ts';
import { loggedRun } from '../kubernetes/kubelet/image-logs.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import { runsFromStart } from './for-real.ts';
import { type Line, LogRing } from './log-ring.ts';
import type { PodRuntime } from './pod-runtime.ts';

/** A log so far is in memory; starting the container that writes it takes longest. */
const LOG_MS = 5000;

/** Where logs come from that nobody really wrote. */
export interface LogSources {
  readonly runtime: PodRuntime;
  readonly images: readonly Image[];
  readonly now: () => number;
}

/**
 * A container's log: what its process wrote, or what a modelled image's own process says at its start. Throws `ApiError` for a
 * container that has not run.
 */
export async function podLog(
  { runtime, images, now }: LogSources,
  pod: Pod,
  options: LogOptions,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const { container, sinceSeconds, sinceTime } = options;
  const query = {
    ...options,
    since:
      sinceSeconds === undefined
        ? sinceTime === undefined
          ? undefined
          : Date.parse(sinceTime)
        : now() - sinceSeconds * 1000,
  };
  const ring = await ringOf({ runtime, images, now }, pod, container, loggedRun(pod, options));
  return ring.read(query, signal);
}

/** The lines that a run of a container writes, from its first on, until it ends or the signal does. */
export async function followedPodLog(
  sources: LogSources,
  pod: Pod,
  run: { readonly container: string; readonly id: string },
  signal: AbortSignal,
): Promise<AsyncIterable<Line>> {
  const ring = await ringOf(sources, pod, run.container, run.id);
  return ring.lines({ follow: true, since: undefined, tailLines: undefined }, signal);
}

async function ringOf({ runtime, images, now }: LogSources, pod: Pod, name: string, id: string): Promise<LogRing> {
  const container = containerOf(pod, name);
  const image = findImage(images, container?.image ?? '');
  const isRunning = (pod.status.containerStatuses ?? []).some(
    (status) => status.containerID === id && status.state?.running,
  );
  const written = runtime.logOf(pod, name, id);
  if (written !== undefined) return written;
  if (container !== undefined && image !== undefined && isRunning && runsFromStart(container, image)) {
    const begun = await runtime.running(pod, name).catch(() => undefined);
    if (begun !== undefined) return begun.log;
  }
  const modelled = container !== undefined && image !== undefined && runsOwnServer(container, image);
  const startedAt = Date.parse(startOf(pod, name) ?? '') || now();
  const ring = new LogRing(() => startedAt);
  for (const line of modelled ? image.log : []) ring.add('stdout', Buffer.from(`${line}\n`));
  // A modelled server says nothing more, but is there as long as it runs.
  if (!isRunning) ring.close();
  return ring;
}

/** What the present run of a pod's container has written so far. Rejects with the `ApiError` of one that has not run. */
export async function wholePodLog(sources: LogSources, pod: Pod, container: string): Promise<string> {
  const asked = { container, follow: false, previous: false, timestamps: false } as const;
  const none = { sinceSeconds: undefined, sinceTime: undefined, tailLines: undefined, limitBytes: undefined };
  const log = await podLog(sources, pod, { ...asked, ...none }, AbortSignal.timeout(LOG_MS));
  let text = '';
  for await (const bytes of log) text += Buffer.from(bytes).toString('utf8');
  return text;
}

function startOf(pod: Pod, name: string): string | undefined {
  const status = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].find(
    (one) => one.name === name,
  );
  return (
    status?.state?.running?.startedAt ??
    status?.state?.terminated?.startedAt ??
    status?.lastState?.terminated?.startedAt
  );
}
