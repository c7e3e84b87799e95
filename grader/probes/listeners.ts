import type { Lab } from '../../clusters/cluster.ts';
import type { HostName } from '../../protocol/host.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { exchange, jsonOf } from '../kube/exchange.ts';
import { type Observation, observed, unobservable, within } from './observation.ts';
import { connected } from './origin.ts';

/** A lab's host has a dozen listeners; each of these is a line of 150 bytes. */
const TABLE_BYTES = 1024 * 1024;
/** More than this many are not asked. */
const ASKED = 64;
const BODY_BYTES = 64 * 1024;

/** TCP_LISTEN of include/net/tcp_states.h, as /proc/net/tcp has it. */
const LISTEN = '0A';

export interface Listener {
  readonly port: number;
  /** Whether this machine alone can connect, by the socket's address. */
  readonly isLoopback: boolean;
}

interface Answer {
  /** It took the connection and said nothing in time: it may be slow. */
  readonly silent?: true;
  readonly status?: number;
  readonly json?: unknown;
}

/**
 * The TCP ports on which programs of a host listen, as its kernel has them (proc_pid_net(5)): neither a firewall nor a program of the
 * learner's stands between. With `ask`, each is asked for that path over plain HTTP from the host itself.
 * Fact: `{ tcp: [{ port, isLoopback, status?, json? }] }`, each port once, by number; `status` when there was an answer, `json` when its
 * body was JSON. A listener that takes the connection and says nothing in time cannot be observed.
 */
export async function observeListeners(
  probe: Extract<Probe, { kind: 'listeners' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const host = await lab.host(probe.host);
  const found = new Map<number, Listener>();
  for (const family of ['tcp', 'tcp6']) {
    const path = `/proc/1/net/${family}`;
    const read = await host.readFile(path, { maxBytes: TABLE_BYTES });
    if (read.outcome === 'absent' && family === 'tcp6') continue; // a kernel without IPv6
    if (read.outcome !== 'read' || read.truncated) return unobservable(`${probe.host}:${path} could not be read`);
    for (const listener of listenersIn(read.content.toString('latin1'))) {
      const other = found.get(listener.port);
      found.set(listener.port, { ...listener, isLoopback: listener.isLoopback && (other?.isLoopback ?? true) });
    }
  }
  const tcp = [...found.values()].toSorted((a, b) => a.port - b.port);
  const { ask } = probe;
  const answered: readonly (Listener & Answer)[] =
    ask === undefined
      ? tcp
      : await Promise.all(
          tcp.slice(0, ASKED).map(async (listener) => ({
            ...listener,
            ...(await answerOf(lab, { ...probe, from: probe.host, port: listener.port, path: ask }, signal)),
          })),
        );
  signal.throwIfAborted();
  const silent = answered.find(({ silent }) => silent);
  if (silent !== undefined)
    return unobservable(`${probe.host}:${silent.port} took the connection and did not answer in ${probe.timeout} s`);
  const words = answered.map((one) => `${one.port}${one.status === undefined ? '' : ` (${ask}: ${one.status})`}`);
  return observed({ tcp: answered }, `${probe.host} listens on TCP ports ${words.join(', ') || '(none)'}`);
}

/** The listening sockets of a table like /proc/net/tcp: `sl local_address rem_address st …`, addresses in hexadecimal words as the machine stores them. */
export function listenersIn(table: string): readonly Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [, address = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? [];
    if (state !== LISTEN || port === '') return [];
    return [{ port: Number.parseInt(port, 16), isLoopback: LOOPBACK.test(address) }];
  });
}

/** 127.0.0.0/8, ::1 and 127.0.0.0/8 in IPv6's clothes, on a machine that stores the low byte first. */
const LOOPBACK = /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/;

async function answerOf(
  lab: Lab,
  {
    from,
    port,
    path,
    timeout,
  }: { readonly from: HostName; readonly port: number; readonly path: string; readonly timeout: number },
  signal: AbortSignal,
): Promise<Answer> {
  const dialled = await connected(lab, { from, to: '127.0.0.1', port, timeout }, signal);
  if (dialled.outcome !== 'open') return {};
  try {
    const time = within(signal, timeout);
    const request = { method: 'GET', path, host: `127.0.0.1:${port}`, headers: {}, maxBytes: BODY_BYTES };
    const { status, text } = await exchange(dialled.socket, { ...request, signal: time.signal });
    const json = jsonOf(text);
    return { status, ...(json === undefined ? {} : { json }) };
  } catch {
    return signal.aborted ? { silent: true } : {}; // or it speaks something else
  }
}
