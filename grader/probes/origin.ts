import type { DialResult, Lab, Vantage } from '../../clusters/cluster.ts';
import type { Origin } from '../../protocol/scenario.ts';
import { within } from './observation.ts';

interface Connecting {
  readonly from: Origin;
  readonly to: string;
  readonly port: number;
  /** Seconds. */
  readonly timeout: number;
}

/**
 * Connects from where a probe starts. The time that it grants is the connection's alone: what is said over it has the same again, since
 * on a busy machine reaching into a host may take longer than that. Throws `LabError` when the lab has no such place.
 */
export async function connected(
  lab: Lab,
  { from, to, port, timeout }: Connecting,
  signal: AbortSignal,
): Promise<DialResult> {
  return (await originIn(lab, from)).dial(to, port, within(signal, timeout).signal);
}

const originIn = (lab: Lab, from: Origin): Promise<Vantage> => (from === 'stranger' ? lab.stranger() : lab.host(from));
