import type { Lease, Node } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import { sameButForEmpty } from '../controllers/status.ts';
import { timestamp } from '../../clock.ts';
import type { Cluster } from '../store/cluster.ts';
import type { Controller } from '../controllers/controller.ts';

/** A quarter of the lease's 40 s (pkg/kubelet, nodelease renewIntervalFraction). */
const RENEW_MS = 10_000;
const LEASE_SECONDS = 40;

const READY = { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };

/** What each condition says while its kubelet runs (pkg/kubelet/nodestatus/setters.go). */
const CONDITIONS: Readonly<Record<string, { status: string; reason: string; message: string }>> = {
  MemoryPressure: {
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  DiskPressure: { status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  PIDPressure: {
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
  Ready: READY,
};

/** Writes a kubelet's own release into the status of its node (pkg/kubelet/nodestatus/setters.go VersionInfo). */
export async function tellRelease(cluster: Cluster, node: string, release: string): Promise<void> {
  await cluster.modify(
    cluster.resource('nodes'),
    { namespace: '', name: node },
    (draft) => {
      const info = (draft as Node).status?.nodeInfo;
      if (info === undefined || info.kubeletVersion === release) return false;
      info.kubeletVersion = release;
      return true;
    },
    { fieldManager: 'kubelet', subresource: 'status' },
  );
}

/** The kubelets' sign of life: each renews its node's Lease, and says that the node is ready when that was in doubt. */
export function heartbeats(cluster: Cluster, nodes: readonly string[], isUp: (node: string) => boolean): Controller {
  const leases = cluster.resource('leases', 'coordination.k8s.io');
  const nodeRow = cluster.resource('nodes');
  const write = { fieldManager: 'kubelet' };

  async function renew(name: string, node: KubeObject): Promise<void> {
    const renewTime = `${new Date(cluster.clock.now()).toISOString().slice(0, 23)}000Z`;
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime };
    const key = { namespace: 'kube-node-lease', name };
    const renewed = await cluster.modify(leases, key, (draft) => void ((draft as Lease).spec = spec), write);
    if (renewed !== undefined || cluster.get(cluster.resource('namespaces'), '', key.namespace) === undefined) return;
    const owner = { apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid ?? '' };
    const metadata = { name, namespace: key.namespace, ownerReferences: [owner] };
    await cluster.create(leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }, write);
  }

  /** Only what somebody else made doubtful is said again; a healthy status is not written every few seconds. */
  async function confirm(name: string, node: Node): Promise<void> {
    const doubtful = (node.status?.conditions ?? []).some(({ type, status, reason }) => {
      const wanted = CONDITIONS[type];
      return (
        wanted !== undefined && !sameButForEmpty({ status, reason }, { status: wanted.status, reason: wanted.reason })
      );
    });
    if (!doubtful) return;
    const now = timestamp(cluster.clock);
    await cluster.modify(
      nodeRow,
      { namespace: '', name },
      (draft) => {
        const { status } = draft as Node;
        if (status === undefined) return false;
        status.conditions = (status.conditions ?? []).map((condition) => {
          const wanted = CONDITIONS[condition.type];
          if (wanted === undefined || wanted.status === condition.status) return condition;
          return { ...condition, ...wanted, lastHeartbeatTime: now, lastTransitionTime: now };
        });
        return true;
      },
      { ...write, subresource: 'status' },
    );
  }

  return {
    name: 'kubelet-heartbeat',
    watches: [
      {
        resource: nodeRow,
        keys: ({ type, object }) => (type === 'ADDED' && nodes.includes(object.metadata.name) ? ['/'] : []),
      },
    ],
    // One key for all nodes: one timer a lab.
    async reconcile() {
      for (const name of nodes) {
        const node = cluster.get(nodeRow, '', name) as Node | undefined;
        if (node === undefined || !isUp(name)) continue;
        await renew(name, node);
        await confirm(name, node);
      }
      return RENEW_MS;
    },
  };
}
