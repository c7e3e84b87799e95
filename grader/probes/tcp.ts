import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { type Observation, observed } from './observation.ts';
import { connected } from './origin.ts';

/**
 * Connects from a host to an address and hangs up.
 * Fact: `{ state: 'open' | 'refused' | 'timeout' | 'unreachable' | 'unresolved', detail: string }`.
 */
export async function observeTcp(
  probe: Extract<Probe, { kind: 'tcp' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const dialled = await connected(lab, probe, signal);
  signal.throwIfAborted();
  const detail = dialled.outcome === 'open' ? '' : dialled.detail;
  if (dialled.outcome === 'open') {
    dialled.socket.on('error', () => {}); // a reset after hanging up tells nothing
    dialled.socket.destroy();
  }
  const words = dialled.outcome === 'open' ? 'open' : `${dialled.outcome} (${detail})`;
  return observed({ state: dialled.outcome, detail }, `${probe.from} → ${probe.to}:${probe.port}: ${words}`);
}
