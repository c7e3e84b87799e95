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
import { podTemplateWarnings, statefulSetWarnings, workloadWarnings } from '../validation/workloads/warnings.ts';
import { checkedBy } from '../validation/hook.ts';
import { sameValue } from '../validation/immutable.ts';
import {
  validateDaemonSet,
  validateDaemonSetStatus,
  validateDaemonSetUpdate,
  validateDeployment,
  validateDeploymentStatus,
  validateDeploymentUpdate,
  validateReplicaSet,
  validateReplicaSetStatus,
  validateReplicaSetUpdate,
} from '../validation/workloads/deployments.ts';
import {
  validateReplicationController,
  validateReplicationControllerStatus,
} from '../validation/workloads/replication-controllers.ts';
import {
  validateRevision,
  validateStatefulSet,
  validateStatefulSetStatus,
  validateStatefulSetUpdate,
} from '../validation/workloads/stateful-sets.ts';

/** pkg/registry/apps/deployment/strategy.go. */
export const DEPLOYMENT: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultDeployment(draft as Deployment),
  prepareForCreate: (draft) => void (draft['status'] = {}),
  ...checkedBy<Deployment>({
    create: validateDeployment,
    update: validateDeploymentUpdate,
    parts: { status: validateDeploymentStatus },
  }),
  warnings: workloadWarnings,
};

/** pkg/registry/apps/replicaset/strategy.go. */
export const REPLICA_SET: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultReplicaSet(draft as ReplicaSet),
  prepareForCreate: (draft) => void (draft['status'] = { replicas: 0 }),
  ...checkedBy<ReplicaSet>({
    create: validateReplicaSet,
    update: validateReplicaSetUpdate,
    parts: { status: validateReplicaSetStatus },
  }),
  warnings: workloadWarnings,
};

/** How often the template has changed; extensions/v1beta1 had a field for it. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** pkg/registry/apps/daemonset/strategy.go. */
export const DAEMON_SET: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultDaemonSet(draft as DaemonSet),
  prepareForCreate(draft) {
    draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: '1' };
    draft['status'] = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  },
  prepareForUpdate(draft, old, { subresource }) {
    if (subresource !== '') return;
    const [{ spec }, { spec: before }] = [draft as DaemonSet, old as DaemonSet];
    const generation = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1');
    const next = sameValue(spec.template, before.template) ? generation : generation + 1;
    draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: String(next) };
  },
  ...checkedBy<DaemonSet>({
    create: validateDaemonSet,
    update: validateDaemonSetUpdate,
    parts: { status: validateDaemonSetStatus },
  }),
  warnings: podTemplateWarnings,
};

/** pkg/registry/apps/statefulset/strategy.go. */
export const STATEFUL_SET: Partial<Strategy> = {
  generation: true,
  name: 'label',
  defaults: (draft) => defaultStatefulSet(draft as StatefulSet),
  prepareForCreate(draft) {
    draft['status'] = { replicas: 0, availableReplicas: 0 };
    dropDisabledFields(draft as StatefulSet);
  },
  prepareForUpdate: (draft) => dropDisabledFields(draft as StatefulSet),
  ...checkedBy<StatefulSet>({
    create: validateStatefulSet,
    update: validateStatefulSetUpdate,
    parts: { status: validateStatefulSetStatus },
  }),
  warnings: statefulSetWarnings,
};

/** dropStatefulSetDisabledFields: the gate MaxUnavailableStatefulSet is off by default in 1.36. */
function dropDisabledFields({ spec }: StatefulSet): void {
  delete spec?.updateStrategy?.rollingUpdate?.maxUnavailable;
}

/** pkg/registry/core/replicationcontroller/strategy.go. */
export const REPLICATION_CONTROLLER: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultReplicationController(draft as ReplicationController),
  prepareForCreate: (draft) => void (draft['status'] = { replicas: 0 }),
  ...checkedBy<ReplicationController>({
    create: validateReplicationController,
    parts: { status: validateReplicationControllerStatus },
  }),
  warnings: workloadWarnings,
};

export const CONTROLLER_REVISION: Partial<Strategy> = checkedBy<ControllerRevision>({
  create: (revision, found) => validateRevision(revision, undefined, found),
  update: validateRevision,
});
