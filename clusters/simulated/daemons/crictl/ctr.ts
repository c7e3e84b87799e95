import type { Command, CommandCall } from '../../hosts/simulated-host.ts';
import { lastOption, optionTable, type OptionTable, parseLine } from '../command-line.ts';
import { containerdVersion } from './containerd.ts';
import { type CriContainer, CriFailure, type CriRuntime } from './cri-runtime.ts';
import { runProgram } from './exec.ts';
import { CrictlError, findContainer } from './verb.ts';

const SIGTERM = 15;

/** Where the kubelet's containers are; others' are elsewhere. */
const KUBERNETES = 'k8s.io';

interface CtrRequest {
  readonly call: CommandCall;
  readonly runtime: CriRuntime;
  /** Whether the kubelet's containers are meant; in the usual namespace there are none. */
  readonly isKubernetes: boolean;
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];
}

interface CtrVerb {
  readonly table: OptionTable;
  readonly run: (request: CtrRequest) => Promise<number>;
}

const GLOBAL = optionTable(
  '-n --namespace=',
  '-a --address=',
  '--timeout=',
  '--connect-timeout=',
  '--debug',
  '-v --version',
  '-h --help',
);
const LIST = optionTable('-q --quiet');

const VERBS: Readonly<Record<string, CtrVerb>> = {
  'containers list': { table: LIST, run: listContainers },
  'images list': { table: LIST, run: listImages },
  'namespaces list': { table: LIST, run: listNamespaces },
  'tasks exec': { table: optionTable('--exec-id=', '-t --tty', '--cwd=', '--user='), run: execInTask },
  'tasks kill': { table: optionTable('-s --signal=', '-a --all'), run: killTask },
  'tasks list': { table: LIST, run: listTasks },
  version: { table: {}, run: showVersion },
};

const GROUPS: Readonly<Record<string, string>> = {
  c: 'containers',
  container: 'containers',
  i: 'images',
  image: 'images',
  namespace: 'namespaces',
  ns: 'namespaces',
  t: 'tasks',
  task: 'tasks',
};

/** `ctr` as far as it looks into what the kubelet runs (github.com/containerd/containerd, cmd/ctr). */
export function ctr(service: () => CriRuntime | undefined): Command {
  return async (call) => {
    const complain = async (text: string): Promise<number> => {
      await call.stderr(`${text.startsWith('not simulated') ? '' : 'ctr: '}${text}\n`);
      return 1;
    };
    const global = parseLine(call.args, GLOBAL, { stopAtWord: true });
    if (global.outcome === 'wrong')
      return complain(`flag provided but not defined: -${global.argument.replace(/^-+/, '')}`);
    if (global.options.has('version')) {
      await call.stdout(`ctr ${containerdVersion().replace(/^containerd /, '')}\n`);
      return 0;
    }
    const [group = '', action = '', ...args] = global.words;
    const name = group === 'version' ? group : `${GROUPS[group] ?? group} ${action === 'ls' ? 'list' : action}`;
    const verb = VERBS[name];
    if (verb === undefined) return complain(`not simulated: ctr ${name}; there are ${Object.keys(VERBS).join(', ')}`);
    const line = parseLine(args, verb.table, { stopAtWord: true });
    if (line.outcome === 'wrong') return complain(`not simulated: ctr ${name} ${line.argument}`);
    const runtime = service();
    if (runtime === undefined) return complain(NO_SOCKET);
    const { options, words } = line;
    const isKubernetes = (lastOption(global.options, 'namespace') ?? 'default') === KUBERNETES;
    try {
      return await verb.run({ call, runtime, isKubernetes, options, words });
    } catch (error) {
      if (error instanceof CriFailure || error instanceof CrictlError) return complain(error.message);
      if (error instanceof Error && error.message.startsWith('not simulated')) return complain(error.message);
      throw error;
    }
  };
}

const NO_SOCKET =
  'failed to dial "/run/containerd/containerd.sock": context deadline exceeded: connection error: desc = "transport: error while dialing: dial unix:///run/containerd/containerd.sock: timeout"';

/** Columns of which the last one is padded too, as Go's tabwriter does where a line ends with a tab. */
async function print(call: CommandCall, rows: readonly (readonly string[])[], gap: number): Promise<number> {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(gap, ...rows.map((row) => (row[at] ?? '').length + gap)));
  await call.stdout(rows.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('')}\n`).join(''));
  return 0;
}

async function printIds(call: CommandCall, ids: readonly string[]): Promise<number> {
  await call.stdout(ids.map((id) => `${id}\n`).join(''));
  return 0;
}

/** Sandboxes are containers to containerd, of an image of their own. */
async function listContainers({ call, runtime, isKubernetes, options }: CtrRequest): Promise<number> {
  const images = await runtime.images();
  const pause = images.find(({ pinned }) => pinned)?.tags[0] ?? '';
  const nameOf = ({ imageId, image }: CriContainer): string =>
    images.find(({ id }) => id === imageId)?.tags[0] ?? image;
  const sandboxes = (await runtime.sandboxes()).map((sandbox) => ({ id: sandbox.id, image: pause, sandbox }));
  const containers = (await runtime.containers()).map((one) => ({
    id: one.id,
    image: nameOf(one),
    sandbox: one.sandbox,
  }));
  const all = isKubernetes ? [...sandboxes, ...containers].toSorted((a, b) => (a.id < b.id ? -1 : 1)) : [];
  if (options.has('quiet'))
    return printIds(
      call,
      all.map(({ id }) => id),
    );
  const rows = all.map(({ id, image, sandbox }) => [
    id,
    image,
    sandbox.handler === 'runsc' ? 'io.containerd.runsc.v1' : 'io.containerd.runc.v2',
  ]);
  return print(call, [['CONTAINER', 'IMAGE', 'RUNTIME'], ...rows], 4);
}

async function listImages({ call, runtime, isKubernetes, options }: CtrRequest): Promise<number> {
  const images = isKubernetes ? await runtime.images() : [];
  const rows = images.flatMap(({ tags, digests, bytes, pinned }) =>
    tags.map((tag) => [
      tag,
      'application/vnd.oci.image.index.v1+json',
      digests[0]?.split('@')[1] ?? '',
      `${(bytes / 2 ** 20).toFixed(1)} MiB`,
      'linux/amd64',
      `io.cri-containerd.image=managed${pinned ? ',io.cri-containerd.pinned=pinned' : ''}`,
    ]),
  );
  if (options.has('quiet'))
    return printIds(
      call,
      rows.map(([tag = '']) => tag),
    );
  return print(call, [['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows], 1);
}

function listNamespaces({ call, options }: CtrRequest): Promise<number> {
  if (options.has('quiet')) return printIds(call, [KUBERNETES]);
  return print(
    call,
    [
      ['NAME', 'LABELS'],
      [KUBERNETES, ''],
    ],
    1,
  );
}

async function listTasks({ call, runtime, isKubernetes, options }: CtrRequest): Promise<number> {
  const running = isKubernetes ? (await runtime.containers()).filter(({ state }) => state === 'Running') : [];
  if (options.has('quiet'))
    return printIds(
      call,
      running.map(({ id }) => id),
    );
  const rows: string[][] = [];
  for (const one of running) {
    const pid = await runtime.pidOf(one);
    if (pid !== undefined) rows.push([one.id, String(pid), 'RUNNING']);
  }
  return print(call, [['TASK', 'PID', 'STATUS'], ...rows], 4);
}

async function taskOf({ runtime, isKubernetes, words }: CtrRequest): Promise<CriContainer> {
  const [id = ''] = words;
  const found = isKubernetes ? await findContainer(runtime, id).catch(() => undefined) : undefined;
  // ctr wants whole ids.
  if (found?.id !== id || found.state !== 'Running') throw new CrictlError(`container "${id}" in namespace: not found`);
  return found;
}

async function execInTask(request: CtrRequest): Promise<number> {
  const { call, runtime, options, words } = request;
  const container = await taskOf(request);
  if (!options.has('exec-id')) throw new CrictlError('exec id must be provided');
  for (const option of ['cwd', 'user'])
    if (options.has(option)) throw new CrictlError(`not simulated: ctr tasks exec --${option}`);
  const started = await runtime.process(container);
  const tty = options.has('tty');
  return runProgram({ ...started, call, interactive: true, argv: words.slice(1) }, tty);
}

async function killTask(request: CtrRequest): Promise<number> {
  const { runtime, options } = request;
  const container = await taskOf(request);
  const signal = (lastOption(options, 'signal') ?? 'SIGTERM').replace(/^SIG/, '').toUpperCase();
  if (!['KILL', '9', 'TERM', '15'].includes(signal))
    throw new CrictlError(`not simulated: ctr tasks kill -s ${signal}`);
  if (signal === 'KILL' || signal === '9') await runtime.stop(container, 0);
  else await (await runtime.process(container)).process.signal(SIGTERM);
  return 0;
}

async function showVersion({ call }: CtrRequest): Promise<number> {
  const version = containerdVersion().split(' ')[2] ?? '';
  await call.stdout(`Client:\n  Version:  ${version}\n\nServer:\n  Version:  ${version}\n`);
  return 0;
}
