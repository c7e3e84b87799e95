import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';
import type { Host, Manifest } from '../../cluster.ts';

const NodePortService = z.object({
  kind: z.literal('Service'),
  spec: z.object({
    type: z.enum(['NodePort', 'LoadBalancer']),
    ports: z.array(z.object({ nodePort: z.int().optional(), protocol: z.string().default('TCP') })),
  }),
});

/** The TCP ports that Services of a seed open on every node. Pure. */
export const nodePortsOf = (manifests: readonly Manifest[]): readonly number[] =>
  manifests.flatMap((manifest) => {
    const ports = NodePortService.safeParse(manifest).data?.spec.ports ?? [];
    return ports.flatMap(({ nodePort, protocol }) => (nodePort !== undefined && protocol === 'TCP' ? [nodePort] : []));
  });

export interface OpenRequest {
  /** From where it is tried. */
  readonly from: Pick<Host, 'dial'>;
  /** Of the nodes. A Service may answer on those alone that have a pod of it. */
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly limit: number;
  /** Between two tries, in milliseconds. */
  readonly pause?: number;
}

const PAUSE_MS = 250;

/**
 * Waits until each port is open on one of the nodes: a pod without a readiness probe is ready before it listens, and kube-proxy needs a
 * moment to open the way to it. Whoever looks at an untouched lab would otherwise find a door shut that the scenario has left open. What is
 * still shut when the time is over is left so, for a scenario may mean it. Rejects with the signal's reason only.
 */
export async function untilPortsOpen(request: OpenRequest): Promise<void> {
  const { signal, limit, ports } = request;
  const late = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
  await Promise.all(ports.map((port) => untilOpen(request, port, late)));
  signal.throwIfAborted();
}

async function untilOpen(
  { from, addresses, pause = PAUSE_MS }: OpenRequest,
  port: number,
  late: AbortSignal,
): Promise<void> {
  while (!late.aborted) {
    for (const address of addresses) {
      const dialled = await from.dial(address, port, late);
      if (dialled.outcome !== 'open') continue;
      dialled.socket.destroy();
      return;
    }
    await after(pause, undefined, { signal: late }).catch(() => undefined);
  }
}
