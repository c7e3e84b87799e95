import type { Server, Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { HostName } from '../../../protocol/host.ts';
import { encodePacket, packetReader } from '../../keeper/packets.ts';
import type { CallTerminal, Command, CommandCall } from './simulated-host.ts';

/** A learner can write to this socket what they like, as often as they like. */
const MAX_CALLS = 64;
const MAX_PACKET = 256 * 1024;
const MAX_WORDS = 4096;
/** Milliseconds from connecting to having said what is called. */
const CALL_TIMEOUT = 5000;

const ALLOWED_ENVIRONMENT =
  /^(TERM|EDITOR|KUBECONFIG|DOCKER_HOST|REDISCLI_AUTH|PG[A-Z]+|(DOCKER|ETCDCTL|COSIGN|TRIVY|LC)_\w*)$/;

/**
 * Serves the clients (agent/command.pl) behind a host's modelled commands. `commands` may grow later. `fault` hears of a command
 * that threw; the caller sees only that it failed.
 */
export function serveCommands(
  server: Server,
  host: HostName,
  commands: ReadonlyMap<string, Command>,
  fault: (error: unknown) => void,
): void {
  server.maxConnections = MAX_CALLS;
  server.on('connection', (socket) => serveCall(socket, host, commands, fault));
}

/** The same for connections of users other than root, which come one by one. */
export function serveVisitors(
  host: HostName,
  commands: ReadonlyMap<string, Command>,
  fault: (error: unknown) => void,
): (uid: number, socket: Socket) => void {
  let open = 0;
  return (uid, socket) => {
    if (open >= MAX_CALLS) {
      socket.destroy();
      return;
    }
    open += 1;
    socket.once('close', () => (open -= 1));
    serveCall(socket, host, commands, fault, uid);
  };
}

/** What stands for a command that only root may call. */
export function refuseUsers(name: string): Command {
  return async (call) => {
    await call.stderr(`not simulated: ${name} as a user other than root; use sudo ${name}\n`);
    return 1;
  };
}

function serveCall(
  socket: Socket,
  host: HostName,
  commands: ReadonlyMap<string, Command>,
  fault: (error: unknown) => void,
  uid?: number,
): void {
  const gone = new AbortController();
  const stdin = new Readable({ read: () => void (socket.writable && socket.write(encodePacket(4, ''))) });
  let called = false;
  let resized: ((cols: number, rows: number) => void) | undefined;
  const takeKeys = (hear: typeof resized) => {
    resized = hear;
    if (socket.writable) socket.write(encodePacket(5, ''));
  };
  socket.setTimeout(CALL_TIMEOUT, () => socket.destroy());
  socket.on('error', () => undefined); // the close says it
  socket.once('close', () => {
    gone.abort(new Error('the command was interrupted'));
    stdin.destroy();
  });
  const take = (type: number, bytes: Buffer) => {
    if (type === 0 && !called) {
      called = true;
      socket.setTimeout(0);
      const send: Send = (kind, output) => sendTo(socket, kind, output);
      const call = parseCall(bytes, { host, stdin, signal: gone.signal, takeKeys, send, uid });
      void run(call.name, commands.get(call.name), call, socket, fault);
    } else if (type === 1 && called) stdin.push(bytes);
    else if (type === 2 && called) stdin.push(null);
    else if (type === 3 && called && bytes.length === 4)
      resized?.(size(bytes.readUInt16BE(2)), size(bytes.readUInt16BE(0)));
    else socket.destroy();
  };
  const read = packetReader(MAX_PACKET, take);
  socket.on('data', (chunk) => {
    try {
      read(chunk);
    } catch {
      socket.destroy(); // not our client
    }
  });
}

async function run(
  name: string,
  command: Command | undefined,
  call: CommandCall,
  socket: Socket,
  fault: (error: unknown) => void,
): Promise<void> {
  let status = 1;
  try {
    if (command === undefined) await call.stderr(`${name}: not simulated: there is no such command on ${call.host}\n`);
    else status = await command(call);
  } catch (error) {
    if (socket.destroyed) return; // interrupted, and this is how it noticed
    fault(error);
    await call.stderr(`${name}: the lab failed to answer\n`).catch(() => undefined);
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(status & 255);
  if (socket.writable) socket.end(encodePacket(3, bytes));
}

type Send = (kind: 1 | 2, output: string | Uint8Array) => Promise<void>;

interface Caller extends Pick<CommandCall, 'host' | 'stdin' | 'signal'> {
  readonly takeKeys: CallTerminal['takeKeys'];
  readonly send: Send;
  readonly uid: number | undefined;
}

/** Rows or columns, which a client may say what it likes of. */
const size = (length: number): number => Math.max(1, Math.min(1000, Math.trunc(length) || 1));

/**
 * Fields: name, folder, columns, rows, number of arguments, arguments, then variables by name and value; no columns or rows where output
 * or input is no terminal. Throws on anything else.
 */
function parseCall(
  packet: Buffer,
  { host, stdin, signal, takeKeys, send, uid }: Caller,
): CommandCall & { name: string } {
  const words: string[] = [];
  for (let at = 0; at < packet.length;) {
    const size = packet.readUInt32BE(at);
    if (at + 4 + size > packet.length || words.length > MAX_WORDS) throw new RangeError('a malformed call');
    words.push(packet.toString('utf8', at + 4, at + 4 + size));
    at += 4 + size;
  }
  const [name = '', cwd = '/', columns = '', rows = '', count = '', ...rest] = words;
  const args = rest.slice(0, Number(count));
  const variables = rest.slice(Number(count));
  const env: Record<string, string> = {};
  for (let i = 0; i + 1 < variables.length; i += 2) {
    if (ALLOWED_ENVIRONMENT.test(variables[i] ?? '')) env[variables[i] ?? ''] = variables[i + 1] ?? '';
  }
  return {
    name,
    host,
    ...(uid === undefined ? {} : { uid }),
    args,
    cwd,
    env,
    stdin,
    columns: columns === '' ? undefined : size(Number(columns)),
    ...(columns === '' || rows === ''
      ? {}
      : { terminal: { rows: size(Number(rows)), cols: size(Number(columns)), takeKeys } }),
    signal,
    stdout: (output) => send(1, output),
    stderr: (output) => send(2, output),
  };
}

/** The client's buffer is the kernel's; when that is full the promise waits. */
async function sendTo(socket: Socket, kind: 1 | 2, output: string | Uint8Array): Promise<void> {
  const bytes = Buffer.from(output);
  const piece = 64 * 1024;
  for (let at = 0; at < bytes.length; at += piece) {
    if (!socket.writable) throw new Error('the caller of this command is gone');
    await new Promise<void>((resolve, reject) => {
      socket.write(encodePacket(kind, bytes.subarray(at, at + piece)), (error) => (error ? reject(error) : resolve()));
    });
  }
}
