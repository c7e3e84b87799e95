import type { Command, CommandCall } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { humanDuration } from '../human-duration.ts';
import { textTable } from '../text-table.ts';
import { lastOption, optionTable, parseLine, type Options, type OptionTable } from '../command-line.ts';

/** The node's container runtime, asked on every call. */
export interface CriRuntime {
  sandboxes(): Promise<readonly CriSandbox[]>;
  containers(): Promise<readonly CriContainer[]>;
  images(): Promise<readonly CriImage[]>;
  /** The container's log, oldest line first; undefined where there is none. */
  logs(containerId: string): Promise<string | undefined>;
  /** It was started with these runtimes, by handler with their type. */
  configure(handlers: ReadonlyMap<string, string>): void;
}

export interface CriSandbox {
  /** Hexadecimal, 13 digits or more. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly created: Date;
}

export interface CriContainer {
  readonly id: string;
  readonly sandbox: CriSandbox;
  readonly name: string;
  readonly image: string;
  readonly state: 'Running' | 'Exited' | 'Created';
  readonly exitCode: number;
  readonly attempt: number;
  readonly created: Date;
}

export interface CriImage {
  readonly id: string;
  /** With its tag. */
  readonly reference: string;
  readonly bytes: number;
}

/** crictl puts its columns further apart; two blanks keep them readable at 80. */
const GAP = 2;

interface Request {
  readonly runtime: CriRuntime;
  readonly call: CommandCall;
  readonly options: Options;
  readonly words: readonly string[];
  readonly clock: Clock;
}

const GLOBAL = optionTable(
  '-r --runtime-endpoint=',
  '-i --image-endpoint=',
  '-c --config=',
  '-t --timeout=',
  '-D --debug',
);

const VERBS: Readonly<
  Record<string, { readonly table: OptionTable; readonly run: (request: Request) => Promise<number> }>
> = {
  ps: {
    table: optionTable('-a --all', '-q --quiet', '--name=', '--state=', '-p --pod=', '--no-trunc'),
    run: listContainers,
  },
  pods: { table: optionTable('-q --quiet', '--name=', '--namespace=', '--no-trunc'), run: listSandboxes },
  images: { table: optionTable('-q --quiet', '--no-trunc', '--digests'), run: listImages },
  logs: { table: optionTable('--tail=', '-t --timestamps', '-p --previous', '-f --follow'), run: showLogs },
  inspect: { table: optionTable('-o --output='), run: inspect },
};
const ALIASES: Readonly<Record<string, string>> = { img: 'images', image: 'images' };

/** `crictl` over the modelled container runtime, which may be stopped (github.com/kubernetes-sigs/cri-tools, docs/crictl.md). */
export function crictl(service: () => CriRuntime | undefined, clock: Clock): Command {
  return async (call) => {
    const global = parseLine(call.args, GLOBAL, { stopAtWord: true });
    if (global.outcome === 'wrong') return fatal(call, `flag provided but not defined: ${global.argument}`);
    const [name = '', ...args] = global.words;
    const verb = VERBS[ALIASES[name] ?? name];
    if (verb === undefined)
      return fatal(call, `not simulated: crictl ${name}; there are ${Object.keys(VERBS).join(', ')}`);
    const line = parseLine(args, verb.table);
    if (line.outcome === 'wrong') return fatal(call, `not simulated: crictl ${name} ${line.argument}`);
    const runtime = service();
    if (runtime === undefined) return fatal(call, NO_SERVICE);
    return verb.run({ runtime, call, options: line.options, words: line.words, clock });
  };
}

const NO_SERVICE =
  'validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": ' +
  'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ' +
  'dial unix /run/containerd/containerd.sock: connect: no such file or directory"';

async function fatal(call: CommandCall, text: string): Promise<number> {
  await call.stderr(text.startsWith('not simulated') ? `${text}\n` : `FATA[0000] ${text}\n`);
  return 1;
}

async function listContainers({ runtime, call, options, clock }: Request): Promise<number> {
  const state = lastOption(options, 'state')?.toLowerCase();
  const rows = (await runtime.containers())
    .filter((one) =>
      state === undefined ? options.has('all') || one.state === 'Running' : one.state.toLowerCase() === state,
    )
    .filter(({ name }) => name.includes(lastOption(options, 'name') ?? ''))
    .filter(({ sandbox }) => sandbox.id.startsWith(lastOption(options, 'pod') ?? ''))
    .toSorted((a, b) => b.created.getTime() - a.created.getTime());
  if (options.has('quiet')) return quiet(call, rows);
  const table = rows.map((one) => [
    short(one.id, options),
    one.image,
    `${humanDuration(clock.now() - one.created.getTime())} ago`,
    one.state,
    one.name,
    String(one.attempt),
    short(one.sandbox.id, options),
    one.sandbox.name,
    one.sandbox.namespace,
  ]);
  await call.stdout(
    textTable(
      [['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'], ...table],
      GAP,
    ),
  );
  return 0;
}

async function listSandboxes({ runtime, call, options, clock }: Request): Promise<number> {
  const rows = (await runtime.sandboxes())
    .filter(({ name }) => name.includes(lastOption(options, 'name') ?? ''))
    .filter(({ namespace }) => namespace.includes(lastOption(options, 'namespace') ?? ''));
  if (options.has('quiet')) return quiet(call, rows);
  const table = rows.map((one) => [
    short(one.id, options),
    `${humanDuration(clock.now() - one.created.getTime())} ago`,
    one.ready ? 'Ready' : 'NotReady',
    one.name,
    one.namespace,
    String(one.attempt),
    '(default)',
  ]);
  await call.stdout(
    textTable([['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'], ...table], GAP),
  );
  return 0;
}

async function listImages({ runtime, call, options }: Request): Promise<number> {
  const rows = await runtime.images();
  if (options.has('quiet')) return quiet(call, rows);
  const table = rows.map(({ id, reference, bytes }) => {
    const colon = reference.lastIndexOf(':');
    return [
      reference.slice(0, colon),
      reference.slice(colon + 1),
      short(id, options),
      `${(bytes / 1e6).toPrecision(3)}MB`,
    ];
  });
  await call.stdout(textTable([['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'], ...table], GAP));
  return 0;
}

async function showLogs({ runtime, call, options, words }: Request): Promise<number> {
  const [reference] = words;
  if (reference === undefined) return fatal(call, 'ID cannot be empty');
  if (options.has('follow') || options.has('previous'))
    return fatal(call, 'not simulated: crictl logs -f and -p; without them the log so far is shown');
  const container = await find(runtime, reference);
  const log = container && (await runtime.logs(container.id));
  if (log === undefined) return notFound(call, reference);
  const tail = lastOption(options, 'tail');
  const lines = log.split('\n').filter((line, i, all) => line !== '' || i < all.length - 1);
  const shown = tail === undefined || Number(tail) < 0 ? lines : Number(tail) === 0 ? [] : lines.slice(-Number(tail));
  await call.stdout(shown.map((line) => `${line}\n`).join(''));
  return 0;
}

async function inspect({ runtime, call, words }: Request): Promise<number> {
  const [reference] = words;
  if (reference === undefined) return fatal(call, 'ID cannot be empty');
  const container = await find(runtime, reference);
  if (container === undefined) return notFound(call, reference);
  const { id, name, image, state, exitCode, attempt, created, sandbox } = container;
  const labels = {
    'io.kubernetes.container.name': name,
    'io.kubernetes.pod.name': sandbox.name,
    'io.kubernetes.pod.namespace': sandbox.namespace,
  };
  const status = {
    id,
    metadata: { name, attempt },
    state: `CONTAINER_${state.toUpperCase()}`,
    createdAt: created.toISOString(),
    exitCode,
    image: { image },
    labels,
  };
  await call.stdout(`${JSON.stringify({ status, info: { sandboxID: sandbox.id } }, undefined, 2)}\n`);
  return 0;
}

async function find(runtime: CriRuntime, reference: string): Promise<CriContainer | undefined> {
  return (await runtime.containers()).find(({ id }) => id.startsWith(reference));
}

function notFound(call: CommandCall, reference: string): Promise<number> {
  return fatal(
    call,
    `rpc error: code = NotFound desc = an error occurred when try to find container "${reference}": not found`,
  );
}

async function quiet(call: CommandCall, rows: readonly { readonly id: string }[]): Promise<number> {
  await call.stdout(rows.map(({ id }) => `${id}\n`).join(''));
  return 0;
}

function short(id: string, options: Options): string {
  return options.has('no-trunc') ? id : id.replace('sha256:', '').slice(0, 13);
}
