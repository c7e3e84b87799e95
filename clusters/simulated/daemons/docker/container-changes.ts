import { idleContainer } from './build/idle-container.ts';
import { type Layer, layerOf, listRoot, mergedLayers, type RootListing } from './build/layer.ts';
import type { Engine } from './engine.ts';
import type { EngineContainer } from './engine-container.ts';
import { configOf, type EngineImage } from './engine-images.ts';
import { EngineRefusal } from './refusal.ts';

/** A path of a container that is not as in its image (docs.docker.com/reference/cli/docker/container/diff). */
export interface Change {
  readonly path: string;
  readonly kind: 'modified' | 'added' | 'deleted';
}

interface Compared {
  readonly now: RootListing;
  readonly before: RootListing;
  /** Paths that are new or other than they were. */
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

/** What a container that runs has over its image, found by a look into another that has just been made of it. */
async function compare(engine: Engine, container: EngineContainer, signal: AbortSignal): Promise<Compared> {
  const { run } = container;
  if (run === undefined)
    throw new EngineRefusal(
      501,
      'not simulated: what a container that does not run has changed; it is gone with its end',
    );
  await using fresh = await idleContainer(engine, container.image);
  const before = await listRoot(fresh.run.process, signal);
  const now = await listRoot(run.process, signal);
  const startedAt = Math.floor(container.startedAt / 1000);
  const isOther = (path: string, facts: string): boolean => {
    const was = before.lines.get(path);
    if (was === undefined) return true;
    const [mode, uid, gid, size, written] = facts.split('|');
    const [itsMode, itsUid, itsGid, itsSize] = was.split('|');
    if (mode !== itsMode || uid !== itsUid || gid !== itsGid) return true;
    const isFile = (Number.parseInt(mode ?? '', 16) & 0o170000) === 0o100000;
    // Files were laid down before it began; what it wrote in its first second shows by another size alone.
    return isFile && (size !== itsSize || Number(written) > startedAt);
  };
  return {
    now,
    before,
    changed: [...now.lines].filter(([path, facts]) => path !== '/' && isOther(path, facts)).map(([path]) => path),
    gone: [...before.lines.keys()].filter((path) => !now.lines.has(path)),
  };
}

/** In order of their paths, with the folders that they are in. Throws `EngineRefusal`. */
export async function changesOf(
  engine: Engine,
  container: EngineContainer,
  signal: AbortSignal,
): Promise<readonly Change[]> {
  const { before, changed, gone } = await compare(engine, container, signal);
  const kinds = new Map<string, Change['kind']>();
  for (const path of [...changed, ...gone])
    for (let above = parentOf(path); above !== ''; above = parentOf(above))
      if (before.lines.has(above)) kinds.set(above, 'modified');
  for (const path of changed) kinds.set(path, before.lines.has(path) ? 'modified' : 'added');
  for (const path of gone) kinds.set(path, 'deleted');
  return [...kinds].map(([path, kind]) => ({ path, kind })).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

const parentOf = (path: string): string => path.replace(/\/[^/]*$/, '');

/** Makes an image of a container that runs (moby daemon/commit.go). Throws `EngineRefusal`. */
export async function commit(
  engine: Engine,
  container: EngineContainer,
  { names, now, signal }: { readonly names: readonly string[]; readonly now: number; readonly signal: AbortSignal },
): Promise<EngineImage> {
  const { image, config, run } = container;
  const compared = await compare(engine, container, signal);
  if (run === undefined) throw new EngineRefusal(409, `container ${container.id} is not running`);
  const facts = new Map(compared.changed.map((path) => [path, compared.now.lines.get(path) ?? '']));
  const own: Layer = await layerOf(run.process, facts, compared.gone, signal);
  const its = configOf(image);
  const text = async (path: string): Promise<string> =>
    (await run.process.readFile(path, 64 * 1024))?.toString('utf8') ?? '';
  const given = new Set(config.env.map(nameOf));
  return engine.images.addBuilt(
    image,
    {
      config: {
        user: config.user || its.user,
        env: [...its.env.filter((entry) => !given.has(nameOf(entry))), ...config.env],
        entrypoint: config.entrypoint ?? its.entrypoint,
        command: config.command ?? its.command,
        workingDir: config.workingDir || its.workingDir,
        labels: { ...its.labels, ...config.labels },
        exposed: its.exposed,
      },
      history: [...(image.built?.history ?? []), container.argv.join(' ')],
      layer: mergedLayers(image.built?.layer, own),
      passwd: await text('/etc/passwd'),
      group: await text('/etc/group'),
    },
    names,
    now,
  );
}

const nameOf = (entry: string): string => entry.replace(/=.*$/s, '');
