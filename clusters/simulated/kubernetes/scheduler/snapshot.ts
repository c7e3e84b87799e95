import type {
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../model/generated/objects.ts';
import type { Labels } from '../model/labels.ts';
import type { Cluster } from '../store/cluster.ts';

/** A node and what runs there or was promised room there. */
export interface NodeInfo {
  readonly node: Node;
  readonly pods: readonly Pod[];
}

/** The cluster as one scheduling cycle sees it (scheduler/backend/cache/snapshot.go). */
export interface Snapshot {
  readonly nodes: readonly NodeInfo[];
  /** Pods that wait for the room that they have been promised, by node. */
  readonly nominated: ReadonlyMap<string, readonly Pod[]>;
  readonly namespaceLabels: (namespace: string) => Labels;
  readonly volumes: VolumeView;
}

export interface VolumeView {
  readonly claim: (namespace: string, name: string) => PersistentVolumeClaim | undefined;
  readonly volume: (name: string) => PersistentVolume | undefined;
  readonly all: () => readonly PersistentVolume[];
  readonly storageClass: (name: string) => StorageClass | undefined;
}

/** Pods that have ended hold no room and count for nothing. `assumed`: nodes of pods that are about to be bound, by the pods' uid. */
export function snapshotOf(
  cluster: Cluster,
  assumed: Iterable<readonly [string, { readonly node: string }]>,
): Snapshot {
  const about = new Map(assumed);
  const running = new Map<string, Pod[]>();
  const nominated = new Map<string, Pod[]>();
  for (const pod of cluster.list(cluster.resource('pods')) as readonly Pod[]) {
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    const nodeName = pod.spec.nodeName ?? about.get(pod.metadata.uid ?? '')?.node;
    const promised = pod.status?.nominatedNodeName;
    if (nodeName !== undefined) push(running, nodeName, pod);
    else if (promised !== undefined && promised !== '') push(nominated, promised, pod);
  }
  const nodes = cluster.list(cluster.resource('nodes')) as readonly Node[];
  const namespaces = cluster.resource('namespaces');
  return {
    nodes: nodes.map((node) => ({ node, pods: running.get(node.metadata.name) ?? [] })),
    nominated,
    namespaceLabels: (name) => (cluster.get(namespaces, '', name) as Namespace | undefined)?.metadata.labels ?? {},
    volumes: volumesOf(cluster),
  };
}

function volumesOf(cluster: Cluster): VolumeView {
  const claims = cluster.resource('persistentvolumeclaims');
  const volumes = cluster.resource('persistentvolumes');
  const classes = cluster.resource('storageclasses', 'storage.k8s.io');
  return {
    claim: (namespace, name) => cluster.get(claims, namespace, name) as PersistentVolumeClaim | undefined,
    volume: (name) => cluster.get(volumes, '', name) as PersistentVolume | undefined,
    all: () => cluster.list(volumes) as readonly PersistentVolume[],
    storageClass: (name) => cluster.get(classes, '', name) as StorageClass | undefined,
  };
}

function push(map: Map<string, Pod[]>, key: string, pod: Pod): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [pod]);
  else list.push(pod);
}

/** The snapshot with another view of one node. */
export const withNode = (snapshot: Snapshot, changed: NodeInfo): Snapshot => ({
  ...snapshot,
  nodes: snapshot.nodes.map((info) => (info.node === changed.node ? changed : info)),
});

/** `pod.spec.priority`, zero for what has none (component-helpers/scheduling/corev1 PodPriority). */
export const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0;
