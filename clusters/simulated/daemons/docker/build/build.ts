import { idleContainer } from './idle-container.ts';
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { EngineContainer } from '../engine-container.ts';
import type { EngineImage } from '../engine-images.ts';
import { EngineRefusal } from '../refusal.ts';
import { BuildFailure, type BuildRequest, imageFor, type Surroundings } from './build-request.ts';
import { copy } from './copy.ts';
import { commandOf, pairs, planOf, type Step } from './plan.ts';
import { plain, readTar } from './read-tar.ts';
import { StageInProgress } from './stage.ts';

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
    const idle = containers.use(await idleContainer(engine, image));
    return idle.container;
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

/** How an instruction that runs nothing stands in the history. */
const nop = (text: string): string => `/bin/sh -c #(nop)  ${text}`;
const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);

/** The id of what a build has come to, which no image keeps. */
const digestOfStep = ({ from, history }: StageInProgress): string =>
  createHash('sha256')
    .update(JSON.stringify([from.id, history]))
    .digest('hex');
