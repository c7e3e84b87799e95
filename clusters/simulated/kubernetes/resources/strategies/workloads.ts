import type {
  DaemonSet,
  Deployment,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../../model/generated/objects.ts';
import {
  defaultDaemonSet,
  defaultDeployment,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
} from '../defaults/workloads.ts';
import type { Strategy } from '../resource.ts';

/** pkg/registry/apps/deployment/strategy.go. */
export const DEPLOYMENT: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultDeployment(draft as Deployment),
  prepareForCreate: (draft) => void (draft['status'] = {}),
};

/** pkg/registry/apps/replicaset/strategy.go. */
export const REPLICA_SET: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultReplicaSet(draft as ReplicaSet),
  prepareForCreate: (draft) => void (draft['status'] = { replicas: 0 }),
};

/** pkg/registry/apps/daemonset/strategy.go. */
export const DAEMON_SET: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultDaemonSet(draft as DaemonSet),
  prepareForCreate(draft) {
    draft['status'] = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  },
};

/** pkg/registry/apps/statefulset/strategy.go. */
export const STATEFUL_SET: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultStatefulSet(draft as StatefulSet),
  prepareForCreate: (draft) => void (draft['status'] = { replicas: 0, availableReplicas: 0 }),
};

/** pkg/registry/core/replicationcontroller/strategy.go. */
export const REPLICATION_CONTROLLER: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultReplicationController(draft as ReplicationController),
  prepareForCreate: (draft) => void (draft['status'] = { replicas: 0 }),
};

export const CONTROLLER_REVISION: Partial<Strategy> = {};
