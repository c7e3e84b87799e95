import type {
  ControllerRevision,
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
import { checkedBy } from '../validation/hook.ts';
import {
  validateDaemonSet,
  validateDaemonSetUpdate,
  validateDeployment,
  validateDeploymentUpdate,
  validateReplicaSet,
  validateReplicaSetUpdate,
  validateReplicationController,
} from '../validation/workloads/deployments.ts';
import {
  validateRevision,
  validateStatefulSet,
  validateStatefulSetUpdate,
} from '../validation/workloads/stateful-sets.ts';

/** pkg/registry/apps/deployment/strategy.go. */
export const DEPLOYMENT: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultDeployment(draft as Deployment),
  prepareForCreate: (draft) => void (draft['status'] = {}),
  ...checkedBy<Deployment>({ create: validateDeployment, update: validateDeploymentUpdate }),
};

/** pkg/registry/apps/replicaset/strategy.go. */
export const REPLICA_SET: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultReplicaSet(draft as ReplicaSet),
  prepareForCreate: (draft) => void (draft['status'] = { replicas: 0 }),
  ...checkedBy<ReplicaSet>({ create: validateReplicaSet, update: validateReplicaSetUpdate }),
};

/** pkg/registry/apps/daemonset/strategy.go. */
export const DAEMON_SET: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultDaemonSet(draft as DaemonSet),
  prepareForCreate(draft) {
    draft['status'] = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  },
  ...checkedBy<DaemonSet>({ create: validateDaemonSet, update: validateDaemonSetUpdate }),
};

/** pkg/registry/apps/statefulset/strategy.go. */
export const STATEFUL_SET: Partial<Strategy> = {
  generation: true,
  name: 'label',
  defaults: (draft) => defaultStatefulSet(draft as StatefulSet),
  prepareForCreate: (draft) => void (draft['status'] = { replicas: 0, availableReplicas: 0 }),
  ...checkedBy<StatefulSet>({ create: validateStatefulSet, update: validateStatefulSetUpdate }),
};

/** pkg/registry/core/replicationcontroller/strategy.go. */
export const REPLICATION_CONTROLLER: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultReplicationController(draft as ReplicationController),
  prepareForCreate: (draft) => void (draft['status'] = { replicas: 0 }),
  ...checkedBy<ReplicationController>({ create: validateReplicationController }),
};

export const CONTROLLER_REVISION: Partial<Strategy> = checkedBy<ControllerRevision>({
  create: (revision, found) => validateRevision(revision, undefined, found),
  update: validateRevision,
});
