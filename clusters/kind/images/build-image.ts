import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Engine } from '../docker/engine.ts';
import { engineFailure } from '../docker/engine-failure.ts';
import { type BuildContext, packContext } from './build-context.ts';
import { BuildLog } from './build-log.ts';
import { followed } from './event-stream.ts';

export interface BuildRequest {
  readonly engine: Engine;
  readonly context: BuildContext;
  /** `breachlab/workstation:0123456789abcdef` */
  readonly reference: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/** An event of Docker's build (moby, pkg/jsonmessage). */
const BuildEvent = z.object({ stream: z.string() });

/**
 * Builds an image with Docker's own builder. The build shares this machine's network: whatever reaches a mirror from here does so from
 * there, and Docker need not be able to make a bridge. Returns what the Dockerfile said. Throws `LabError` with the instruction that
 * failed and its last lines.
 */
export async function buildImage(request: BuildRequest): Promise<BuildLog> {
  const { engine, context, reference, signal, progress } = request;
  const log = new BuildLog(reference);
  const hear = (event: unknown): void => {
    const { data } = BuildEvent.safeParse(event);
    const line = log.heard(data?.stream ?? '');
    if (line !== undefined) progress(line);
  };
  try {
    const stream = await engine.docker.buildImage(Readable.from(packContext(context)), {
      t: reference,
      dockerfile: context.dockerfile,
      buildargs: { ...request.buildArguments },
      labels: { ...request.labels },
      networkmode: 'host',
      forcerm: true,
      abortSignal: signal,
    } as object);
    await followed(engine, stream, hear);
    return log;
  } catch (error) {
    signal.throwIfAborted();
    throw log.instruction === undefined ? engineFailure(error, `build ${reference}`) : log.failure(error);
  }
}

/** Adds labels to an image that was built, without another layer. Throws `LabError`. */
export async function labelImage(request: Omit<BuildRequest, 'context' | 'buildArguments'>): Promise<void> {
  const { reference, labels } = request;
  await buildImage({
    ...request,
    labels,
    buildArguments: {},
    context: {
      dockerfile: 'Dockerfile',
      entries: [{ path: 'Dockerfile', mode: 0o644, content: Buffer.from(`FROM ${reference}\n`) }],
    },
  });
}
