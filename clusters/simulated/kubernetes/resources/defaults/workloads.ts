import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  JobSpec,
  PersistentVolume,
  PersistentVolumeClaim,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../../model/generated/objects.ts';
import { fill } from './fill.ts';
import { defaultPodSpec, defaultTemplate } from './pods.ts';

/** pkg/apis/apps/v1/defaults.go SetDefaults_Deployment. */
export function defaultDeployment({ spec }: Deployment): void {
  if (spec === undefined) return;
  fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
  spec.strategy ??= {};
  fill(spec.strategy, { type: 'RollingUpdate' });
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    fill(spec.strategy.rollingUpdate, { maxUnavailable: '25%', maxSurge: '25%' });
  }
  defaultTemplate(spec.template);
}

/** SetDefaults_ReplicaSet. */
export function defaultReplicaSet({ spec }: ReplicaSet): void {
  if (spec === undefined) return;
  fill(spec, { replicas: 1 });
  defaultTemplate(spec.template);
}

/** SetDefaults_DaemonSet. */
export function defaultDaemonSet({ spec }: DaemonSet): void {
  if (spec === undefined) return;
  fill(spec, { revisionHistoryLimit: 10 });
  spec.updateStrategy ??= {};
  fill(spec.updateStrategy, { type: 'RollingUpdate' });
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    fill(spec.updateStrategy.rollingUpdate, { maxUnavailable: 1, maxSurge: 0 });
  }
  defaultTemplate(spec.template);
}

/** SetDefaults_StatefulSet. */
export function defaultStatefulSet({ spec }: StatefulSet): void {
  if (spec === undefined) return;
  fill(spec, { podManagementPolicy: 'OrderedReady', replicas: 1, revisionHistoryLimit: 10 });
  spec.updateStrategy ??= {};
  fill(spec.updateStrategy, { type: 'RollingUpdate' });
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    fill(spec.updateStrategy.rollingUpdate, { partition: 0 });
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  fill(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: 'Retain', whenScaled: 'Retain' });
  for (const claim of spec.volumeClaimTemplates ?? []) {
    fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
    defaultClaim(claim);
  }
  defaultTemplate(spec.template);
}

/** pkg/apis/core/v1/defaults.go SetDefaults_ReplicationController: labels and selector come from the template. */
export function defaultReplicationController({ metadata, spec }: ReplicationController): void {
  if (spec === undefined) return;
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (metadata !== undefined && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
  fill(spec, { replicas: 1 });
  defaultTemplate(spec.template);
}

/** pkg/apis/batch/v1/defaults.go SetDefaults_Job. */
export function defaultJob({ metadata, spec }: Job): void {
  if (spec === undefined) return;
  if (spec.completions === undefined && spec.parallelism === undefined) fill(spec, { completions: 1, parallelism: 1 });
  fill(spec, {
    parallelism: 1,
    backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  const labels = spec.template?.metadata?.labels;
  if (labels !== undefined && metadata !== undefined && Object.keys(metadata.labels ?? {}).length === 0) {
    metadata.labels = { ...labels };
  }
  defaultJobTemplate(spec);
}

function defaultJobTemplate(spec: JobSpec | undefined): void {
  if (spec?.template?.spec !== undefined) defaultPodSpec(spec.template.spec);
  for (const rule of spec?.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) fill(pattern, { status: 'True' });
  }
}

/** SetDefaults_CronJob. */
export function defaultCronJob({ spec }: CronJob): void {
  if (spec === undefined) return;
  fill(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  defaultJobTemplate(spec.jobTemplate?.spec);
}

/** SetDefaults_PersistentVolumeClaim. */
export function defaultClaim(claim: PersistentVolumeClaim): void {
  if (claim.spec !== undefined) fill(claim.spec, { volumeMode: 'Filesystem' });
  claim.status ??= {};
  fill(claim.status, { phase: 'Pending' });
}

/** SetDefaults_PersistentVolume. */
export function defaultVolume({ spec }: PersistentVolume): void {
  if (spec === undefined) return;
  fill(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
  if (spec.hostPath !== undefined) fill(spec.hostPath, { type: '' });
}
