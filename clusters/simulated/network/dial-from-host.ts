import type { DialResult } from '../../cluster.ts';
import type { SimulatedHost } from '../hosts/simulated-host.ts';
import type { Dial } from '../kubernetes/callout/https-call.ts';

/** Connects from inside a host. Rejects in the words of Go's net package. */
export function dialFromHost(host: SimulatedHost): Dial {
  return async (to, port, signal) => {
    const dialled = await host.dial(to, port, signal);
    if (dialled.outcome === 'open') return dialled.socket;
    throw new Error(`dial tcp${inGoWords(dialled, to, port)}`);
  };
}

function inGoWords({ outcome, detail }: Exclude<DialResult, { outcome: 'open' }>, to: string, port: number): string {
  switch (outcome) {
    case 'refused':
      return ` ${to}:${port}: connect: connection refused`;
    case 'timeout':
      return ` ${to}:${port}: i/o timeout`;
    case 'unresolved':
      return `: lookup ${to}: no such host`;
    case 'unreachable':
      break;
  }
  return ` ${to}:${port}: connect: ${detail.includes('ENETUNREACH') ? 'network is unreachable' : 'no route to host'}`;
}
