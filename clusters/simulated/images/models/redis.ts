import type { Duplex } from 'node:stream';
import type { Model, ModelContext } from './model.ts';

const PORT = 6379;
/** Of one client's pending bytes, and of all values together. */
const MAX_REQUEST = 256 * 1024;
const MAX_KEYS = 10_000;
const MAX_CLIENTS = 200;

/** redis-server as far as a lab needs it: passwords, and the commands that tell whether one is needed (https://redis.io/docs/latest/commands/). */
export const redis: Model = async (context) => {
  const options = await optionsOf(context);
  const version = /^\d+\.\d+/.test(context.tag) ? `${context.tag.replace(/-alpine$/, '')}.0` : '7.4.0';
  const stamp = new Date(context.now()).toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+).*/, '$1 $2 $3 $4.000');
  const say = (text: string): void => context.log(`1:M ${stamp} * ${text}`);
  say(`Running mode=standalone, port=${options.port}.`);
  say('Server initialized');
  say('Ready to accept connections tcp');
  const values = new Map<string, string>();
  let clients = 0;
  return {
    server: {
      listens: [options.port],
      accept(_, socket) {
        if (clients >= MAX_CLIENTS) {
          socket.end('-ERR max number of clients reached\r\n');
          return;
        }
        clients += 1;
        socket.once('close', () => (clients -= 1));
        serve(socket, { values, password: options.password, version });
      },
    },
  };
};

async function optionsOf({ argv, files }: ModelContext): Promise<{ port: number; password: string }> {
  const at = argv.findIndex((word) => word.endsWith('redis-server'));
  const words = argv.slice(at < 0 ? 0 : at + 1);
  const path = words[0]?.startsWith('/') === true ? words[0] : undefined;
  const text = path === undefined ? '' : ((await files.read(path))?.toString('utf8') ?? '');
  const given = (name: string): string | undefined => {
    const flag = words.indexOf(`--${name}`);
    if (flag >= 0) return words[flag + 1];
    return new RegExp(`^\\s*${name}\\s+"?([^"\\s]+)"?`, 'm').exec(text)?.[1];
  };
  return { port: Number(given('port') ?? PORT), password: given('requirepass') ?? '' };
}

interface Served {
  readonly values: Map<string, string>;
  readonly password: string;
  readonly version: string;
}

function serve(socket: Duplex, { values, password, version }: Served): void {
  let pending = '';
  let isKnown = password === '';
  const commands: Readonly<Record<string, (...words: string[]) => string>> = {
    PING: (text) => (text === undefined ? '+PONG\r\n' : bulk(text)),
    ECHO: (text = '') => bulk(text),
    SELECT: () => '+OK\r\n',
    GET: (key = '') => bulk(values.get(key)),
    SET(key = '', value = '') {
      if (values.size >= MAX_KEYS && !values.has(key))
        return "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
      values.set(key, value);
      return '+OK\r\n';
    },
    DEL: (...keys) => `:${keys.filter((key) => values.delete(key)).length}\r\n`,
    EXISTS: (...keys) => `:${keys.filter((key) => values.has(key)).length}\r\n`,
    DBSIZE: () => `:${values.size}\r\n`,
    KEYS: () => `*${values.size}\r\n${[...values.keys()].map(bulk).join('')}`,
    FLUSHALL() {
      values.clear();
      return '+OK\r\n';
    },
    INFO: () => bulk(`# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\ntcp_port:${PORT}\r\n`),
    CONFIG: (verb = '', name = '') =>
      verb.toUpperCase() === 'GET'
        ? name === 'requirepass'
          ? `*2\r\n${bulk(name)}${bulk(password)}`
          : '*0\r\n'
        : '-ERR not simulated: CONFIG other than GET\r\n',
    COMMAND: () => '*0\r\n',
    CLIENT: () => '+OK\r\n',
    QUIT() {
      socket.end('+OK\r\n');
      return '';
    },
  };
  const authenticate = (words: readonly string[]): string => {
    if (password === '')
      return '-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n';
    isKnown = words.at(-1) === password && (words.length === 1 || words[0] === 'default');
    return isKnown ? '+OK\r\n' : '-WRONGPASS invalid username-password pair or user is disabled.\r\n';
  };
  const run = ([name = '', ...words]: readonly string[]): string => {
    const verb = name.toUpperCase();
    if (verb === 'AUTH') return authenticate(words);
    if (verb === 'HELLO') return '-NOPROTO unsupported protocol version\r\n';
    if (!isKnown && verb !== 'QUIT') return '-NOAUTH Authentication required.\r\n';
    const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
    if (command !== undefined) return command(...words);
    return `-ERR unknown command '${name}', with args beginning with: ${words.map((word) => `'${word}' `).join('')}\r\n`;
  };
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    pending += bytes.toString('latin1');
    if (pending.length > MAX_REQUEST) {
      socket.destroy();
      return;
    }
    while (true) {
      const read = takeRequest(pending);
      if (read === undefined) return;
      pending = read.rest;
      const reply = read.words.length > 0 && socket.writable ? run(read.words) : '';
      if (reply !== '') socket.write(reply, 'latin1');
    }
  });
  socket.on('end', () => socket.end());
}

const bulk = (text: string | undefined): string => (text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`);

/** One request off the front: an array of bulk strings, or a line of words as telnet sends it. */
function takeRequest(text: string): { words: string[]; rest: string } | undefined {
  if (!text.startsWith('*')) {
    const end = text.indexOf('\n');
    if (end < 0) return undefined;
    const words = text.slice(0, end).trim().split(/\s+/);
    return { words: words.filter((word) => word !== ''), rest: text.slice(end + 1) };
  }
  const head = /^\*(\d{1,4})\r\n/.exec(text);
  if (head === null) return text.length > 8 ? { words: ['?'], rest: '' } : undefined;
  const words: string[] = [];
  let at = head[0].length;
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d{1,6})\r\n/.exec(text.slice(at, at + 16));
    if (size === null) return undefined;
    at += size[0].length;
    const end = at + Number(size[1]);
    if (text.length < end + 2) return undefined;
    words.push(text.slice(at, end));
    at = end + 2;
  }
  return { words, rest: text.slice(at) };
}
