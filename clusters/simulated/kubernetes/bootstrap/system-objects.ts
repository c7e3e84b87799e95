import type { KubeObject } from '../object.ts';
import { apiServiceAddress, CLUSTER_PLAN, type ClusterPlan } from './cluster-plan.ts';
import { FLOW_SCHEMAS, PRIORITY_LEVELS } from './flow-control.ts';
import { object } from './object.ts';

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

const namespaces = SYSTEM_NAMESPACES.map((name) => object('v1', 'Namespace', name, undefined, {}));

/** pkg/apis/scheduling/v1/helpers.go SystemPriorityClasses. */
const priorityClasses = [
  object('scheduling.k8s.io/v1', 'PriorityClass', 'system-cluster-critical', undefined, {
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  }),
  object('scheduling.k8s.io/v1', 'PriorityClass', 'system-node-critical', undefined, {
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  }),
];

const apiServicePorts = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }];

/** pkg/controlplane: the Service by which pods reach the API server. Its endpoints are the API server's own doing. */
const kubernetesService = (plan: ClusterPlan): KubeObject =>
  object('v1', 'Service', 'kubernetes', 'default', {
    metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP: apiServiceAddress(plan), ports: apiServicePorts },
  });

const controlPlaneAddress = CLUSTER_PLAN.nodes.find(({ isControlPlane }) => isControlPlane)?.address ?? '';

const kubernetesEndpoints = [
  object('v1', 'Endpoints', 'kubernetes', 'default', {
    metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: controlPlaneAddress }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
  }),
  object('discovery.k8s.io/v1', 'EndpointSlice', 'kubernetes', 'default', {
    metadata: { labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [controlPlaneAddress], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  }),
];

/** controlplane/controller/defaultservicecidr: made of the flag at the first start, and never changed by a later one. */
const serviceCidr = ({ serviceRange }: ClusterPlan): KubeObject =>
  object('networking.k8s.io/v1', 'ServiceCIDR', 'kubernetes', undefined, { spec: { cidrs: [serviceRange] } });

/** Everything of a cluster's first minutes that does not depend on the lab. Frozen by whoever stores it, shared by all labs. */
export const systemObjects = (plan: ClusterPlan): readonly KubeObject[] => [
  ...namespaces,
  ...priorityClasses,
  ...PRIORITY_LEVELS,
  ...FLOW_SCHEMAS,
  serviceCidr(plan),
  kubernetesService(plan),
  ...kubernetesEndpoints,
];
