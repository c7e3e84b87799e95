import type { Lab, Vantage } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { exchange, type HttpAnswer, jsonOf, overTls } from '../kube/exchange.ts';
import { type Observation, observed, unobservable, within } from './observation.ts';

/** A lab's host has a dozen listeners; each of these is a line of 150 bytes. */
const TABLE_BYTES = 1024 * 1024;
/** Whoever opens more than this many hides something among them, or wants the grader to be busy. */
const ASKED = 64;
const BODY_BYTES = 64 * 1024;

/** TCP_LISTEN of include/net/tcp_states.h, as /proc/net/tcp has it. */
const LISTEN = '0A';
/** __SO_ACCEPTCON of include/linux/net.h: the flag of a listening socket in /proc/net/unix. */
const ACCEPTS = 0x1_0000;

export interface Listener {
  readonly address: string;
  readonly port: number;
}

interface Answer {
  /** It took the connection and said nothing in time: it may be slow. */
  readonly silent?: true;
  readonly status?: number;
  readonly json?: unknown;
}

/**
 * The sockets on which programs of a host listen, as its kernel has them (proc_pid_net(5)): neither a firewall nor a program of the
 * learner's stands between. With `ask`, each TCP one is asked for that path from the host itself, over HTTP or else over TLS without a
 * client's certificate.
 * Fact: `{ tcp: [{ address, port, status?, json? }], unix: [path] }`, by number; `address` is `0.0.0.0` or `::` for all of them, `status` is
 * there when there was an answer, `json` when its body was JSON. A listener that takes the connection and says nothing in time cannot be
 * observed, nor can more than 64 be asked.
 */
export async function observeListeners(
  probe: Extract<Probe, { kind: 'listeners' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const host = await lab.host(probe.host);
  const found: Listener[] = [];
  for (const family of ['tcp', 'tcp6']) {
    const path = `/proc/1/net/${family}`;
    const read = await host.readFile(path, { maxBytes: TABLE_BYTES });
    if (read.outcome === 'absent' && family === 'tcp6') continue; // a kernel without IPv6
    if (read.outcome !== 'read' || read.truncated) return unobservable(`${probe.host}:${path} could not be read`);
    found.push(...listenersIn(read.content.toString('latin1')));
  }
  found.sort((a, b) => a.port - b.port);
  const table = await host.readFile('/proc/1/net/unix', { maxBytes: TABLE_BYTES });
  if (table.outcome === 'refused') return unobservable(`${probe.host}:/proc/1/net/unix could not be read`);
  const unix = table.outcome === 'read' ? unixListenersIn(table.content.toString('utf8')) : [];
  const { ask } = probe;
  if (ask !== undefined && found.length > ASKED)
    return unobservable(`${probe.host} listens on ${found.length} TCP sockets, more than can be asked`);
  const tcp: readonly (Listener & Answer)[] =
    ask === undefined
      ? found
      : await Promise.all(
          found.map(async (listener) => {
            const request = { listener, path: ask, seconds: probe.timeout };
            return { ...listener, ...(await answerOf(host, request, signal)) };
          }),
        );
  signal.throwIfAborted();
  const mute = tcp.find(({ silent }) => silent);
  if (mute !== undefined)
    return unobservable(`${probe.host}:${mute.port} took the connection and did not answer in ${probe.timeout} s`);
  const words = tcp.map((one) => `${one.port}${one.status === undefined ? '' : ` (${ask}: ${one.status})`}`);
  return observed({ tcp, unix }, `${probe.host} listens on TCP ports ${words.join(', ') || '(none)'}`);
}

/** The listening sockets of a table like /proc/net/tcp: `sl local_address rem_address st …`. */
export function listenersIn(table: string): readonly Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [, address = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? [];
    if (state !== LISTEN || port === '') return [];
    return [{ address: readable(address), port: Number.parseInt(port, 16) }];
  });
}

/** The paths of listening sockets in a table like /proc/net/unix: `Num RefCount Protocol Flags Type St Inode Path`. */
export function unixListenersIn(table: string): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const [, flags = '', path = ''] = /^\S+ \S+ \S+ ([0-9A-F]{8}) \S+ \S+ +\d+ (\/.*)$/.exec(line) ?? [];
    return (Number.parseInt(flags, 16) & ACCEPTS) === 0 ? [] : [path];
  });
}

/** An address in hexadecimal words of four bytes, each with its lowest byte first as the machine stores it. */
function readable(words: string): string {
  const bytes = words.match(/.{8}/g)?.flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  if (bytes?.length === 4) return bytes.join('.');
  if (/^0+$/.test(words)) return '::';
  return (
    Buffer.from(bytes ?? [])
      .toString('hex')
      .match(/.{4}/g)
      ?.join(':') ?? ''
  );
}

interface Question {
  readonly listener: Listener;
  readonly path: string;
  readonly seconds: number;
}

/** A server that speaks TLS answers plain HTTP with 400 (Go's net/http), or hangs up. */
async function answerOf(from: Vantage, question: Question, signal: AbortSignal): Promise<Answer> {
  const plain = await ask(from, question, 'http', signal);
  if (plain === 'silent') return { silent: true };
  const answer = plain === undefined || plain.status === 400 ? await ask(from, question, 'https', signal) : plain;
  // Who keeps silent over TLS has said in plain text that it is something else.
  const told = answer === 'silent' || answer === undefined ? plain : answer;
  if (told === undefined) return {};
  const json = jsonOf(told.text);
  return { status: told.status, ...(json === undefined ? {} : { json }) };
}

async function ask(
  from: Vantage,
  { listener: { address, port }, path, seconds }: Question,
  scheme: 'http' | 'https',
  signal: AbortSignal,
): Promise<HttpAnswer | 'silent' | undefined> {
  const to = ['0.0.0.0', '::'].includes(address) ? '127.0.0.1' : address;
  const dialled = await from.dial(to, port, within(signal, seconds).signal);
  if (dialled.outcome !== 'open') return undefined;
  // A time of its own, as in `connected`. Docker's name server on a node of kind, 127.0.0.11, needs two seconds to give up on HTTP.
  const time = within(signal, seconds);
  try {
    const socket = scheme === 'https' ? await overTls(dialled.socket, {}, time.signal) : dialled.socket;
    const request = { method: 'GET', path, host: `127.0.0.1:${port}`, headers: {} };
    return await exchange(socket, { ...request, maxBytes: BODY_BYTES, signal: time.signal });
  } catch {
    return time.signal.aborted ? 'silent' : undefined; // or it speaks something else
  }
}
