import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An executable that stands in for kind, and what it has started. */
export interface StandInKind extends AsyncDisposable {
  readonly path: string;
  /** Lets the step that begins so fail from now on, with those words; or nothing any more. */
  fail(step: string, say: string): Promise<void>;
  succeed(): Promise<void>;
  /** Clusters whose API server runs. */
  clusters(): Promise<readonly string[]>;
}

/** Asked for before each lab, and kind takes 20 ms for it. */
const VERSION = '[ "$*" = "version -q" ] && exec echo 0.33.0';

/** Puts the stand-in into a folder of its own. Disposing ends its API servers; nodes that are left in Docker are not its affair. */
export async function installStandInKind(): Promise<StandInKind> {
  const root = await mkdtemp(join(tmpdir(), 'stand-in-kind-'));
  const path = join(root, 'kind');
  const main = join(import.meta.dirname, 'main.ts');
  await writeFile(path, `#!/bin/sh\n${VERSION}\nSTAND_IN_KIND='${root}' exec '${process.execPath}' '${main}' "$@"\n`);
  await chmod(path, 0o755);
  const clusters = (): Promise<readonly string[]> => readdir(join(root, 'clusters')).catch(() => []);
  return {
    path,
    fail: (step, say) => writeFile(join(root, 'fault.json'), JSON.stringify({ step, say })),
    succeed: () => rm(join(root, 'fault.json'), { force: true }),
    clusters,
    // Its process ends when it finds the folder gone.
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}
