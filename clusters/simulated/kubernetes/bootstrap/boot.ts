import { defaultPolicy } from '../authorization/default-policy/default-policy.ts';
import { timestamp } from '../../clock.ts';
import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { nodeObject } from './nodes.ts';
import { KUBEADM_OBJECTS, kubeadmConfig } from './kubeadm-objects.ts';
import { object } from './object.ts';
import { systemObjects } from './system-objects.ts';

/** Makes what a cluster has before its first user: the API server's own objects, kubeadm's, and its nodes with their leases. */
export async function bootCluster(cluster: Cluster, plan: ClusterPlan): Promise<void> {
  const policy = defaultPolicy();
  const rbac = [...policy.clusterRoles, ...policy.clusterRoleBindings, ...policy.roles, ...policy.roleBindings];
  const nodes = plan.nodes.map((node) => nodeObject(node, timestamp(cluster.clock)));
  await createAll(cluster, [
    ...systemObjects(plan),
    ...(rbac as unknown as KubeObject[]),
    ...apiServices(cluster),
    tokenTracking(timestamp(cluster.clock)),
    ...nodes,
    ...leases(nodes),
  ]);
  if (nodes.length > 0) await createAll(cluster, [...KUBEADM_OBJECTS, kubeadmConfig(plan)]);
}

/** Creates objects of any kind in their order. Throws the `ApiError` of the first that is refused. */
export async function createAll(cluster: Cluster, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const resource = cluster.resourceOfKind(object.apiVersion, object.kind);
    if (resource === undefined) throw new Error(`this cluster does not serve ${object.apiVersion} ${object.kind}`);
    const made = await cluster.create(resource, structuredClone(object));
    const status = object['status'];
    if (status === undefined || resource.subresources.every(({ name }) => name !== 'status')) continue;
    // Creation drops the status of what has one of its own, as for any client.
    const key = { namespace: made.metadata.namespace ?? '', name: made.metadata.name };
    await cluster.modify(resource, key, (draft) => void (draft['status'] = structuredClone(status)), {
      subresource: 'status',
    });
  }
}

/** Each node's heartbeat (pkg/kubelet, component-helpers/lease). */
const leases = (nodes: readonly KubeObject[]): KubeObject[] =>
  nodes.map(({ metadata: { name } }) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: 40 },
  }));

/** kube-aggregator's record of the group versions that the server itself serves. */
function apiServices(cluster: Cluster): KubeObject[] {
  const versions = new Map(
    cluster.resources().map(({ group, version }) => [`${version}.${group}`, { group, version }]),
  );
  return [...versions].map(([name, { group, version }]) => ({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: {
      ...(group === '' ? {} : { group }),
      groupPriorityMinimum: group === '' ? 18_000 : 17_800,
      version,
      versionPriority: group === '' ? 1 : 15,
    },
    status: {
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'Local',
          message: 'Local APIServices are always available',
          lastTransitionTime: timestamp(cluster.clock),
        },
      ],
    },
  }));
}

/** Since when the API server notes the use of tokens that never expire (controlplane/controller/legacytokentracking). */
const tokenTracking = (now: string): KubeObject =>
  object('v1', 'ConfigMap', 'kube-apiserver-legacy-service-account-token-tracking', 'kube-system', {
    data: { since: now.slice(0, 10) },
  });
