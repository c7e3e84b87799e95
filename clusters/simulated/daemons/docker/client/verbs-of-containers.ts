import {
  inspect,
  listPorts,
  perContainer,
  renameContainer,
  showLogs,
  stopQuery,
  waitForContainers,
} from './containers.ts';
import { commitContainer, showChanges } from './changes.ts';
import { copy } from './copy.ts';
import { showProcesses } from './top.ts';
import { type FlagSpec, lastFlag } from './flags.ts';
import { listContainers } from './lists.ts';
import { pruneContainers } from './prune.ts';
import {
  attachToContainer,
  CREATE_FLAGS,
  createContainer,
  EXEC_FLAGS,
  execInContainer,
  RUN_FLAGS,
  runContainer,
} from './run.ts';
import { ANY, FORMAT, part, type Verb } from './verb.ts';

const TIMED = { values: ['-t --time'], refused: ['s', 'signal'] };

/** docker's commands over containers, with the words of their usage (docker/cli cli/command/container). */
export const VERBS_OF_CONTAINERS: Readonly<Record<string, Verb>> = {
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
      values: ['-n --tail', '--since', '--until'],
      refused: ['details'],
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
  'container inspect': {
    usage: '[OPTIONS] CONTAINER [CONTAINER...]',
    description: 'Display detailed information on one or more containers',
    words: [1, ANY],
    flags: { values: FORMAT, refused: ['s', 'size'] },
    run: inspect(['containers']),
  },
  ...perContainerVerbs([
    {
      name: 'start',
      what: 'Start one or more stopped containers',
      flags: { refused: ['a', 'attach', 'i', 'interactive', 'detach-keys'] },
      run: perContainer('POST', () => '/start'),
    },
    {
      name: 'stop',
      what: 'Stop one or more running containers',
      flags: TIMED,
      run: perContainer('POST', (request) => `/stop${stopQuery(request)}`),
    },
    {
      name: 'restart',
      what: 'Restart one or more containers',
      flags: TIMED,
      run: perContainer('POST', (request) => `/restart${stopQuery(request)}`),
    },
    {
      name: 'kill',
      what: 'Kill one or more running containers',
      flags: { values: ['-s --signal'] },
      run: perContainer('POST', ({ flags }) => `/kill?signal=${part(lastFlag(flags, 'signal') ?? 'KILL')}`),
    },
    {
      name: 'rm',
      what: 'Remove one or more containers',
      flags: { booleans: ['-f --force', '-v --volumes'], refused: ['l', 'link'] },
      run: perContainer('DELETE', ({ flags }) => `?force=${flags.has('force') ? 1 : 0}`),
    },
  ]),
  wait: {
    usage: 'CONTAINER [CONTAINER...]',
    description: 'Block until one or more containers stop, then print their exit codes',
    words: [1, ANY],
    run: waitForContainers,
  },
  rename: { usage: 'CONTAINER NEW_NAME', description: 'Rename a container', words: [2, 2], run: renameContainer },
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
    run: showProcesses,
  },
  diff: {
    usage: 'CONTAINER',
    description: "Inspect changes to files or directories on a container's filesystem",
    words: [1, 1],
    run: showChanges,
  },
  commit: {
    usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
    description: "Create a new image from a container's changes",
    words: [1, 2],
    flags: { booleans: ['-p --pause'], values: ['-a --author', '-m --message'], refused: ['c', 'change'] },
    run: commitContainer,
  },
  'container prune': {
    usage: '[OPTIONS]',
    description: 'Remove all stopped containers',
    words: [0, 0],
    flags: { booleans: ['-f --force'], refused: ['filter'] },
    run: pruneContainers,
  },
};

/** Commands that do one thing to each container they are given. */
function perContainerVerbs(
  rows: readonly {
    readonly name: string;
    readonly what: string;
    readonly flags: FlagSpec;
    readonly run: Verb['run'];
  }[],
): Readonly<Record<string, Verb>> {
  return Object.fromEntries(
    rows.map(({ name, what, flags, run }) => [
      name,
      { usage: '[OPTIONS] CONTAINER [CONTAINER...]', description: what, words: [1, ANY] as const, flags, run },
    ]),
  );
}
