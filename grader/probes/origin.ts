import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type DialResult, type Lab, LabError, type Vantage } from '../../clusters/cluster.ts';
import type { Origin } from '../../protocol/scenario.ts';
import { within } from './observation.ts';

interface Connecting {
  readonly from: Origin;
  readonly to: string;
  readonly port: number;
  /** Seconds. */
  readonly timeout: number;
}

/** Milliseconds that this process, or a refusal on the machine itself, may be late before a silence proves nothing. */
const LATE_MS = 500;
/** How often a silence is listened to again on a busy machine. */
const TRIES = 3;

/**
 * Connects from where a probe starts. A silence counts only when this machine had the time to hear an answer: else a firewall would be
 * credited to whoever is graded on a busy one. The time that it grants is the connection's alone: what is said over it has the same again, since
 * on a busy machine reaching into a host may take longer than that. Throws `LabError` when the lab has no such place, or the machine stays
 * too busy.
 */
export async function connected(lab: Lab, connecting: Connecting, signal: AbortSignal): Promise<DialResult> {
  const origin = await originIn(lab, connecting.from);
  for (let tries = TRIES; tries > 0; tries--) {
    const { dialled, isBelievable } = await listen(origin, connecting, signal);
    signal.throwIfAborted();
    if (dialled.outcome !== 'timeout' || isBelievable) return dialled;
  }
  throw new LabError(
    'This machine is too busy to tell silence from a slow answer',
    'Check again when it has less to do.',
  );
}

/**
 * One try. Calls from one place are taken in turn, so what it is asked besides tells whether this call was sent out early enough, and whether
 * an answer that has come would have been passed on: only after that does the call end.
 */
async function listen(
  origin: Vantage,
  { to, port, timeout }: Connecting,
  signal: AbortSignal,
): Promise<{ readonly dialled: DialResult; readonly isBelievable: boolean }> {
  const delay = monitorEventLoopDelay();
  delay.enable();
  const enough = new AbortController();
  const dialling = origin.dial(to, port, AbortSignal.any([signal, enough.signal]));
  const sentSoon = answersSoon(origin);
  const time = within(signal, timeout);
  const first = await Promise.race([dialling, aborted(time.signal)]);
  if (first !== undefined && first.outcome !== 'timeout') {
    delay.disable();
    return { dialled: first, isBelievable: true };
  }
  // Twice: the first may be answered in the same round in which the call is.
  const heard = (await sentSoon) && (await answersSoon(origin)) && (await answersSoon(origin));
  enough.abort(time.signal.reason); // that time is over, not that nobody wants to know
  delay.disable();
  return { dialled: await dialling, isBelievable: heard && delay.max < LATE_MS * 1e6 };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** Port 1 (tcpmux) is refused by a machine's own kernel, whatever the network is like. */
async function answersSoon(origin: Vantage): Promise<boolean> {
  const dialled = await origin.dial('127.0.0.1', 1, AbortSignal.timeout(LATE_MS));
  if (dialled.outcome === 'open') dialled.socket.destroy();
  return dialled.outcome !== 'timeout';
}

const originIn = (lab: Lab, from: Origin): Promise<Vantage> => (from === 'stranger' ? lab.stranger() : lab.host(from));
