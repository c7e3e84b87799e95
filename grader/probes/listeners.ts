import type { Lab, Vantage } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { exchange, jsonOf } from '../kube/exchange.ts';
import { type Observation, observed, unobservable, within } from './observation.ts';

/** A lab's host has a dozen listeners; each of these is a line of 150 bytes. */
const TABLE_BYTES = 1024 * 1024;
/** More than this many are not asked. */
const ASKED = 64;
const BODY_BYTES = 64 * 1024;

/** TCP_LISTEN of include/net/tcp_states.h, as /proc/net/tcp has it. */
const LISTEN = '0A';

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
 * The TCP sockets on which programs of a host listen, as its kernel has them (proc_pid_net(5)): neither a firewall nor a program of the
 * learner's stands between. With `ask`, each is asked for that path over plain HTTP from the host itself.
 * Fact: `{ tcp: [{ address, port, status?, json? }] }`, by number; `address` is `0.0.0.0` or `::` for all of them, `status` is there when
 * there was an answer, `json` when its body was JSON. A listener that takes the connection and says nothing in time cannot be observed.
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
  const { ask } = probe;
  const tcp: readonly (Listener & Answer)[] =
    ask === undefined
      ? found
      : await Promise.all(
          found.slice(0, ASKED).map(async (listener) => {
            const request = { listener, path: ask, seconds: probe.timeout };
            return { ...listener, ...(await answerOf(host, request, signal)) };
          }),
        );
  signal.throwIfAborted();
  const mute = tcp.find(({ silent }) => silent);
  if (mute !== undefined)
    return unobservable(`${probe.host}:${mute.port} took the connection and did not answer in ${probe.timeout} s`);
  const words = tcp.map((one) => `${one.port}${one.status === undefined ? '' : ` (${ask}: ${one.status})`}`);
  return observed({ tcp }, `${probe.host} listens on TCP ports ${words.join(', ') || '(none)'}`);
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

async function answerOf(
  from: Vantage,
  { listener, path, seconds }: { readonly listener: Listener; readonly path: string; readonly seconds: number },
  signal: AbortSignal,
): Promise<Answer> {
  const isEverywhere = ['0.0.0.0', '::'].includes(listener.address);
  const dialled = await from.dial(
    isEverywhere ? '127.0.0.1' : listener.address,
    listener.port,
    within(signal, seconds).signal,
  );
  if (dialled.outcome !== 'open') return {};
  // A time of its own, as in `connected`. Docker's name server on a node of kind, 127.0.0.11, needs two seconds to give up on HTTP.
  const time = within(signal, seconds);
  try {
    const host = `127.0.0.1:${listener.port}`;
    const { status, text } = await exchange(dialled.socket, {
      method: 'GET',
      path,
      host,
      headers: {},
      maxBytes: BODY_BYTES,
      signal: time.signal,
    });
    const json = jsonOf(text);
    return { status, ...(json === undefined ? {} : { json }) };
  } catch {
    return time.signal.aborted ? { silent: true } : {}; // or it speaks something else
  }
}
