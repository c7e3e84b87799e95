import { posix } from 'node:path';
import { EngineRefusal } from '../refusal.ts';
import { BuildFailure, imageFor, MAX_CONTEXT_BYTES, type Surroundings } from './build-request.ts';
import { CONTEXT, ENV, outputOf } from './layer.ts';
import { commandOf, type Step } from './plan.ts';
import { plain } from './read-tar.ts';
import type { StageInProgress } from './stage.ts';

/** COPY and ADD: what is in the context, or in another stage, to a place in this one. */
export async function copy(
  step: Step,
  stage: StageInProgress,
  { request, members, stages, names, makeContainer }: Surroundings,
): Promise<void> {
  const words = commandOf(step.value);
  const paths = words[0] === '/bin/sh' && words[1] === '-c' ? step.value.split(/\s+/) : [...words];
  const target = paths.pop() ?? '';
  if (paths.length === 0)
    throw new EngineRefusal(400, `${step.name} requires at least two arguments, but only one was provided`);
  const { run } = await stage.container();
  const { signal, engine, show } = request;
  const unpack = async (into: string, archive: Buffer): Promise<void> => {
    await stage.asRoot('mkdir', '-p', into);
    await outputOf(
      await run.process.exec(['tar', '-x', '-o', '-f', '-', '-C', into], ENV, '/', signal),
      4096,
      'bytes',
      archive,
    );
  };
  const { from } = step.options;
  const place = from === undefined ? CONTEXT : `${CONTEXT}.${/^\w+$/.test(from) ? from : 'image'}`;
  if (from === undefined) {
    if ((await stage.asRoot('test', '-d', place)) !== 0) await unpack(place, request.context);
  } else {
    const at = /^\d+$/.test(from) ? Number(from) : names.indexOf(from.toLowerCase());
    const other = stages[at]
      ? (await stages[at].container()).run
      : (await makeContainer(imageFor(engine, from, show))).run;
    if (other === undefined || stages[at] === stage) throw new EngineRefusal(400, `invalid from flag value ${from}`);
    const sources = paths.map((path) => plain(path)).map((path) => (path === '' ? '.' : path));
    const packed = await other.process.exec(['tar', '-c', '-f', '-', '-C', '/', ...sources], ENV, '/', signal);
    await unpack(place, await outputOf(packed, MAX_CONTEXT_BYTES, 'bytes'));
  }
  for (const path of paths) {
    if (step.name === 'ADD' && (/^https?:|^git@/.test(path) || /\.(?:tar|tgz|tar\.\w+)$/.test(path)))
      throw new EngineRefusal(501, `not simulated: ADD of ${path}; there is COPY`);
    const found =
      from === undefined
        ? matching(
            members.map((one) => one.path),
            path,
          )
        : [plain(path)];
    if (found.length === 0)
      throw new BuildFailure(
        `${step.name} failed: ${/[*?[]/.test(path) ? 'no source files were specified' : `file not found in build context or excluded by .dockerignore: stat ${plain(path)}: file does not exist`}`,
        1,
      );
    for (const one of found)
      await placeOne(step, stage, posix.join(place, one), target, paths.length + found.length > 2);
  }
}

/** Puts one file or folder where COPY says: a folder's contents go into the target, a file becomes it or goes into it. */
async function placeOne(
  step: Step,
  stage: StageInProgress,
  source: string,
  target: string,
  isMany: boolean,
): Promise<void> {
  const to = stage.path(target);
  const isFolder = (await stage.asRoot('test', '-d', source)) === 0;
  const { chown, chmod } = step.options;
  await stage.asRoot('chown', '-R', chown ?? '0:0', source);
  if (chmod !== undefined) await stage.asRoot('chmod', '-R', chmod, source);
  const isInto = isFolder || isMany || target.endsWith('/') || target === '.';
  await stage.asRoot('mkdir', '-p', isInto ? to : posix.dirname(to));
  const code = await stage.asRoot('cp', '-a', isFolder ? `${source}/.` : source, isInto ? `${to}/` : to);
  if (code !== 0)
    throw new BuildFailure(`${step.name} failed: ${source.replace(/^\/\.build[^/]*\/?/, '')} to ${target}`, 1);
}

/** Paths of a context that a source names, which may have `*`, `?` and `[…]` (Go's filepath.Match). */
function matching(paths: readonly string[], source: string): readonly string[] {
  const wanted = plain(posix.normalize(source));
  if (wanted.startsWith('..')) throw new EngineRefusal(400, `forbidden path outside the build context: ${source}`);
  if (wanted === '') return ['.'];
  if (!/[*?[]/.test(wanted)) return paths.includes(wanted) ? [wanted] : [];
  const pattern = wanted
    .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const regex = new RegExp(`^${pattern}$`);
  return paths.filter((path) => regex.test(path));
}
