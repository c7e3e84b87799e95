import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Incoming } from './incoming.ts';
import type { Model, ModelContext } from './model.ts';

const PORT = 5432;
const MAX_MESSAGE = 64 * 1024;
const MAX_CLIENTS = 100;
const ITERATIONS = 4096;

/** What docker-entrypoint.sh says when it has no password to give to the superuser. */
const NO_PASSWORD = `Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html`;

interface Account {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly trusts: boolean;
}

/**
 * PostgreSQL as far as a lab needs it: the superuser of POSTGRES_USER, whose password is asked for by SCRAM-SHA-256, and `SELECT` of
 * constants (https://www.postgresql.org/docs/current/protocol.html, RFC 7677).
 */
export const postgres: Model = async (context) => {
  const { env, log } = context;
  const password = env['POSTGRES_PASSWORD'] ?? (await fromFile(context));
  const trusts = env['POSTGRES_HOST_AUTH_METHOD'] === 'trust';
  if (password === '' && !trusts) {
    for (const line of NO_PASSWORD.split('\n')) log(line, 'stderr');
    return { exitCode: 1 };
  }
  const user = env['POSTGRES_USER'] ?? 'postgres';
  const account = { user, password, database: env['POSTGRES_DB'] ?? user, trusts };
  const stamp = `${new Date(context.now()).toISOString().slice(0, 23).replace('T', ' ')} UTC [1] LOG: `;
  log('PostgreSQL init process complete; ready for start up.');
  log(`${stamp} starting PostgreSQL ${majorOf(context.tag)} on x86_64-pc-linux-gnu`, 'stderr');
  log(`${stamp} listening on IPv4 address "0.0.0.0", port ${PORT}`, 'stderr');
  log(`${stamp} database system is ready to accept connections`, 'stderr');
  let clients = 0;
  return {
    server: {
      listens: [PORT],
      accept(_, socket) {
        if (clients >= MAX_CLIENTS) {
          socket.end(failure('53300', 'sorry, too many clients already'));
          return;
        }
        clients += 1;
        socket.once('close', () => (clients -= 1));
        const complain = (text: string): void => log(`${stamp.replace('LOG: ', 'FATAL: ')} ${text}`, 'stderr');
        session(socket, account, majorOf(context.tag), complain).catch(() => socket.destroy());
      },
    },
  };
};

async function fromFile({ env, files }: ModelContext): Promise<string> {
  const path = env['POSTGRES_PASSWORD_FILE'];
  return path === undefined ? '' : ((await files.read(path))?.toString('utf8').trim() ?? '');
}

const majorOf = (tag: string): string => (/^\d+(\.\d+)?/.exec(tag)?.[0] ?? '17.4').replace(/^(\d+)$/, '$1.4');

async function session(
  socket: Duplex,
  account: Account,
  version: string,
  complain: (text: string) => void,
): Promise<void> {
  const client = new Incoming(socket, MAX_MESSAGE);
  let startup = (await startupFrom(client)) ?? Buffer.alloc(0);
  // SSL and GSS are asked for first; this server has neither.
  while (startup.length === 4 && [80877103, 80877104].includes(startup.readUInt32BE(0))) {
    socket.write('N');
    startup = (await startupFrom(client)) ?? Buffer.alloc(0);
  }
  const words = startup.subarray(4).toString('utf8').split('\0');
  const given = new Map(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1] ?? ''] as const] : [])));
  const user = given.get('user') ?? '';
  const database = given.get('database') ?? user;
  const refuse = (code: string, text: string): void => {
    complain(text);
    socket.end(failure(code, text));
  };
  if (!account.trusts && !isLocal(socket) && !(await scram(socket, client, account, user)))
    return refuse('28P01', `password authentication failed for user "${user}"`);
  if (user !== account.user) return refuse('28000', `role "${user}" does not exist`);
  if (![account.database, 'postgres', 'template1'].includes(database))
    return refuse('3D000', `database "${database}" does not exist`);
  socket.write(message('R', Buffer.alloc(4)));
  for (const [name, value] of [
    ['server_version', version],
    ['server_encoding', 'UTF8'],
    ['client_encoding', 'UTF8'],
  ] as const)
    socket.write(message('S', text(name, value)));
  socket.write(message('Z', Buffer.from('I')));
  while (true) {
    const asked = await messageFrom(client);
    if (asked === undefined || asked.type === 'X') {
      socket.end();
      return;
    }
    if (asked.type === 'Q') socket.write(answerTo(asked.body.toString('utf8').replace(/\0.*$/s, ''), account, version));
    else if (asked.type === 'S') socket.write(message('Z', Buffer.from('I')));
    else socket.write(failure('0A000', 'not simulated: the extended query protocol'));
  }
}

/** The image's own pg_hba.conf trusts whoever comes from the container, and so through `kubectl port-forward` too. */
const isLocal = (socket: Duplex): boolean => 'remoteAddress' in socket && socket.remoteAddress === '127.0.0.1';

/** A client's first message, which has no type. */
async function startupFrom(client: Incoming): Promise<Buffer | undefined> {
  return (await client.take((pending) => (pending.length < 4 ? undefined : lengthAt(pending, 0))))?.subarray(4);
}

async function messageFrom(client: Incoming): Promise<{ type: string; body: Buffer } | undefined> {
  const whole = await client.take((pending) => (pending.length < 5 ? undefined : 1 + lengthAt(pending, 1)));
  return whole === undefined ? undefined : { type: String.fromCharCode(whole[0] ?? 0), body: whole.subarray(5) };
}

const lengthAt = (bytes: Buffer, at: number): number => Math.max(4, bytes.readUInt32BE(at));

/** SCRAM-SHA-256 (RFC 5802); the same talk with whoever is no user, so that nobody learns who is. */
async function scram(socket: Duplex, client: Incoming, { user, password }: Account, asked: string): Promise<boolean> {
  socket.write(message('R', Buffer.concat([number(10), text('SCRAM-SHA-256', '')])));
  const first = (await messageFrom(client))?.body.toString('utf8') ?? '';
  const bare = /n,,(n=[^,]*,r=([^,]+))$/.exec(first);
  if (bare === null) return false;
  const nonce = `${bare[2]}${randomBytes(18).toString('base64')}`;
  const salt = randomBytes(16);
  const serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${ITERATIONS}`;
  socket.write(message('R', Buffer.concat([number(11), Buffer.from(serverFirst)])));
  const final = (await messageFrom(client))?.body.toString('utf8') ?? '';
  const parts = /^(c=biws,r=([^,]+)),p=(.+)$/.exec(final);
  if (parts === null || parts[2] !== nonce) return false;
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const said = `${bare[1]},${serverFirst},${parts[1]}`;
  const signature = hmac(createHash('sha256').update(clientKey).digest(), said);
  const proof = Buffer.from(parts[3] ?? '', 'base64');
  const wanted = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)));
  if (proof.length !== wanted.length || !timingSafeEqual(proof, wanted) || asked !== user) return false;
  const verifier = `v=${hmac(hmac(salted, 'Server Key'), said).toString('base64')}`;
  socket.write(message('R', Buffer.concat([number(12), Buffer.from(verifier)])));
  return true;
}

const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (...words: readonly string[]): Buffer => Buffer.from(words.map((word) => `${word}\0`).join(''));
const message = (type: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(type), number(body.length + 4), body]);
const failure = (code: string, words: string): Buffer =>
  message('E', text('SFATAL', 'VFATAL', `C${code}`, `M${words}`, ''));

/** One row of one column for a constant; all else is refused in words. */
function answerTo(query: string, { user, database }: Account, version: string): Buffer {
  const asked = query.trim().replace(/;\s*$/, '');
  const ready = message('Z', Buffer.from('I'));
  if (asked === '') return Buffer.concat([message('I', Buffer.alloc(0)), ready]);
  const constant = /^select\s+(?:(\d{1,9})|'([^']{0,200})'|(version\(\)|current_user|current_database\(\)))$/i.exec(
    asked,
  );
  if (constant === null) {
    const error = message('E', text('SERROR', 'VERROR', 'C0A000', 'Mnot simulated: only SELECT of a constant', ''));
    return Buffer.concat([error, ready]);
  }
  const [, digits, quoted, called = ''] = constant;
  const known: Readonly<Record<string, string>> = {
    'version()': `PostgreSQL ${version} on x86_64-pc-linux-gnu (the lab's model)`,
    current_user: user,
    'current_database()': database,
  };
  const value = digits ?? quoted ?? known[called.toLowerCase()] ?? '';
  const name = called === '' ? '?column?' : called.replace('()', '').toLowerCase();
  const type = digits === undefined ? [25, -1] : [23, 4];
  const column = Buffer.alloc(18);
  column.writeInt32BE(type[0] ?? 25, 6);
  column.writeInt16BE(type[1] ?? -1, 10);
  column.writeInt32BE(-1, 12);
  const count = Buffer.from([0, 1]);
  const cell = Buffer.from(value);
  return Buffer.concat([
    message('T', Buffer.concat([count, text(name), column])),
    message('D', Buffer.concat([count, number(cell.length), cell])),
    message('C', text('SELECT 1')),
    ready,
  ]);
}
