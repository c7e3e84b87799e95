import { z } from 'zod';
import type { Engine } from '../docker/engine.ts';

/** What Docker ends a pull, a build or a load with when it fails (moby, pkg/jsonmessage). */
const Failure = z.object({ error: z.string() });

/** Hears the events of a pull, a build or a load until it ends. Rejects with Docker's words when it failed. */
export function followed(engine: Engine, stream: NodeJS.ReadableStream, hear: (event: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    engine.docker.modem.followProgress(
      stream,
      (error) => (error === null ? resolve() : reject(error)),
      (event: unknown) => {
        const { data } = Failure.safeParse(event);
        if (data === undefined) hear(event);
        else reject(new Error(data.error));
      },
    );
  });
}
