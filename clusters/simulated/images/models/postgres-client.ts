import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Incoming } from './incoming.ts';

const MAX_MESSAGE = 4 * 2 ** 20;

export interface Column {
  readonly name: string;
  readonly isNumber: boolean;
}

/** What a server sends in answer to a statement. */
export type Outcome =
  | { readonly kind: 'rows'; readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'done'; readonly tag: string }
  | { readonly kind: 'error'; readonly text: string };

/** A client of PostgreSQL's protocol, of the simple queries alone (https://www.postgresql.org/docs/current/protocol.html). */
export class PostgresClient implements Disposable {
  readonly #socket: Duplex;
  readonly #server: Incoming;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#server = new Incoming(socket, MAX_MESSAGE);
  }

  /** Why the server does not let that user in; undefined when it does. */
  async logIn(user: string, database: string, password: string | undefined): Promise<string | undefined> {
    const startup = Buffer.concat([number(3 << 16), Buffer.from(`user\0${user}\0database\0${database}\0\0`)]);
    this.#socket.write(framed('', startup));
    let said = `n=,r=${randomBytes(18).toString('base64')}`;
    while (true) {
      const message = await this.#next();
      if (message === undefined) return 'server closed the connection unexpectedly';
      if (message.type === 'E') return wordsOf(message);
      if (message.type === 'Z') return undefined;
      if (message.type !== 'R') continue;
      const kind = message.body.readInt32BE(0);
      if (kind === 0 || kind === 12) continue;
      if (password === undefined) return 'fe_sendauth: no password supplied';
      if (kind === 10) {
        const first = Buffer.from(`n,,${said}`);
        const body = Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), number(first.length), first]);
        this.#socket.write(framed('p', body));
      } else if (kind === 11) {
        const serverFirst = message.body.subarray(4).toString('utf8');
        const {
          r = '',
          s = '',
          i = '0',
        } = Object.fromEntries(serverFirst.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
        said = `${said},${serverFirst},c=biws,r=${r}`;
        this.#socket.write(framed('p', Buffer.from(`c=biws,r=${r},p=${proofOf(said, password, s, Number(i))}`)));
      } else return `not simulated: authentication method ${kind}`;
    }
  }

  /** What becomes of a statement, one by one; rejects when the server goes. */
  async *query(statement: string): AsyncGenerator<Outcome> {
    this.#socket.write(framed('Q', Buffer.from(`${statement}\0`)));
    let columns: Column[] = [];
    let rows: string[][] = [];
    while (true) {
      const message = await this.#next();
      if (message === undefined) throw new Error('server closed the connection unexpectedly');
      const { type, body } = message;
      if (type === 'Z') return;
      if (type === 'T') columns = columnsOf(body);
      else if (type === 'D') rows.push(cellsOf(body));
      else if (type === 'E') yield { kind: 'error', text: wordsOf(message) };
      else if (type === 'C') {
        yield columns.length > 0
          ? { kind: 'rows', columns, rows }
          : { kind: 'done', tag: body.toString('utf8').replace(/\0$/, '') };
        [columns, rows] = [[], []];
      }
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  async #next(): Promise<Message | undefined> {
    const whole = await this.#server.take((pending) => (pending.length < 5 ? undefined : 1 + pending.readInt32BE(1)));
    return whole === undefined ? undefined : { type: String.fromCharCode(whole[0] ?? 0), body: whole.subarray(5) };
  }
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const framed = (type: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(type), number(body.length + 4), body]);

/** `FATAL:  …` of an error or notice (protocol, ErrorResponse). */
function wordsOf({ body }: Message): string {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  return `${fields.get('S') ?? 'ERROR'}:  ${fields.get('M') ?? ''}`;
}

/** RFC 5802, for a client. */
function proofOf(said: string, password: string, salt: string, iterations: number): string {
  const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Math.min(iterations, 100_000) || 1, 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const signature = hmac(createHash('sha256').update(clientKey).digest(), said);
  return Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString('base64');
}

function columnsOf(body: Buffer): Column[] {
  const columns: Column[] = [];
  let at = 2;
  for (let i = 0; i < body.readInt16BE(0); i++) {
    const end = body.indexOf(0, at);
    columns.push({ name: body.toString('utf8', at, end), isNumber: [20, 21, 23].includes(body.readInt32BE(end + 7)) });
    at = end + 19;
  }
  return columns;
}

function cellsOf(body: Buffer): string[] {
  const cells: string[] = [];
  let at = 2;
  for (let i = 0; i < body.readInt16BE(0); i++) {
    const size = Math.max(0, body.readInt32BE(at));
    cells.push(body.toString('utf8', at + 4, at + 4 + size));
    at += 4 + size;
  }
  return cells;
}
