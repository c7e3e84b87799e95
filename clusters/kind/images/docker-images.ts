import { LabError } from '../../cluster.ts';
import { answered, type Engine } from '../docker/engine.ts';
import { hasStatus } from '../docker/engine-failure.ts';
import { type ImageChoices, pulledReference } from './choices.ts';
import { followed } from './event-stream.ts';
import { pullFailure } from './pull-failure.ts';
import { PullProgress } from './pull-progress.ts';
import { canonicalReference } from './reference.ts';

/** Images that this machine's Docker has. */

const ASK_MS = 30_000;

export interface FoundImage {
  /** By which name Docker has it. */
  readonly reference: string;
  /** Digests of its layers when unpacked: the same in every Docker. */
  readonly layers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/** What we know an image by that was asked for by its digest: Docker itself gives it no name that a saved archive would keep. */
const pinnedName = (digest: string): string =>
  `breachlab/pinned:${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;

const digestOf = (reference: string): string | undefined => /@(sha256:[a-f0-9]{64})$/.exec(reference)?.[1];

/** The image that a reference names; undefined when Docker does not have it. */
export async function findImage(
  engine: Engine,
  reference: string,
  signal: AbortSignal,
): Promise<FoundImage | undefined> {
  const digest = digestOf(reference);
  const names = digest === undefined ? [reference] : [reference, pinnedName(digest)];
  for (const name of names) {
    const found = await answered(`look for the image ${name}`, [signal], ASK_MS, async (abortSignal) => {
      try {
        return await engine.docker.getImage(name).inspect({ abortSignal } as object);
      } catch (error) {
        if (hasStatus(error, 404)) return undefined;
        throw error;
      }
    });
    if (found === undefined) continue;
    const { RootFS, Config, Size } = found;
    return { reference: name, layers: RootFS.Layers ?? [], labels: Config.Labels ?? {}, bytes: Size };
  }
  return undefined;
}

export interface PullRequest {
  readonly engine: Engine;
  readonly reference: string;
  readonly choices: ImageChoices;
  /** For the error: the flag's left side, such as `node` or `nginx:1.27`. */
  readonly name: string;
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/** The image that a reference names, pulled when Docker does not have it. Throws `LabError` with the flag that mends it. */
export async function findOrPull(request: PullRequest): Promise<FoundImage> {
  const { engine, reference, signal } = request;
  const found = await findImage(engine, reference, signal);
  if (found !== undefined) return found;
  const from = pulledReference(reference, request.choices);
  await pull(request, from);
  if (from !== reference || digestOf(reference) !== undefined) await name(engine, from, reference, signal);
  const pulled = await findImage(engine, reference, signal);
  if (pulled === undefined) throw unobtainable(request, 'Docker does not have it after the pull');
  return pulled;
}

async function pull(request: PullRequest, from: string): Promise<void> {
  const { engine, signal, progress } = request;
  const shown = new PullProgress(request.name);
  try {
    const stream = await engine.docker.pull(from, { abortSignal: signal });
    await followed(engine, stream, (event) => {
      const line = shown.heard(event);
      if (line !== undefined) progress(line);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw unobtainable(request, pullFailure(error), error);
  }
}

/** Gives what was pulled under another name the one it is looked for by. */
async function name(engine: Engine, from: string, reference: string, signal: AbortSignal): Promise<void> {
  const digest = digestOf(reference);
  const wanted = digest === undefined ? (canonicalReference(reference) ?? reference) : pinnedName(digest);
  const colon = wanted.lastIndexOf(':');
  await answered(`name the image ${from}`, [signal], ASK_MS, (abortSignal) =>
    engine.docker.getImage(from).tag({ repo: wanted.slice(0, colon), tag: wanted.slice(colon + 1), abortSignal } as {
      repo: string;
      tag: string;
    }),
  );
}

const unobtainable = ({ name, reference }: PullRequest, why: string, cause?: unknown): LabError =>
  new LabError(
    `the image ${reference} (${name}) is not on this machine, and ${why}`,
    `Name one that Docker has: --image ${name}=REFERENCE; or a mirror: --registry-mirror URL; or carry it here: ./breachlab images load FILE.`,
    { cause },
  );
