import type { KubeObject } from '../object.ts';
import type { NodePlan } from './cluster-plan.ts';
import { RELEASE } from './release.ts';

const CAPACITY = {
  cpu: '2',
  'ephemeral-storage': '50620216Ki',
  'hugepages-2Mi': '0',
  memory: '4021776Ki',
  pods: '110',
};

/** What the kubelet registers: labels, addresses, capacity, conditions (pkg/kubelet/kubelet_node_status.go). `now` is RFC 3339. */
export function nodeObject({ name, address, podCIDR, isControlPlane }: NodePlan, now: string): KubeObject {
  const condition = (type: string, holds: boolean, reason: string, message: string): object => ({
    type,
    status: holds ? 'True' : 'False',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message,
  });
  const roles = isControlPlane
    ? { 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
    : {};
  const digits = Array.from(name)
    .reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7)
    .toString(16)
    .padStart(8, '0');
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...roles,
      },
    },
    spec: {
      podCIDR,
      podCIDRs: [podCIDR],
      ...(isControlPlane ? { taints: [{ effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' }] } : {}),
    },
    status: {
      addresses: [
        { address, type: 'InternalIP' },
        { address: name, type: 'Hostname' },
      ],
      allocatable: { ...CAPACITY, 'ephemeral-storage': '46651590989', memory: '3919376Ki' },
      capacity: CAPACITY,
      conditions: [
        condition('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
        condition('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', true, 'KubeletReady', 'kubelet is posting ready status'),
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
      nodeInfo: {
        architecture: 'amd64',
        bootID: `${digits}-0000-4000-8000-000000000001`,
        containerRuntimeVersion: RELEASE.containerd,
        kernelVersion: RELEASE.kernel,
        kubeProxyVersion: '',
        kubeletVersion: RELEASE.kubernetes,
        machineID: digits.repeat(4),
        operatingSystem: 'linux',
        osImage: RELEASE.osImage,
        systemUUID: `${digits}-0000-4000-8000-000000000002`,
      },
    },
  };
}
