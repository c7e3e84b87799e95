import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import type { CommandCall } from '../../hosts/simulated-host.ts';
import { type Column, PostgresClient } from './postgres-client.ts';
import type { ImageProgram, ProgramContext } from './program.ts';

const DIAL_MS = 5000;
const SOCKET_FOLDER = '/var/run/postgresql';

interface Options {
  /** Undefined for the server's own socket. */
  readonly host: string | undefined;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  readonly commands: readonly string[];
  /** `-t`, `-A`, in any order. */
  readonly style: { readonly tuplesOnly: boolean; readonly unaligned: boolean };
}

/**
 * psql with `-c`, with statements on its input, or at a prompt (https://www.postgresql.org/docs/current/app-psql.html): asks the server
 * at that address, whoever it is.
 */
export const psql: ImageProgram = async (call, context) => {
  const options = optionsOf(call, context);
  if (typeof options === 'string') {
    await call.stderr(`${options}\n`);
    return 1;
  }
  const complain = (text: string): Promise<void> =>
    call.stderr(`psql: error: connection to server ${placeOf(options)} failed: ${text}\n`);
  const socket = await connect(options, call, context);
  if (socket === undefined) {
    await complain('Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?');
    return 2;
  }
  using client = new PostgresClient(socket);
  const refusal = await client.logIn(options.user, options.database, options.password);
  if (refusal !== undefined) {
    await complain(refusal);
    return 2;
  }
  const run = (statement: string): Promise<boolean> => show(statement, client, options, call);
  try {
    if (options.commands.length === 0) return await prompt(call, options, run);
    for (const command of options.commands) if (!(await run(command))) return 1;
    return 0;
  } catch (error) {
    await call.stderr(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
};

/** Whether a server answers (https://www.postgresql.org/docs/current/app-pg-isready.html). */
export const pgIsReady: ImageProgram = async (call, context) => {
  const options = optionsOf(call, context);
  if (typeof options === 'string') {
    await call.stderr(`${options.replace('psql', 'pg_isready')}\n`);
    return 3;
  }
  const socket = await connect(options, call, context);
  socket?.destroy();
  const place = `${options.host ?? SOCKET_FOLDER}:${options.port}`;
  await call.stdout(`${place} - ${socket === undefined ? 'no response' : 'accepting connections'}\n`);
  return socket === undefined ? 2 : 0;
};

function optionsOf({ args, env }: CommandCall, context: ProgramContext): Options | string {
  const given = new Map<string, string>();
  const commands: string[] = [];
  const plain: string[] = [];
  const flags = new Set<string>();
  const names: Readonly<Record<string, string>> = {
    '--host': '-h',
    '--port': '-p',
    '--username': '-U',
    '--dbname': '-d',
    '--command': '-c',
  };
  for (let i = 0; i < args.length; i++) {
    const [whole = '', value] = (args[i] ?? '').startsWith('--') ? (args[i] ?? '').split(/=(.*)/s) : [args[i]];
    const name = names[whole] ?? whole;
    if (!name.startsWith('-')) plain.push(name);
    else if (['-h', '-p', '-U', '-d', '-c'].includes(name)) {
      const its = value ?? args[++i] ?? '';
      if (name === '-c') commands.push(its);
      else given.set(name, its);
    } else if (/^-[tAqwX]+c?$/.test(name)) {
      for (const letter of name.slice(1)) flags.add(letter);
      if (name.endsWith('c')) commands.push(args[++i] ?? '');
    } else return `psql: not simulated: ${name}`;
  }
  // The account that a program of the image runs as: root, of which the server knows nothing, or the image's own.
  const own = context.uid === 0 ? 'root' : 'postgres';
  const user = given.get('-U') ?? plain[1] ?? env['PGUSER'] ?? own;
  return {
    host: given.get('-h') ?? env['PGHOST'],
    port: Number(given.get('-p') ?? env['PGPORT'] ?? 5432),
    user,
    database: given.get('-d') ?? plain[0] ?? env['PGDATABASE'] ?? user,
    password: env['PGPASSWORD'],
    commands,
    style: { tuplesOnly: flags.has('t'), unaligned: flags.has('A') },
  };
}

const placeOf = ({ host, port }: Options): string =>
  host === undefined ? `on socket "${SOCKET_FOLDER}/.s.PGSQL.${port}"` : `at "${host}", port ${port}`;

async function connect(
  { host = 'localhost', port }: Options,
  { signal }: CommandCall,
  { resolve, dial }: ProgramContext,
): Promise<Duplex | undefined> {
  const address = host === 'localhost' || host.startsWith('/') ? '127.0.0.1' : await resolve(host);
  if (address === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return dial(address, port, AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]));
}

/** Shows what a statement comes to; false when the server did not like it. */
async function show(
  statement: string,
  client: PostgresClient,
  { style }: Options,
  call: CommandCall,
): Promise<boolean> {
  if (/^\s*\\/.test(statement)) {
    await call.stderr(`not simulated: ${statement.trim().split(/\s/)[0]}\n`);
    return false;
  }
  let isWell = true;
  for await (const outcome of client.query(statement)) {
    isWell &&= outcome.kind !== 'error';
    if (outcome.kind === 'error') await call.stderr(`${outcome.text}\n`);
    else if (outcome.kind === 'done') await call.stdout(`${outcome.tag}\n`);
    else await call.stdout(table(outcome.columns, outcome.rows, style));
  }
  return isWell;
}

/** As psql's aligned and unaligned formats. */
function table(columns: readonly Column[], rows: readonly (readonly string[])[], style: Options['style']): string {
  const names = columns.map(({ name }) => name);
  const count = style.tuplesOnly ? [] : [`(${rows.length} row${rows.length === 1 ? '' : 's'})`];
  if (style.unaligned) {
    const lines = [...(style.tuplesOnly ? [] : [names]), ...rows].map((cells) => cells.join('|'));
    return `${[...lines, ...count].join('\n')}\n`;
  }
  const widths = names.map((name, i) => Math.max(name.length, ...rows.map((cells) => cells[i]?.length ?? 0)));
  const centred = (text: string, width: number): string =>
    text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width);
  const line = (cells: readonly string[]): string =>
    cells
      .map(
        (cell, i) => ` ${columns[i]?.isNumber === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)} `,
      )
      .join('|')
      .trimEnd();
  const head = [
    names.map((name, i) => ` ${centred(name, widths[i] ?? 0)} `).join('|'),
    widths.map((width) => '-'.repeat(width + 2)).join('+'),
  ];
  return `${[...(style.tuplesOnly ? [] : head), ...rows.map(line), ...count].join('\n')}\n\n`;
}

/** Statements line by line until their semicolon, with a prompt where they come from a terminal. */
async function prompt(
  call: CommandCall,
  { database }: Options,
  run: (statement: string) => Promise<boolean>,
): Promise<number> {
  const isTerminal = call.columns !== undefined;
  const sign = (begun: string): string => (isTerminal ? `${database}${begun === '' ? '=' : '-'}# ` : '');
  if (isTerminal) await call.stdout('psql (the lab’s model)\nType "\\q" to quit.\n\n');
  let begun = '';
  await call.stdout(sign(begun));
  for await (const line of createInterface({ input: call.stdin })) {
    if (/^\s*(\\q|exit|quit)\s*;?$/.test(line) && begun === '') return 0;
    begun = begun === '' ? line : `${begun}\n${line}`;
    if (/^\s*\\/.test(begun) || /;\s*$/.test(begun)) {
      await run(begun);
      begun = '';
    } else if (begun.trim() === '') begun = '';
    await call.stdout(sign(begun));
  }
  return 0;
}
