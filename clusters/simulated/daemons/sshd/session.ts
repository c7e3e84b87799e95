import type { Connection as SshConnection, PseudoTtyInfo, ServerChannel, Session } from 'ssh2';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Login, Peer } from './authentication.ts';
import type { Directive } from './config-file.ts';
import { runBetween } from './live-program.ts';
import { isYes, value, values } from './login-policy.ts';

export interface SessionRequest {
  readonly host: SimulatedHost;
  readonly client: SshConnection;
  readonly peer: Peer;
  readonly directives: readonly Directive[];
  /** Names a shell that nobody else has. */
  readonly newId: () => string;
}

/** Forwarded connections that one login may have open. */
const MAX_FORWARDED = 50;

/** Serves the channels of a client that has logged in: shells, commands and forwarded connections. */
export function serveSessions(request: SessionRequest, login: Login): void {
  const { host, client, directives } = request;
  const limit = Number(value(directives, 'maxsessions', login.connection));
  let open = 0;
  client.on('session', (accept, reject) => {
    if (open >= limit) return reject();
    open += 1;
    const session = accept();
    session.on('close', () => (open -= 1));
    serveSession(request, login, session);
    return undefined;
  });
  let forwarded = 0;
  client.on('tcpip', (accept, reject, { destIP, destPort }) => {
    if (!mayForward(directives, login) || forwarded >= MAX_FORWARDED) return reject();
    forwarded += 1;
    host
      .dial(destIP, destPort, AbortSignal.timeout(10_000))
      .then((dialled) => {
        if (dialled.outcome !== 'open') {
          forwarded -= 1;
          return reject();
        }
        const channel = accept();
        const { socket } = dialled;
        channel
          .on('error', () => socket.destroy())
          .on('close', () => {
            forwarded -= 1;
            socket.destroy();
          });
        socket.on('error', () => channel.close());
        channel.pipe(socket).pipe(channel);
        return undefined;
      })
      .catch(() => reject());
    return undefined;
  });
}

function mayForward(directives: readonly Directive[], { connection }: Login): boolean {
  const tcp = value(directives, 'allowtcpforwarding', connection).toLowerCase();
  return ['yes', 'all', 'local'].includes(tcp) && !isYes(directives, 'disableforwarding', connection);
}

function serveSession(request: SessionRequest, login: Login, session: Session): void {
  const { directives } = request;
  let terminal: PseudoTtyInfo | undefined;
  session.on('pty', (accept, reject, info) => {
    const allowed = isYes(directives, 'permittty', login.connection);
    if (allowed) terminal = info;
    (allowed ? accept : reject)?.();
  });
  session.on('env', (accept) => accept?.());
  const forced = value(directives, 'forcecommand', login.connection);
  const forcedCommand = forced.toLowerCase() === 'none' ? login.keyCommand : forced;
  const run = (channel: ServerChannel, command: string, original: string): void =>
    terminal === undefined
      ? runCommand(request, login, channel, { command, original })
      : runTerminal(request, login, {
          channel,
          session,
          terminal,
          argv: [login.account.shell, '-c', command],
          original: original === command ? '' : original,
        });
  session.on('shell', (accept) => {
    const channel = accept();
    if (forcedCommand !== undefined) return run(channel, forcedCommand, '');
    return terminal === undefined
      ? runCommand(request, login, channel, { command: undefined, original: '' })
      : runTerminal(request, login, { channel, session, terminal, argv: [login.account.shell, '-l'], original: '' });
  });
  session.on('exec', (accept, _reject, { command }) => {
    run(accept(), forcedCommand ?? command, command);
  });
  session.on('subsystem', (accept, reject, { name }) => {
    const [, ...command] = values(directives, 'subsystem', login.connection).find(([known]) => known === name) ?? [];
    if (command.length === 0) return reject();
    runCommand(request, login, accept(), { command: subsystemCommand(command), original: name });
    return undefined;
  });
}

/** sshd's own sftp is the same program in this lab. Machines without it still have `scp -O`. */
function subsystemCommand(words: readonly string[]): string {
  const [program = '', ...args] = words;
  const real = program === 'internal-sftp' ? '/usr/lib/openssh/sftp-server' : program;
  const command = [real, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  return `[ -x '${real.replaceAll("'", '')}' ] || { echo 'not simulated: sftp, as this machine has no ${real.replaceAll("'", '')}; use scp -O' >&2; exit 1; }; exec ${command}`;
}

interface TerminalRun {
  readonly channel: ServerChannel;
  readonly session: Session;
  readonly terminal: PseudoTtyInfo;
  readonly argv: readonly string[];
  /** What the client had asked for, when something else is forced on it. */
  readonly original: string;
}

function runTerminal(request: SessionRequest, login: Login, run: TerminalRun): void {
  const { host, newId } = request;
  const { channel, session, terminal, argv, original } = run;
  if (refuseShell(login, channel)) return;
  const { cols, rows } = size(terminal);
  const env = {
    ...environmentOf(request, login, original),
    TERM: terminalName(terminal),
  };
  const serve = async () => {
    const { user, home } = login.account;
    const shell = await host.openTerminal(argv, { session: newId(), cols, rows, user, env, cwd: home });
    session.on('window-change', (accept, _reject, info) => {
      shell.resize(size(info).cols, size(info).rows);
      accept?.();
    });
    channel.on('close', () => void shell.kill().catch(() => {})); // the shell may have ended already
    shell.output.pipe(channel, { end: false });
    forwardKeys(channel, (keys) => shell.write(keys));
    const code = await shell.exited;
    if (!shell.output.readableEnded)
      await new Promise((resolve) => shell.output.once('end', resolve).once('close', resolve));
    finish(channel, code);
  };
  serve().catch((error: unknown) => complain(channel, error));
}

/** Hands keys on one piece after another, so that a shell that does not read holds the client back. */
function forwardKeys(channel: ServerChannel, write: (keys: Uint8Array) => Promise<void>): void {
  channel.on('data', (keys: Buffer) => {
    channel.pause();
    write(keys)
      .catch(() => {}) // the shell has ended, and its end closes the channel
      .finally(() => channel.resume());
  });
}

interface CommandRun {
  /** None: the shell itself, reading its commands from the client. */
  readonly command: string | undefined;
  /** What the client had asked for, when something else is forced on it. */
  readonly original: string;
}

function runCommand(request: SessionRequest, login: Login, channel: ServerChannel, run: CommandRun): void {
  if (refuseShell(login, channel)) return;
  const { account } = login;
  const abort = new AbortController();
  channel.on('close', () => abort.abort());
  const argv = run.command === undefined ? [account.shell] : [account.shell, '-c', run.command];
  const env = environmentOf(request, login, run.original === run.command ? '' : run.original);
  const streams = { input: channel, output: channel, errors: channel.stderr };
  runBetween(
    request.host,
    argv,
    { user: account.user, login: account.user.uid, env, cwd: account.home, signal: abort.signal },
    streams,
  )
    .then((code) => finish(channel, code))
    .catch((error: unknown) => complain(channel, error));
}

function environmentOf({ peer }: SessionRequest, { account }: Login, original: string): Record<string, string> {
  return {
    HOME: account.home,
    USER: account.name,
    LOGNAME: account.name,
    SHELL: account.shell,
    SSH_CLIENT: `${peer.address} ${peer.port} ${peer.localPort}`,
    SSH_CONNECTION: `${peer.address} ${peer.port} ${peer.localAddress} ${peer.localPort}`,
    ...(original === '' ? {} : { SSH_ORIGINAL_COMMAND: original }),
  };
}

/** nologin and false keep an account out after it has proved who it is. */
function refuseShell({ account }: Login, channel: ServerChannel): boolean {
  if (!/\/(?:nologin|false)$/.test(account.shell)) return false;
  if (account.shell.endsWith('nologin')) channel.write('This account is currently not available.\r\n');
  finish(channel, 1);
  return true;
}

function finish(channel: ServerChannel, code: number): void {
  channel.exit(code);
  channel.end();
}

function complain(channel: ServerChannel, error: unknown): void {
  if (channel.destroyed) return;
  channel.stderr.write(`${error instanceof Error ? error.message : String(error)}\r\n`);
  finish(channel, 255);
}

function terminalName({ term }: PseudoTtyInfo): string {
  return /^[\w.+-]{1,40}$/.test(term) ? term : 'xterm-256color';
}

/** A client may name any size, zero too. */
function size({ cols, rows }: { readonly cols: number; readonly rows: number }): { cols: number; rows: number } {
  const within = (wish: number, usual: number) => (wish >= 2 && wish <= 1000 ? wish : usual);
  return { cols: within(cols, 80), rows: within(rows, 24) };
}
