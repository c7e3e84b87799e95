import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { posix } from 'node:path';
import { createInterface } from 'node:readline';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { FtpConfig } from './vsftpd-config.ts';

const IDLE_MS = 300_000;
const DATA_MS = 10_000;
const PROGRAM_MS = 5_000;
/** Files above it are not given out whole; nobody hides a secret in more. */
const MAX_FILE = 8 * 1024 * 1024;
const MAX_LINE = 4096;

interface Session {
  readonly socket: Socket;
  readonly host: SimulatedHost;
  readonly config: FtpConfig;
  user: string | undefined;
  isIn: boolean;
  folder: string;
  passive: Passive | undefined;
}

/** Where the next transfer's connection is waited for; a client may connect before it says what for. */
interface Passive {
  readonly server: Server;
  readonly connected: Promise<Socket>;
}

/** One control connection (RFC 959, RFC 2428), in the words of vsftpd 3.0.3 (prelogin.c, postlogin.c). */
export async function serveFtp(socket: Socket, host: SimulatedHost, config: FtpConfig): Promise<void> {
  const session: Session = { socket, host, config, user: undefined, isIn: false, folder: '/', passive: undefined };
  socket.setTimeout(IDLE_MS, () => socket.end('421 Timeout.\r\n'));
  socket.write(`220 ${config.banner}\r\n`);
  let waiting = 0; // bytes since the last line's end
  socket.on('data', (bytes: Buffer) => {
    const end = bytes.lastIndexOf(10);
    waiting = end === -1 ? waiting + bytes.length : bytes.length - end;
    if (waiting > MAX_LINE) socket.destroy(new Error('a line without end'));
  });
  try {
    for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
      const [, verb = '', argument = ''] = /^(\S*) ?(.*)$/.exec(line) ?? [];
      const reply = await answer(session, verb.toUpperCase(), argument);
      if (socket.destroyed) return;
      socket.write(`${reply}\r\n`);
      if (verb.toUpperCase() === 'QUIT') return void socket.end();
    }
  } catch {
    socket.destroy(); // the client is gone
  } finally {
    session.passive?.server.close();
  }
}

async function answer(session: Session, verb: string, argument: string): Promise<string> {
  switch (verb) {
    case 'USER':
      session.user = argument;
      return session.isIn ? "530 Can't change from guest user." : '331 Please specify the password.';
    case 'PASS':
      if (session.user === undefined) return '503 Login with USER first.';
      session.isIn = session.config.anonymous && ['anonymous', 'ftp'].includes(session.user.toLowerCase());
      return session.isIn ? '230 Login successful.' : '530 Login incorrect.';
    case 'QUIT':
      return '221 Goodbye.';
    case 'FEAT':
      return ['211-Features:', ' EPSV', ' PASV', ' SIZE', '211 End'].join('\r\n');
    default:
      return session.isIn ? answerGuest(session, verb, argument) : '530 Please login with USER and PASS.';
  }
}

async function answerGuest(session: Session, verb: string, argument: string): Promise<string> {
  switch (verb) {
    case 'NOOP':
      return '200 NOOP ok.';
    case 'SYST':
      return '215 UNIX Type: L8';
    case 'TYPE':
      return argument.toUpperCase().startsWith('A') ? '200 Switching to ASCII mode.' : '200 Switching to Binary mode.';
    case 'PWD':
      return `257 "${session.folder}" is the current directory`;
    case 'CWD': {
      const folder = posix.resolve(session.folder, argument);
      const inside = await insideRoot(session, folder);
      if (inside === undefined || (await session.host.listFolder(inside)) === undefined)
        return '550 Failed to change directory.';
      session.folder = folder;
      return '250 Directory successfully changed.';
    }
    case 'EPSV': {
      const { port } = await openPassive(session);
      return `229 Entering Extended Passive Mode (|||${port}|)`;
    }
    case 'PASV': {
      const { port } = await openPassive(session);
      const address = (session.socket.localAddress ?? '').replace(/^.*:/, '').replaceAll('.', ',');
      return `227 Entering Passive Mode (${address},${port >> 8},${port & 255}).`;
    }
    case 'LIST':
    case 'NLST':
      return sendListing(session, verb, argument.replace(/^-\S*\s*/, ''));
    case 'SIZE': {
      const path = await insideRoot(session, posix.resolve(session.folder, argument));
      const size = path === undefined ? undefined : await session.host.fileSize(path);
      return size === undefined ? '550 Could not get file size.' : `213 ${size}`;
    }
    case 'RETR':
      return sendFile(session, argument);
    case 'STOR':
    case 'DELE':
    case 'MKD':
    case 'RMD':
    case 'APPE':
      return '550 Permission denied.';
    default:
      return '500 Unknown command.';
  }
}

async function openPassive(session: Session): Promise<AddressInfo> {
  session.passive?.server.close();
  const server = await session.host.listen(0);
  const connected = once(server, 'connection', { signal: AbortSignal.timeout(DATA_MS) }).then(
    ([socket]) => socket as Socket,
  );
  connected.then(
    (data) => data.on('error', () => data.destroy()),
    () => server.close(), // nobody came
  );
  session.passive = { server, connected };
  return server.address() as AddressInfo;
}

/** Where a guest's path lies on the host once every link is followed; undefined where that is nowhere, or outside of the guests' folder. */
async function insideRoot({ host, config }: Session, path: string): Promise<string | undefined> {
  const asked = posix.join(config.anonymousRoot, path);
  const argv = ['realpath', '-e', '--', config.anonymousRoot, asked];
  const { exitCode, stdout } = await host.exec(argv, { signal: AbortSignal.timeout(PROGRAM_MS) });
  const [root = '', real = ''] = String(stdout).split('\n');
  return exitCode === 0 && (real === root || real.startsWith(`${root}/`)) ? real : undefined;
}

async function sendListing(session: Session, verb: string, argument: string): Promise<string> {
  const path = await insideRoot(session, posix.resolve(session.folder, argument));
  const options = verb === 'NLST' ? ['-1'] : ['-ln', '--time-style=+%b %d %H:%M'];
  const listed =
    path === undefined
      ? undefined
      : await session.host.exec(['ls', ...options, '--', path], { signal: AbortSignal.timeout(PROGRAM_MS) });
  const lines = String(listed?.stdout ?? '').split('\n');
  const text = lines.filter((line) => line !== '' && !line.startsWith('total ')).map((line) => `${line}\r\n`);
  return transfer(
    session,
    '150 Here comes the directory listing.',
    '226 Directory send OK.',
    Buffer.from(text.join('')),
  );
}

async function sendFile(session: Session, argument: string): Promise<string> {
  const path = await insideRoot(session, posix.resolve(session.folder, argument));
  const file = path === undefined ? undefined : await session.host.readFile(path, { maxBytes: MAX_FILE });
  if (file?.outcome !== 'read') return '550 Failed to open file.';
  const opening = `150 Opening BINARY mode data connection for ${argument} (${file.content.length} bytes).`;
  return transfer(session, opening, '226 Transfer complete.', file.content);
}

async function transfer(session: Session, opening: string, done: string, content: Buffer): Promise<string> {
  const { passive } = session;
  session.passive = undefined;
  if (passive === undefined) return '425 Use PORT or PASV first.';
  try {
    const data = await passive.connected;
    session.socket.write(`${opening}\r\n`);
    await new Promise<void>((resolve) => {
      data.once('close', () => resolve());
      data.end(content);
      data.resume();
    });
    return done;
  } catch {
    return '425 Failed to establish connection.';
  } finally {
    passive.server.close();
  }
}
