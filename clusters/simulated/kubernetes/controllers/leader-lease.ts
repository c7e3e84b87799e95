import type { Lease } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import type { Controller } from './controller.ts';

export interface LeaderLeaseOptions {
  readonly name: string;
  readonly namespace: string;
  /** Unlike that of any run before. */
  readonly holder: string;
  /** Seconds. */
  readonly duration: number;
  /** Who writes it. */
  readonly program: string;
}

/** client-go's default between tries: so long nobody asks for the lease of a lab that has just begun, which is so not held up by it. */
const FIRST_MS = 2000;
/** Upstream's leaders renew every two seconds; this is what they are given before they count as lost, and the log of changes lasts longer. */
const RENEW_MS = 10_000;
const KEY = '/';

/**
 * The Lease that a leader holds, taken over from whoever held it and renewed from then on (client-go/tools/leaderelection/leaderelection.go,
 * resourcelock/leaselock.go).
 */
export function leaderLease(
  cluster: Cluster,
  { name, namespace, holder, duration, program }: LeaderLeaseOptions,
): Controller {
  const leases = cluster.resource('leases', 'coordination.k8s.io');
  const write = { fieldManager: program };
  const fresh = (now: string, transitions: number): Lease['spec'] => ({
    holderIdentity: holder,
    leaseDurationSeconds: Math.ceil(duration),
    acquireTime: now,
    renewTime: now,
    leaseTransitions: transitions,
  });
  return {
    name: `${program} leader election`,
    watches: [],
    pokes: (look) => cluster.clock.after(FIRST_MS, () => look(KEY)),
    async reconcile() {
      const now = `${new Date(cluster.clock.now()).toISOString().slice(0, 23)}000Z`;
      const held = await cluster.modify(
        leases,
        { namespace, name },
        (draft) => {
          const { spec } = draft as Lease;
          const isOurs = spec?.holderIdentity === holder;
          (draft as Lease).spec = isOurs ? { ...spec, renewTime: now } : fresh(now, (spec?.leaseTransitions ?? 0) + 1);
          return true;
        },
        write,
      );
      if (held === undefined && cluster.get(cluster.resource('namespaces'), '', namespace) !== undefined) {
        const made = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
        await cluster.create(leases, { ...made, spec: fresh(now, 0) }, write);
      }
      return RENEW_MS;
    },
  };
}
