import { POD_DISRUPTION_BUDGET_COLUMNS } from '../columns/cluster.ts';
import {
  CONTROLLER_REVISION_COLUMNS,
  CRON_JOB_COLUMNS,
  DAEMON_SET_COLUMNS,
  DEPLOYMENT_COLUMNS,
  HORIZONTAL_POD_AUTOSCALER_COLUMNS,
  JOB_COLUMNS,
  REPLICA_SET_COLUMNS,
  STATEFUL_SET_COLUMNS,
} from '../columns/workloads.ts';
import type { Resource } from '../resource.ts';
import { AUTOSCALER_V1, HORIZONTAL_POD_AUTOSCALER } from '../strategies/autoscaling.ts';
import { CRON_JOB, JOB } from '../strategies/batch.ts';
import { POD_DISRUPTION_BUDGET } from '../strategies/policy.ts';
import { CONTROLLER_REVISION, DAEMON_SET, DEPLOYMENT, REPLICA_SET, STATEFUL_SET } from '../strategies/workloads.ts';
import { SCALE, rowsOf, statusOf } from './row.ts';

const apps = rowsOf('apps', 'v1', 'io.k8s.api.apps.v1');
const batch = rowsOf('batch', 'v1', 'io.k8s.api.batch.v1');
const policy = rowsOf('policy', 'v1', 'io.k8s.api.policy.v1');
const autoscaling2 = rowsOf('autoscaling', 'v2', 'io.k8s.api.autoscaling.v2');
const autoscaling1 = rowsOf('autoscaling', 'v1', 'io.k8s.api.autoscaling.v1');

const all = ['all'];
const scaler = {
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  categories: all,
  subresources: [statusOf('HorizontalPodAutoscaler')],
};

/** pkg/registry/{apps,batch,policy,autoscaling}/rest. */
export const WORKLOAD_ROWS: readonly Resource[] = [
  apps({ kind: 'ControllerRevision', columns: CONTROLLER_REVISION_COLUMNS, strategy: CONTROLLER_REVISION }),
  apps({
    kind: 'DaemonSet',
    shortNames: ['ds'],
    categories: all,
    subresources: [statusOf('DaemonSet')],
    columns: DAEMON_SET_COLUMNS,
    strategy: DAEMON_SET,
  }),
  apps({
    kind: 'Deployment',
    shortNames: ['deploy'],
    categories: all,
    subresources: [SCALE, statusOf('Deployment')],
    columns: DEPLOYMENT_COLUMNS,
    strategy: DEPLOYMENT,
  }),
  apps({
    kind: 'ReplicaSet',
    shortNames: ['rs'],
    categories: all,
    subresources: [SCALE, statusOf('ReplicaSet')],
    columns: REPLICA_SET_COLUMNS,
    strategy: REPLICA_SET,
  }),
  apps({
    kind: 'StatefulSet',
    shortNames: ['sts'],
    categories: all,
    subresources: [SCALE, statusOf('StatefulSet')],
    columns: STATEFUL_SET_COLUMNS,
    strategy: STATEFUL_SET,
  }),
  batch({
    kind: 'CronJob',
    shortNames: ['cj'],
    categories: all,
    subresources: [statusOf('CronJob')],
    columns: CRON_JOB_COLUMNS,
    strategy: CRON_JOB,
  }),
  batch({
    kind: 'Job',
    categories: all,
    subresources: [statusOf('Job')],
    columns: JOB_COLUMNS,
    strategy: JOB,
  }),
  policy({
    kind: 'PodDisruptionBudget',
    shortNames: ['pdb'],
    subresources: [statusOf('PodDisruptionBudget')],
    columns: POD_DISRUPTION_BUDGET_COLUMNS,
    strategy: POD_DISRUPTION_BUDGET,
  }),
  autoscaling2({ ...scaler, columns: HORIZONTAL_POD_AUTOSCALER_COLUMNS, strategy: HORIZONTAL_POD_AUTOSCALER }),
  autoscaling1({ ...scaler, columns: HORIZONTAL_POD_AUTOSCALER_COLUMNS, conversion: AUTOSCALER_V1 }),
];
