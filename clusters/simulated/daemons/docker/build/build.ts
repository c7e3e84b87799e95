import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { parseReference, repositoryPath } from '../../../images/image.ts';
import type { Engine } from '../engine.ts';
import type { EngineContainer } from '../engine-container.ts';
import type { EngineImage } from '../engine-images.ts';
import { EngineRefusal } from '../refusal.ts';
import { CONTEXT, ENV, outputOf } from './layer.ts';
import { commandOf, pairs, planOf, type Step } from './plan.ts';
import { plain, readTar } from './read-tar.ts';
import { StageInProgress } from './stage.ts';

export interface BuildRequest {
  readonly engine: Engine;
  /** A tar of the folder that `docker build` was given. */
  readonly context: Buffer;
  /** In the context. */
  readonly dockerfile: string;
  readonly names: readonly string[];
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The stage to end with; the last one where it is empty. */
  readonly target: string;
  readonly now: number;
  readonly signal: AbortSignal;
  /** Hears what the build prints. */
  readonly show: (text: string) => void;
}

/** A step that failed: what dockerd says, and the status of the command that it was. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure';
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** The number of bytes that a learner may send as a context. */
export const MAX_CONTEXT_BYTES = 16 * 2 ** 20;

/**
 * Builds an image as dockerd does without BuildKit (moby builder/dockerfile): steps are really done in a container that the image begins
 * with, one a stage. Throws `BuildFailure` or `EngineRefusal`.
 */
export async function buildImage(request: BuildRequest): Promise<EngineImage> {
  const { engine, show, signal } = request;
  const members = contextOf(request.context);
  const name = plain(posix.normalize(request.dockerfile));
  const file = members.find(({ path }) => path === name);
  if (file === undefined) throw new EngineRefusal(500, `Cannot locate specified Dockerfile: ${request.dockerfile}`);
  const plan = planOf(file.data.toString('utf8'), request.args);
  const last =
    request.target === '' ? plan.length - 1 : plan.findIndex((one) => one.name === request.target.toLowerCase());
  if (last < 0) throw new EngineRefusal(400, `failed to reach build target ${request.target} in Dockerfile`);
  const wanted = plan.slice(0, last + 1);
  const total =
    wanted.reduce((sum, { steps }) => sum + 1 + steps.length, 0) + (Object.keys(request.labels).length > 0 ? 1 : 0);
  await using containers = new AsyncDisposableStack();
  const makeContainer = async (image: EngineImage): Promise<EngineContainer> => {
    const container = engine.create(undefined, {
      Image: image.id,
      Entrypoint: ['/bin/sh', '-c', 'exec sleep 2147483647'],
      User: '0',
    });
    containers.defer(() => engine.remove(container, true));
    await container.start();
    return container;
  };
  const stages: StageInProgress[] = [];
  let number = 0;
  const announce = (text: string): void => show(`Step ${(number += 1)}/${total} : ${text}\n`);
  for (const { from, shown, steps } of wanted) {
    announce(shown);
    const earlier =
      stages[wanted.findIndex((one, at) => at < stages.length && one.name === from.toLowerCase() && from !== '')];
    if (from === 'scratch') throw new EngineRefusal(501, 'not simulated: an image from scratch');
    const image = earlier === undefined ? imageFor(engine, from, show) : await imageOf(earlier, request);
    show(` ---> ${short(image.id)}\n`);
    const stage = new StageInProgress(image, makeContainer, signal);
    stages.push(stage);
    for (const step of steps) {
      signal.throwIfAborted();
      announce(step.shown);
      await perform(step, stage, { request, members, stages, names: wanted.map((one) => one.name), makeContainer });
      show(` ---> ${short(`sha256:${digestOfStep(stage)}`)}\n`);
    }
  }
  const stage = stages.at(-1);
  if (stage === undefined) throw new EngineRefusal(400, 'file with no instructions');
  if (Object.keys(request.labels).length > 0) {
    const label = Object.entries(request.labels).map(([key, value]) => `${key}=${value}`);
    announce(`LABEL ${label.join(' ')}`);
    stage.config.labels = { ...stage.config.labels, ...request.labels };
    stage.history.push(nop(`LABEL ${label.join(' ')}`));
    show(` ---> ${short(`sha256:${digestOfStep(stage)}`)}\n`);
  }
  // Awaited here: the containers are asked once more.
  return await imageOf(stage, request, request.names);
}

/** Adds a stage's image to the engine's. */
async function imageOf(stage: StageInProgress, { engine, show, now }: BuildRequest, names: readonly string[] = []) {
  const { built, owned } = await stage.finish();
  if (owned.length > 0)
    show(
      `not simulated: owners of files in an image; root's are ${owned.slice(0, 5).join(', ')}${owned.length > 5 ? ', …' : ''}\n`,
    );
  return engine.images.addBuilt(stage.from, built, names, now);
}

function contextOf(archive: Buffer): ReturnType<typeof readTar> {
  try {
    return readTar(archive);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new EngineRefusal(500, `Error reading the build context: ${error.message}`, { cause: error });
  }
}

/** An image that the engine has or can pull. */
function imageFor(engine: Engine, reference: string, show: (text: string) => void): EngineImage {
  try {
    return engine.images.get(reference);
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== 404) throw error;
    const { image } = engine.images.pull(reference);
    const tag = parseReference(reference)?.tag ?? 'latest';
    show(
      `${tag}: Pulling from ${repositoryPath(reference)}\nDigest: ${image.digest}\nStatus: Downloaded newer image for ${image.reference}\n`,
    );
    return image;
  }
}

interface Surroundings {
  readonly request: BuildRequest;
  readonly members: ReturnType<typeof readTar>;
  readonly stages: readonly StageInProgress[];
  /** Of the stages, in order. */
  readonly names: readonly string[];
  readonly makeContainer: (image: EngineImage) => Promise<EngineContainer>;
}

async function perform(step: Step, stage: StageInProgress, around: Surroundings): Promise<void> {
  const { config, history } = stage;
  const { name, value } = step;
  const { show } = around.request;
  const setHistory = (text: string): void => void history.push(nop(text));
  switch (name) {
    case 'RUN': {
      const argv = commandOf(value);
      const { container } = await stage.container();
      show(` ---> Running in ${container.id.slice(0, 12)}\n`);
      const code = await stage.command(argv, step.args, (bytes) => show(bytes.toString('utf8')));
      if (code !== 0) throw new BuildFailure(`The command '${argv.join(' ')}' returned a non-zero code: ${code}`, code);
      history.push(argv.join(' '));
      return;
    }
    case 'COPY':
    case 'ADD':
      await copy(step, stage, around);
      setHistory(step.shown);
      return;
    case 'WORKDIR':
      config.workingDir = stage.path(value);
      await stage.asRoot('mkdir', '-p', config.workingDir);
      break;
    case 'ENV': {
      const set = pairs(value);
      if (Object.keys(set).length === 0) throw new EngineRefusal(400, 'ENV must have two arguments');
      const kept = config.env.filter((entry) => !(entry.replace(/=.*$/s, '') in set));
      config.env = [...kept, ...Object.entries(set).map(([key, text]) => `${key}=${text}`)];
      break;
    }
    case 'LABEL':
      config.labels = { ...config.labels, ...pairs(value) };
      break;
    case 'EXPOSE': {
      const ports = value.split(/\s+/).map((port) => (port.includes('/') ? port : `${port}/tcp`));
      config.exposed = [...new Set([...config.exposed, ...ports])];
      break;
    }
    case 'USER':
      config.user = value;
      break;
    case 'ENTRYPOINT':
      config.entrypoint = commandOf(value);
      config.command = undefined;
      break;
    case 'CMD':
      config.command = commandOf(value);
      break;
    case 'HEALTHCHECK':
      show('not simulated: HEALTHCHECK; nobody asks how a container is\n');
      break;
    default: // ARG, MAINTAINER: told of in the history alone
  }
  setHistory(step.shown);
}

/** COPY and ADD: what is in the context, or in another stage, to a place in this one. */
async function copy(
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

/** How an instruction that runs nothing stands in the history. */
const nop = (text: string): string => `/bin/sh -c #(nop)  ${text}`;
const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);

/** The id of what a build has come to, which no image keeps. */
const digestOfStep = ({ from, history }: StageInProgress): string =>
  createHash('sha256')
    .update(JSON.stringify([from.id, history]))
    .digest('hex');
