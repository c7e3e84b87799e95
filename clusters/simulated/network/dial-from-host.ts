import type { SimulatedHost } from '../hosts/simulated-host.ts';
import type { Dial } from '../kubernetes/callout/https-call.ts';

/** Connects from inside a host. Rejects in the words of Go's net package. */
export function dialFromHost(host: SimulatedHost): Dial {
  return async (to, port, signal) => {
    const dialled = await host.dial(to, port, signal);
    if (dialled.outcome === 'open') return dialled.socket;
    const why = dialled.outcome === 'refused' ? 'connection refused' : dialled.detail;
    throw new Error(`dial tcp ${to}:${port}: connect: ${why}`);
  };
}
