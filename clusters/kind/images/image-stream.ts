import type { Readable } from 'node:stream';
import type { Engine } from '../docker/engine.ts';
import { engineFailure } from '../docker/engine-failure.ts';

/** The one call of docker-modem that is used here: dockerode itself can save no more than one image at a time. */
interface Modem {
  dial(
    call: {
      readonly path: string;
      readonly method: 'GET';
      readonly options: object;
      readonly isStream: true;
      readonly statusCodes: Readonly<Record<number, true | string>>;
      readonly abortSignal: AbortSignal;
    },
    done: (error: Error | null, stream: Readable) => void,
  ): void;
}

/**
 * The archive of images, layers that they share once, as `docker save` writes it. Throws `LabError`; the stream is destroyed on abort.
 * https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageGetAll
 */
export function saveImages(engine: Engine, references: readonly string[], signal: AbortSignal): Promise<Readable> {
  const modem = engine.docker.modem as Modem;
  const call = {
    path: '/images/get?',
    method: 'GET',
    isStream: true,
    statusCodes: { 200: true, 500: 'server error' },
  } as const;
  return new Promise((resolve, reject) => {
    modem.dial({ ...call, options: { names: [...references] }, abortSignal: signal }, (error, stream) => {
      if (error === null) resolve(stream);
      else reject(engineFailure(error, `save ${references.join(', ')}`));
    });
  });
}
