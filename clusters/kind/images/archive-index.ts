import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { LabError } from '../../cluster.ts';
import { readTarHeader } from './ustar.ts';

/** Of an archive of `docker save`, the file that names its images (moby, image/tarexport). */
const Manifest = z.array(z.object({ RepoTags: z.array(z.string()).nullish() }));

const BLOCK = 512;
const MAX_MANIFEST_BYTES = 4_000_000;

/** The images that an archive holds, by their names. Reads headers only. Throws `LabError` for what is no such archive. */
export async function readArchiveIndex(file: string): Promise<readonly string[]> {
  let handle: FileHandle;
  try {
    handle = await open(file);
  } catch (error) {
    throw new LabError(
      `${file} cannot be read: ${(error as Error).message}`,
      'Name a file that ./breachlab images save has written.',
      {
        cause: error,
      },
    );
  }
  try {
    return await imagesOf(handle, file);
  } finally {
    await handle.close();
  }
}

async function imagesOf(handle: FileHandle, file: string): Promise<readonly string[]> {
  const { size: end } = await handle.stat();
  const head = Buffer.alloc(2);
  await handle.read(head, 0, 2, 0);
  if (head.equals(Buffer.from([0x1f, 0x8b])))
    throw noArchive(file, 'it is compressed', `Unpack it first: gunzip ${file}`);
  for (let at = 0; at + BLOCK <= end;) {
    const block = Buffer.alloc(BLOCK);
    await handle.read(block, 0, BLOCK, at);
    const header = headerOf(block, file);
    if (header === undefined) break;
    if (at + BLOCK + header.size > end) throw noArchive(file, 'its end is missing');
    if (header.path === 'manifest.json' && header.size <= MAX_MANIFEST_BYTES) {
      const content = Buffer.alloc(header.size);
      await handle.read(content, 0, header.size, at + BLOCK);
      const { success, data } = Manifest.safeParse(jsonOf(content));
      if (!success) throw noArchive(file, 'its manifest.json is not Docker’s');
      return data.flatMap(({ RepoTags }) => RepoTags ?? []);
    }
    at += BLOCK + Math.ceil(header.size / BLOCK) * BLOCK;
  }
  throw noArchive(file, 'no images are in it');
}

function headerOf(block: Uint8Array, file: string): ReturnType<typeof readTarHeader> {
  try {
    return readTarHeader(block);
  } catch {
    throw noArchive(file, 'it is no tar');
  }
}

function jsonOf(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}

const noArchive = (file: string, why: string, nextStep?: string): LabError =>
  new LabError(
    `${file} is not an archive of images: ${why}`,
    nextStep ?? 'Name a file that ./breachlab images save (or docker save) has written.',
  );
