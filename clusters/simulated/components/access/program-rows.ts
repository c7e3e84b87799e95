import { leaderLock, listed } from './asks.ts';
import { doubling } from './connection.ts';
import type { ProgramRow } from './program-access.ts';

/** Its informers begin before it looks for a leader's lock (cmd/kube-scheduler/app/server.go Run), and wait as client-go's reflectors do. */
export const SCHEDULER_ACCESS: ProgramRow = {
  name: 'kube-scheduler',
  kubeconfig: '/etc/kubernetes/scheduler.conf',
  electsFirst: false,
  wait: doubling(800, 30_000),
  asks: [
    [
      listed('v1.Node', '/api/v1/nodes'),
      listed('v1.Pod', '/api/v1/pods', 'fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed&'),
      listed('v1.Namespace', '/api/v1/namespaces'),
      listed('v1.Service', '/api/v1/services'),
      listed('v1.ReplicationController', '/api/v1/replicationcontrollers'),
      listed('v1.ReplicaSet', '/apis/apps/v1/replicasets'),
      listed('v1.StatefulSet', '/apis/apps/v1/statefulsets'),
      listed('v1.PodDisruptionBudget', '/apis/policy/v1/poddisruptionbudgets'),
      listed('v1.PersistentVolume', '/api/v1/persistentvolumes'),
      listed('v1.PersistentVolumeClaim', '/api/v1/persistentvolumeclaims'),
      listed('v1.StorageClass', '/apis/storage.k8s.io/v1/storageclasses'),
      listed('v1.CSINode', '/apis/storage.k8s.io/v1/csinodes'),
      listed('v1.CSIDriver', '/apis/storage.k8s.io/v1/csidrivers'),
      listed('v1.CSIStorageCapacity', '/apis/storage.k8s.io/v1/csistoragecapacities'),
    ],
  ],
};

/**
 * It looks for its lock first, every `--leader-elect-retry-period` and up to 1.2 times as long again, and then follows all that it rules:
 * here some of what nobody else may list.
 */
export const CONTROLLER_MANAGER_ACCESS: ProgramRow = {
  name: 'kube-controller-manager',
  kubeconfig: '/etc/kubernetes/controller-manager.conf',
  electsFirst: true,
  wait: () => 3000,
  asks: [
    [leaderLock('kube-controller-manager')],
    [
      listed('v1.Secret', '/api/v1/secrets'),
      listed('v1.ServiceAccount', '/api/v1/serviceaccounts'),
      listed('v1.ConfigMap', '/api/v1/configmaps'),
      listed('v1.Pod', '/api/v1/pods'),
      listed('v1.Node', '/api/v1/nodes'),
      listed('v1.Deployment', '/apis/apps/v1/deployments'),
      listed('v1.ReplicaSet', '/apis/apps/v1/replicasets'),
      listed('v1.DaemonSet', '/apis/apps/v1/daemonsets'),
      listed('v1.Job', '/apis/batch/v1/jobs'),
      listed('v1.EndpointSlice', '/apis/discovery.k8s.io/v1/endpointslices'),
    ],
  ],
};
