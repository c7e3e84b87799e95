import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../../cluster.ts';

export interface KindRelease {
  readonly version: string;
  /** By Node's name of the architecture. */
  readonly files: Readonly<Record<string, { readonly url: string; readonly sha256: string }>>;
}

const release = 'https://github.com/kubernetes-sigs/kind/releases/download/v0.33.0';

/** What is fetched where there is no kind: the release's own files and the digests that it publishes beside them (`*.sha256sum`). */
export const KIND_RELEASE: KindRelease = {
  version: '0.33.0',
  files: {
    x64: {
      url: `${release}/kind-linux-amd64`,
      sha256: 'aee6151561422756b764a4ae28e7f44cda5af5a9eead3cc9985112b1de8d8e0d',
    },
    arm64: {
      url: `${release}/kind-linux-arm64`,
      sha256: '20022bee6cfcd5086cb7234d218e3454e6090022f2a8f55d1fa7fcf42c3867a2',
    },
  },
};

/** Ten times the size of kind 0.33. */
const MAX_BYTES = 100 * 1024 * 1024;

const OWN_COPY =
  'Install kind 0.30 or newer (Debian’s newer releases have a package kind), or name a copy: BREACHLAB_KIND=/path/to/kind';

/** Where the pinned kind lies once it was fetched. */
export const pinnedKindPath = (directory: string, { version }: KindRelease = KIND_RELEASE): string =>
  join(directory, `kind-${version}`);

/** Whether the pinned kind was fetched already. It is put there only after its digest was checked. */
export const hasPinnedKind = (directory: string, pinned: KindRelease = KIND_RELEASE): Promise<boolean> =>
  access(pinnedKindPath(directory, pinned), constants.X_OK).then(
    () => true,
    () => false,
  );

export interface FetchRequest {
  readonly directory: string;
  readonly pinned?: KindRelease;
  /** As `process.arch`. */
  readonly architecture: string;
  readonly detail: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Fetches the pinned kind into `directory`. Throws `LabError` where it is not to be had, and for a file that is not the pinned one; then
 * nothing is left.
 */
export async function fetchPinnedKind(request: FetchRequest): Promise<void> {
  const { directory, pinned = KIND_RELEASE, architecture, detail, signal } = request;
  const file = pinned.files[architecture];
  if (file === undefined)
    throw new LabError(`kind ${pinned.version} is not pinned for this machine (${architecture}).`, OWN_COPY);
  await mkdir(directory, { recursive: true });
  const scratch = await mkdtemp(join(directory, '.fetching-'));
  try {
    detail(`downloading kind ${pinned.version}, 10 MB`);
    const fetched = join(scratch, 'kind');
    const digest = await download(file.url, fetched, signal);
    if (digest !== file.sha256)
      throw new LabError(
        `${file.url} is not the kind that was pinned: its SHA-256 is ${digest}.`,
        `Somebody between you and the release may have changed it. Do not use it. ${OWN_COPY}`,
      );
    await chmod(fetched, 0o755);
    await rename(fetched, pinnedKindPath(directory, pinned));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The SHA-256 of what was written. */
async function download(url: string, target: string, signal: AbortSignal): Promise<string> {
  const failed = (why: string, cause?: unknown): LabError =>
    new LabError(`kind could not be fetched from ${url}: ${why}`, `Check the network, then try again. ${OWN_COPY}`, {
      cause,
    });
  const digest = createHash('sha256');
  let bytes = 0;
  const watched = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) return done(new Error('the answer is too long'));
      digest.update(chunk);
      done(undefined, chunk);
    },
  });
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    await pipeline(response.body, watched, createWriteStream(target), { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw failed(reasonOf(cause), cause);
  }
  return digest.digest('hex');
}

/** `fetch failed` says nothing; what made it fail does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
