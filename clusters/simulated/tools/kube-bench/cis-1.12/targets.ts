import type { Target } from '../benchmark.ts';
import { API_SERVER } from './api-server.ts';
import { CONFIGURATION_FILES } from './configuration-files.ts';
import { CONTROL_PLANE } from './control-plane.ts';
import { CONTROLLER_MANAGER, SCHEDULER } from './controllers.ts';
import { ETCD } from './etcd.ts';
import { KUBE_PROXY, KUBELET } from './kubelet.ts';
import { POLICIES } from './policies.ts';
import { WORKER_FILES } from './worker-files.ts';

/**
 * The CIS Kubernetes Benchmark 1.12 as kube-bench tells it (cfg/cis-1.12, Apache-2.0): ids, texts, tests and remediations.
 * In the order in which a whole run shows them.
 */
export const CIS_1_12: readonly Target[] = [
  {
    name: 'master',
    id: '1',
    text: 'Control Plane Security Configuration',
    groups: [CONFIGURATION_FILES, API_SERVER, CONTROLLER_MANAGER, SCHEDULER],
  },
  { name: 'controlplane', id: '3', text: 'Control Plane Configuration', groups: CONTROL_PLANE },
  { name: 'etcd', id: '2', text: 'Etcd Node Configuration', groups: [ETCD] },
  { name: 'node', id: '4', text: 'Worker Node Security Configuration', groups: [WORKER_FILES, KUBELET, KUBE_PROXY] },
  { name: 'policies', id: '5', text: 'Kubernetes Policies', groups: POLICIES },
];
