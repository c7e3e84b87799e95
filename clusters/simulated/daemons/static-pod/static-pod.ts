import { parse } from 'yaml';
import { z } from 'zod';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../clock.ts';
import { readHostText } from '../host-text.ts';
import type { Unit } from '../systemd/unit.ts';

export interface StaticPodRequest {
  readonly host: SimulatedHost;
  /** Its manifest, for instance `/etc/kubernetes/manifests/etcd.yaml`. */
  readonly manifest: string;
  /** What its container runs; started with the manifest's command. */
  readonly unit: Unit;
  readonly clock: Clock;
  /** Hears of every change of `state`. */
  readonly changed?: (state: StaticPodState) => void;
}

export interface StaticPodState {
  /** `absent`: no manifest, or one that the kubelet cannot use. */
  readonly status: 'running' | 'exited' | 'absent';
  /** How often the container was started before. */
  readonly attempt: number;
  readonly since: Date;
  readonly exitCode: number;
  /** What the container has written in this attempt. */
  readonly log: readonly string[];
  /** Why the manifest cannot be used, in words for the kubelet's log. */
  readonly complaint: string | undefined;
}

export interface StaticPod extends AsyncDisposable {
  readonly state: StaticPodState;
  /** Resolves when what has changed so far is in force. */
  settled(): Promise<void>;
}

const Manifest = z.looseObject({
  kind: z.literal('Pod'),
  metadata: z.looseObject({ name: z.string().min(1) }),
  spec: z.looseObject({
    containers: z
      .array(
        z.looseObject({
          name: z.string(),
          command: z.array(z.string()).default([]),
          args: z.array(z.string()).default([]),
        }),
      )
      .min(1),
  }),
});

const MAX_LOG_LINES = 500;
/** The kubelet's first step of back-off. */
const RETRY_MS = 10_000;

/** Runs a static pod as the kubelet does: the manifest's file is the truth, an edit restarts it, and one that fails is tried again. */
export async function followStaticPod(request: StaticPodRequest): Promise<StaticPod> {
  const { host, manifest, unit, clock } = request;
  let state: StaticPodState = {
    status: 'absent',
    attempt: 0,
    since: clock.now(),
    exitCode: 0,
    log: [],
    complaint: undefined,
  };
  let started: string | undefined;
  let attempts = 0;
  let retry: Disposable | undefined;
  let closed = false;

  const become = (change: Partial<StaticPodState>) => {
    state = { ...state, ...change, since: clock.now() };
    request.changed?.(state);
  };
  const halt = async () => {
    retry?.[Symbol.dispose]();
    if (state.status === 'running') await unit.stop();
    started = undefined;
  };
  const begin = async (text: string, argv: readonly string[]) => {
    const log: string[] = [];
    const write = (line: string) => {
      log.push(line);
      if (log.length > MAX_LOG_LINES) log.shift();
    };
    started = text;
    const attempt = attempts++;
    const failure = await unit.start({ argv, environment: {}, log: write, exited: () => {} });
    for (const line of failure?.lines ?? []) write(line);
    become({
      status: failure === undefined ? 'running' : 'exited',
      attempt,
      exitCode: failure?.status ?? 0,
      log,
      complaint: undefined,
    });
    if (failure === undefined) return;
    retry = clock.after(RETRY_MS, () => {
      started = undefined;
      void look();
    });
  };

  const update = async () => {
    if (closed) return;
    const read = await readManifest(host, manifest);
    if ('text' in read && read.text === started) return;
    await halt();
    if ('text' in read) await begin(read.text, read.argv);
    else if (state.status !== 'absent' || state.complaint !== read.complaint)
      become({ status: 'absent', log: [], complaint: read.complaint });
  };
  let work: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => {
    work = work.then(update).catch((error: unknown) => become({ status: 'absent', complaint: String(error) }));
    return work;
  };

  const watching = await host.watch(manifest, () => void look());
  await look();
  return {
    get state() {
      return state;
    },
    settled: look,
    async [Symbol.asyncDispose]() {
      watching[Symbol.dispose]();
      await work;
      closed = true;
      await halt();
    },
  };
}

async function readManifest(
  host: SimulatedHost,
  path: string,
): Promise<{ readonly text: string; readonly argv: readonly string[] } | { readonly complaint: string | undefined }> {
  try {
    const text = await readHostText(host, path);
    if (text === undefined) return { complaint: undefined };
    const container = Manifest.parse(parse(text, { maxAliasCount: 20 })).spec.containers[0];
    return { text, argv: [...(container?.command ?? []), ...(container?.args ?? [])] };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return {
      complaint: `"Could not process manifest file" err="${path}: couldn't parse as pod(${reason}), please check config file"`,
    };
  }
}
