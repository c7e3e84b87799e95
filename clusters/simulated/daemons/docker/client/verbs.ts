import {
  inspect,
  listPorts,
  perContainer,
  pruneContainers,
  renameContainer,
  showLogs,
  stopQuery,
  waitForContainers,
} from './containers.ts';
import { copy } from './copy.ts';
import { lastFlag } from './flags.ts';
import { pullImage, removeImages } from './images.ts';
import { listContainers, listImages, listNetworks, showHistory } from './lists.ts';
import {
  attachToContainer,
  CREATE_FLAGS,
  createContainer,
  EXEC_FLAGS,
  execInContainer,
  RUN_FLAGS,
  runContainer,
} from './run.ts';
import { showDiskUsage, showInfo, showVersion } from './system.ts';
import { complain, part, type Verb } from './verb.ts';

const ANY = Number.POSITIVE_INFINITY;
const FORMAT = ['-f --format'];
const CONTAINERS = '[OPTIONS] CONTAINER [CONTAINER...]';
const TIMED = { values: ['-t --time'], refused: ['s', 'signal'] };

/** docker's commands by name, one table and so longer than most, with the words of their usage (docker/cli cli/command). */
export const VERBS: Readonly<Record<string, Verb>> = {
  ps: {
    usage: '[OPTIONS]',
    description: 'List containers',
    words: [0, 0],
    flags: {
      booleans: ['-a --all', '-q --quiet', '--no-trunc', '-l --latest'],
      values: ['-f --filter', '-n --last', '--format'],
      refused: ['s', 'size'],
    },
    run: listContainers,
  },
  run: {
    usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
    description: 'Create and run a new container from an image',
    words: [1, ANY],
    stopAtWord: true,
    flags: RUN_FLAGS,
    run: runContainer,
  },
  create: {
    usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
    description: 'Create a new container',
    words: [1, ANY],
    stopAtWord: true,
    flags: CREATE_FLAGS,
    run: createContainer,
  },
  exec: {
    usage: '[OPTIONS] CONTAINER COMMAND [ARG...]',
    description: 'Execute a command in a running container',
    words: [2, ANY],
    stopAtWord: true,
    flags: EXEC_FLAGS,
    run: execInContainer,
  },
  attach: {
    usage: '[OPTIONS] CONTAINER',
    description: 'Attach local standard input, output, and error streams to a running container',
    words: [1, 1],
    flags: { refused: ['detach-keys', 'no-stdin', 'sig-proxy'] },
    run: attachToContainer,
  },
  logs: {
    usage: '[OPTIONS] CONTAINER',
    description: 'Fetch the logs of a container',
    words: [1, 1],
    flags: {
      booleans: ['-f --follow', '-t --timestamps'],
      values: ['-n --tail'],
      refused: ['since', 'until', 'details'],
    },
    run: showLogs,
  },
  inspect: {
    usage: '[OPTIONS] NAME|ID [NAME|ID...]',
    description: 'Return low-level information on Docker objects',
    words: [1, ANY],
    flags: { values: FORMAT, refused: ['s', 'size', 'type'] },
    run: inspect(['containers', 'images']),
  },
  start: {
    usage: CONTAINERS,
    description: 'Start one or more stopped containers',
    words: [1, ANY],
    flags: { refused: ['a', 'attach', 'i', 'interactive', 'detach-keys'] },
    run: perContainer('POST', () => '/start'),
  },
  stop: {
    usage: CONTAINERS,
    description: 'Stop one or more running containers',
    words: [1, ANY],
    flags: TIMED,
    run: perContainer('POST', (request) => `/stop${stopQuery(request)}`),
  },
  restart: {
    usage: CONTAINERS,
    description: 'Restart one or more containers',
    words: [1, ANY],
    flags: TIMED,
    run: perContainer('POST', (request) => `/restart${stopQuery(request)}`),
  },
  kill: {
    usage: CONTAINERS,
    description: 'Kill one or more running containers',
    words: [1, ANY],
    flags: { values: ['-s --signal'] },
    run: perContainer('POST', ({ flags }) => `/kill?signal=${part(lastFlag(flags, 'signal') ?? 'KILL')}`),
  },
  wait: {
    usage: 'CONTAINER [CONTAINER...]',
    description: 'Block until one or more containers stop, then print their exit codes',
    words: [1, ANY],
    run: waitForContainers,
  },
  rename: { usage: 'CONTAINER NEW_NAME', description: 'Rename a container', words: [2, 2], run: renameContainer },
  rm: {
    usage: CONTAINERS,
    description: 'Remove one or more containers',
    words: [1, ANY],
    flags: { booleans: ['-f --force', '-v --volumes'], refused: ['l', 'link'] },
    run: perContainer('DELETE', ({ flags }) => `?force=${flags.has('force') ? 1 : 0}`),
  },
  port: {
    usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
    description: 'List port mappings or a specific mapping for the container',
    words: [1, 1],
    run: listPorts,
  },
  cp: {
    usage: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
    description: 'Copy files/folders between a container and the local filesystem',
    words: [2, 2],
    flags: { booleans: ['-q --quiet'], refused: ['a', 'archive', 'L', 'follow-link'] },
    run: copy,
  },
  top: {
    usage: 'CONTAINER [ps OPTIONS]',
    description: 'Display the running processes of a container',
    words: [1, ANY],
    stopAtWord: true,
    run: refused("docker top: a container's processes have no numbers on the node; use docker exec NAME ps"),
  },
  stats: {
    usage: '[OPTIONS] [CONTAINER...]',
    description: 'Display a live stream of container(s) resource usage statistics',
    words: [0, ANY],
    flags: { booleans: ['-a --all', '--no-stream', '--no-trunc'], values: ['--format'] },
    run: refused('docker stats: nothing measures what a container of a lab uses'),
  },
  'container prune': {
    usage: '[OPTIONS]',
    description: 'Remove all stopped containers',
    words: [0, 0],
    flags: { booleans: ['-f --force'], refused: ['filter'] },
    run: pruneContainers,
  },
  images: {
    usage: '[OPTIONS] [REPOSITORY[:TAG]]',
    description: 'List images',
    words: [0, 1],
    flags: {
      booleans: ['-a --all', '-q --quiet', '--no-trunc', '--digests'],
      values: ['--format'],
      refused: ['f', 'filter', 'tree'],
    },
    run: listImages,
  },
  'image inspect': {
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    description: 'Display detailed information on one or more images',
    words: [1, ANY],
    flags: { values: FORMAT },
    run: inspect(['images']),
  },
  'container inspect': {
    usage: '[OPTIONS] CONTAINER [CONTAINER...]',
    description: 'Display detailed information on one or more containers',
    words: [1, ANY],
    flags: { values: FORMAT, refused: ['s', 'size'] },
    run: inspect(['containers']),
  },
  rmi: {
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    description: 'Remove one or more images',
    words: [1, ANY],
    flags: { booleans: ['-f --force', '--no-prune'] },
    run: removeImages,
  },
  history: {
    usage: '[OPTIONS] IMAGE',
    description: 'Show the history of an image',
    words: [1, 1],
    flags: { booleans: ['--no-trunc'], values: ['--format'], refused: ['q', 'quiet', 'H', 'human'] },
    run: showHistory,
  },
  pull: {
    usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
    description: 'Download an image from a registry',
    words: [1, 1],
    flags: { booleans: ['-q --quiet'], refused: ['a', 'all-tags', 'platform', 'disable-content-trust'] },
    run: pullImage,
  },
  info: {
    usage: '[OPTIONS]',
    description: 'Display system-wide information',
    words: [0, 0],
    flags: { values: FORMAT },
    run: showInfo,
  },
  version: {
    usage: '[OPTIONS]',
    description: 'Show the Docker version information',
    words: [0, 0],
    flags: { values: FORMAT },
    run: showVersion,
  },
  'system df': {
    usage: '[OPTIONS]',
    description: 'Show docker disk usage',
    words: [0, 0],
    flags: { values: ['--format'], refused: ['v', 'verbose'] },
    run: showDiskUsage,
  },
  'network ls': {
    usage: '[OPTIONS]',
    description: 'List networks',
    words: [0, 0],
    flags: { booleans: ['-q --quiet', '--no-trunc'], values: ['--format'], refused: ['f', 'filter'] },
    run: listNetworks,
  },
};

const OF_CONTAINERS = 'run create exec attach logs start stop restart kill wait rename rm port cp top stats'.split(' ');

/** Other names of the same commands. */
export const ALIASES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(OF_CONTAINERS.map((name) => [`container ${name}`, name])),
  'container ls': 'ps',
  'container list': 'ps',
  'container ps': 'ps',
  'image ls': 'images',
  'image list': 'images',
  'image rm': 'rmi',
  'image remove': 'rmi',
  'image pull': 'pull',
  'image history': 'history',
  'system info': 'info',
  'network list': 'network ls',
};

/** Commands that docker has besides. */
export const NOT_SIMULATED: ReadonlySet<string> = new Set(
  'build builder buildx commit compose config container context diff events export image import load login logout manifest network node pause plugin push save search secret service stack swarm system tag trust unpause update volume'.split(
    ' ',
  ),
);

/** Says why the lab has no answer. */
function refused(why: string): Verb['run'] {
  return ({ call }) => complain(call, `not simulated: ${why}`, 1);
}
