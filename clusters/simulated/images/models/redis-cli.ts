import type { Duplex } from 'node:stream';
import { createInterface } from 'node:readline';
import type { CommandCall } from '../../hosts/simulated-host.ts';
import { Incoming } from './incoming.ts';
import type { ImageProgram, ProgramContext } from './program.ts';

const MAX_REPLY = 4 * 2 ** 20;
/** Arrays in arrays. */
const MAX_DEPTH = 8;
const DIAL_MS = 5000;

type Reply =
  | { readonly kind: 'text' | 'error' | 'bulk'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'list'; readonly items: readonly Reply[] };

interface Options {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly isQuiet: boolean;
  /** Exits with 1 for what the server refuses, too. */
  readonly tellsErrors: boolean;
  readonly words: readonly string[];
}

/** redis-cli with a command, with commands on its input, or at a prompt (https://redis.io/docs/latest/develop/tools/cli/). */
export const redisCli: ImageProgram = async (call, context) => {
  const options = optionsOf(call);
  if (typeof options === 'string') {
    await call.stderr(`${options}\n`);
    return 1;
  }
  const { host, port, user, password, words } = options;
  const socket = await connect(options, call, context);
  if (socket === undefined) {
    await call.stdout(`Could not connect to Redis at ${host}:${port}: Connection refused\n`);
    return 1;
  }
  const incoming = new Incoming(socket, MAX_REPLY);
  const ask = async (asked: readonly string[]): Promise<Reply | undefined> => {
    socket.write(requestOf(asked));
    return replyFrom(incoming, MAX_DEPTH);
  };
  try {
    if (password !== undefined) {
      if (call.args.includes('-a') && !options.isQuiet)
        await call.stderr(
          "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n",
        );
      const known = await ask(['AUTH', ...(user === undefined ? [] : [user]), password]);
      if (known?.kind === 'error') await call.stderr(`AUTH failed: ${known.text}\n`);
    }
    if (words.length > 0) {
      const reply = await ask(words);
      if (reply !== undefined) await call.stdout(`${shown(reply, call.columns !== undefined)}\n`);
      return reply === undefined || (options.tellsErrors && reply.kind === 'error') ? 1 : 0;
    }
    return await prompt(call, `${host}:${port}> `, ask);
  } finally {
    socket.destroy();
  }
};

/** Commands line by line, with a prompt where they come from a terminal. */
async function prompt(
  call: CommandCall,
  sign: string,
  ask: (words: readonly string[]) => Promise<Reply | undefined>,
): Promise<number> {
  const isTerminal = call.columns !== undefined;
  if (isTerminal) await call.stdout(sign);
  for await (const line of createInterface({ input: call.stdin })) {
    const words = wordsOf(line);
    if (/^(quit|exit)$/i.test(words[0] ?? '')) return 0;
    if (words.length > 0) {
      const reply = await ask(words);
      if (reply === undefined) {
        await call.stderr('Error: Server closed the connection\n');
        return 1;
      }
      await call.stdout(`${shown(reply, isTerminal)}\n`);
    }
    if (isTerminal) await call.stdout(sign);
  }
  return 0;
}

function optionsOf({ args, env }: CommandCall): Options | string {
  let [host, port] = ['127.0.0.1', 6379];
  let user: string | undefined;
  let password = env['REDISCLI_AUTH'];
  const flags = new Set<string>();
  const all = (words: readonly string[]): Options => {
    const isQuiet = flags.has('--no-auth-warning');
    return { host, port, user, password, isQuiet, tellsErrors: flags.has('-e'), words };
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    const value = args[i + 1];
    if (!word.startsWith('-')) return all(args.slice(i));
    if (['--no-auth-warning', '-e'].includes(word)) {
      flags.add(word);
      continue;
    }
    if (value === undefined || !['-h', '-p', '-a', '--pass', '--user', '-n'].includes(word))
      return `redis-cli: not simulated: ${word}`;
    if (word === '-h') host = value;
    else if (word === '-p') port = Number(value);
    else if (word === '--user') user = value;
    else if (word !== '-n') password = value;
    i += 1;
  }
  return all([]);
}

async function connect(
  { host, port }: Options,
  { signal }: CommandCall,
  { resolve, dial }: ProgramContext,
): Promise<Duplex | undefined> {
  const address = host === 'localhost' ? '127.0.0.1' : await resolve(host);
  if (address === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return dial(address, port, AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]));
}

/** Words as a shell would see them, as far as quotes go. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

/** An array of bulk strings (https://redis.io/docs/latest/develop/reference/protocol-spec/). */
const requestOf = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

async function replyFrom(incoming: Incoming, depth: number): Promise<Reply | undefined> {
  const line = await incoming.take((pending) => {
    const end = pending.indexOf('\r\n');
    return end < 0 ? undefined : end + 2;
  });
  if (line === undefined || depth === 0) return undefined;
  const text = line.subarray(1, -2).toString('utf8');
  switch (String.fromCharCode(line[0] ?? 0)) {
    case '+':
      return { kind: 'text', text };
    case '-':
      return { kind: 'error', text };
    case ':':
      return { kind: 'number', text };
    case '$': {
      if (Number(text) < 0) return { kind: 'nothing' };
      const bytes = await incoming.take(() => Number(text) + 2);
      return bytes === undefined ? undefined : { kind: 'bulk', text: bytes.subarray(0, -2).toString('utf8') };
    }
    case '*': {
      const items: Reply[] = [];
      for (let i = 0; i < Number(text); i++) {
        const item = await replyFrom(incoming, depth - 1);
        if (item === undefined) return undefined;
        items.push(item);
      }
      return { kind: 'list', items };
    }
    default:
      return undefined;
  }
}

/** For people with quotes and kinds, for programs the bare values (redis-cli's --no-raw and --raw). */
function shown(reply: Reply, isForPeople: boolean): string {
  switch (reply.kind) {
    case 'text':
      return reply.text;
    case 'error':
      return isForPeople ? `(error) ${reply.text}` : `${reply.text}\n`;
    case 'number':
      return isForPeople ? `(integer) ${reply.text}` : reply.text;
    case 'nothing':
      return isForPeople ? '(nil)' : '';
    case 'bulk':
      return isForPeople && !reply.text.includes('\n') ? JSON.stringify(reply.text) : reply.text;
    case 'list':
      if (!isForPeople) return reply.items.map((item) => shown(item, false)).join('\n');
      if (reply.items.length === 0) return '(empty array)';
      return reply.items.map((item, i) => `${i + 1}) ${shown(item, true)}`).join('\n');
    default:
      return reply satisfies never;
  }
}
