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
import { ANY, command, FORMAT, part, type Verb } from './verb.ts';

const TIMED = { values: ['-t --time'], refused: ['s', 'signal'] };

/** docker's commands over containers, with the words of their usage (docker/cli cli/command/container). */
export const VERBS_OF_CONTAINERS: Readonly<Record<string, Verb>> = {
  ps: command('[OPTIONS]', 'List containers', listContainers, {
    booleans: ['-a --all', '-q --quiet', '--no-trunc', '-l --latest'],
    values: ['-f --filter', '-n --last', '--format'],
    refused: ['s', 'size'],
  }),
  run: {
    ...command(
      '[OPTIONS] IMAGE [COMMAND] [ARG...]',
      'Create and run a new container from an image',
      runContainer,
      RUN_FLAGS,
    ),
    stopAtWord: true,
  },
  create: {
    ...command('[OPTIONS] IMAGE [COMMAND] [ARG...]', 'Create a new container', createContainer, CREATE_FLAGS),
    stopAtWord: true,
  },
  exec: {
    ...command(
      '[OPTIONS] CONTAINER COMMAND [ARG...]',
      'Execute a command in a running container',
      execInContainer,
      EXEC_FLAGS,
    ),
    stopAtWord: true,
  },
  attach: command(
    '[OPTIONS] CONTAINER',
    'Attach local standard input, output, and error streams to a running container',
    attachToContainer,
    { refused: ['detach-keys', 'no-stdin', 'sig-proxy'] },
  ),
  logs: command('[OPTIONS] CONTAINER', 'Fetch the logs of a container', showLogs, {
    booleans: ['-f --follow', '-t --timestamps'],
    values: ['-n --tail', '--since', '--until'],
    refused: ['details'],
  }),
  inspect: command(
    '[OPTIONS] NAME|ID [NAME|ID...]',
    'Return low-level information on Docker objects',
    inspect(['containers', 'images']),
    { values: FORMAT, refused: ['s', 'size', 'type'] },
  ),
  'container inspect': command(
    '[OPTIONS] CONTAINER [CONTAINER...]',
    'Display detailed information on one or more containers',
    inspect(['containers']),
    { values: FORMAT, refused: ['s', 'size'] },
  ),
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
  wait: command(
    'CONTAINER [CONTAINER...]',
    'Block until one or more containers stop, then print their exit codes',
    waitForContainers,
  ),
  rename: command('CONTAINER NEW_NAME', 'Rename a container', renameContainer),
  port: command(
    'CONTAINER [PRIVATE_PORT[/PROTO]]',
    'List port mappings or a specific mapping for the container',
    listPorts,
  ),
  cp: {
    ...command(
      '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
      'Copy files/folders between a container and the local filesystem',
      copy,
      { booleans: ['-q --quiet'], refused: ['a', 'archive', 'L', 'follow-link'] },
    ),
    words: [2, 2],
  },
  top: {
    ...command('CONTAINER [ps OPTIONS]', 'Display the running processes of a container', showProcesses),
    words: [1, ANY],
    stopAtWord: true,
  },
  diff: command('CONTAINER', "Inspect changes to files or directories on a container's filesystem", showChanges),
  commit: command(
    '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
    "Create a new image from a container's changes",
    commitContainer,
    { booleans: ['-p --pause'], values: ['-a --author', '-m --message'], refused: ['c', 'change'] },
  ),
  'container prune': command('[OPTIONS]', 'Remove all stopped containers', pruneContainers, {
    booleans: ['-f --force'],
    refused: ['filter'],
  }),
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
    rows.map(({ name, what, flags, run }) => [name, command('[OPTIONS] CONTAINER [CONTAINER...]', what, run, flags)]),
  );
}
