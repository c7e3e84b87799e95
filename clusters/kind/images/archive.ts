import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import { engineFailure } from '../docker/engine-failure.ts';
import { readArchiveIndex } from './archive-index.ts';
import { followed } from './event-stream.ts';
import { saveImages } from './image-stream.ts';

/** Images in one file, to be carried to a machine without internet. Neither direction holds more than a piece of it in memory. */

export interface ArchiveRequest {
  readonly engine: Engine;
  readonly file: string;
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/** Before hours of pulling: throws `LabError` where no file can be written. */
export async function mustBeWritable(file: string): Promise<void> {
  const folder = dirname(file);
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw fileFailure(error, folder) ?? error;
  });
}

/** Bytes between two lines of progress. */
const STRIDE = 200_000_000;

/** Writes images to a file, which appears when it is whole. Returns its size in bytes. Throws `LabError`. */
export async function saveArchive(
  { engine, file, progress, signal }: ArchiveRequest,
  references: readonly string[],
): Promise<number> {
  const part = `${file}.part`;
  try {
    const images = await saveImages(engine, references, signal);
    await pipeline(images, told(progress, 'written'), createWriteStream(part), { signal });
    await rename(part, file);
    return (await stat(file)).size;
  } catch (error) {
    await rm(part, { force: true });
    signal.throwIfAborted();
    throw fileFailure(error, file) ?? engineFailure(error, `save the images to ${file}`);
  }
}

/** Gives Docker the images of a file. Returns their names. Throws `LabError`, for what is no archive of images before Docker sees it. */
export async function loadArchive({ engine, file, progress, signal }: ArchiveRequest): Promise<readonly string[]> {
  const names = await readArchiveIndex(file);
  const { size } = await stat(file);
  try {
    const content = createReadStream(file);
    const counted = told(progress, `of ${Math.ceil(size / 1e6)} MB given to Docker`);
    const [events] = await Promise.all([
      engine.docker.loadImage(counted, { quiet: true, abortSignal: signal }),
      pipeline(content, counted, { signal }),
    ]);
    await followed(engine, events, () => undefined);
    return names;
  } catch (error) {
    signal.throwIfAborted();
    throw fileFailure(error, file) ?? engineFailure(error, `load the images of ${file}`);
  }
}

/** Says how far it is, every now and then. */
function told(progress: (step: string) => void, what: string): Transform {
  let passed = 0;
  let said = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      if (passed - said >= STRIDE) {
        said = passed;
        progress(`${Math.floor(passed / 1e6)} MB ${what}`);
      }
      done(null, chunk);
    },
  });
}

/** What the file system has against a file, in words; undefined for any other failure. */
function fileFailure(error: unknown, file: string): LabError | undefined {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (path?.startsWith(file) !== true) return undefined;
  const nextStep =
    code === 'ENOSPC'
      ? 'Make room there, or name a file on another disk.'
      : 'Name a file that you may write to, in a folder that exists.';
  return new LabError(`${file} cannot be used: ${message}`, nextStep, { cause: error });
}
