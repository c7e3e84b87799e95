import type { KubeObject } from '../../object.ts';
import type { Column } from '../resource.ts';
import { AGE, NAME, column, joined, labelSelectorText, labelsText } from './column.ts';
import { ageOf, humanDuration } from './duration.ts';

interface Template {
  metadata?: { labels?: Record<string, string> };
  spec: { containers: { name: string; image?: string }[]; nodeSelector?: Record<string, string> };
}

type Selector = Parameters<typeof labelSelectorText>[0];

interface Workload {
  spec: { replicas?: number; selector?: Selector; template: Template };
  status?: {
    replicas?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
    availableReplicas?: number;
    desiredNumberScheduled?: number;
    currentNumberScheduled?: number;
    numberReady?: number;
    updatedNumberScheduled?: number;
    numberAvailable?: number;
  };
}

const integer = { type: 'integer' } as const;
const wide = { wide: true } as const;

/** Names, images and selector of a pod template, shown with `-o wide`. */
const templateColumns = <T>(templateOf: (object: T) => Template, selectorText: (object: T) => string): Column[] => [
  column<T>('Containers', (object) => joined(templateOf(object).spec.containers.map(({ name }) => name)), wide),
  column<T>('Images', (object) => joined(templateOf(object).spec.containers.map(({ image }) => image ?? '')), wide),
  column<T>('Selector', selectorText, wide),
];

const ofWorkload = templateColumns<Workload>(
  ({ spec }) => spec.template,
  ({ spec }) => labelSelectorText(spec.selector),
);

export const DEPLOYMENT_COLUMNS: readonly Column[] = [
  NAME,
  column<Workload>('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`, {
    description: 'Number of the pod with ready state',
  }),
  column<Workload>('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
  column<Workload>('Available', ({ status }) => status?.availableReplicas ?? 0),
  AGE,
  ...ofWorkload,
];

export const REPLICA_SET_COLUMNS: readonly Column[] = [
  NAME,
  column<Workload>('Desired', ({ spec }) => spec.replicas ?? 0, integer),
  column<Workload>('Current', ({ status }) => status?.replicas ?? 0, integer),
  column<Workload>('Ready', ({ status }) => status?.readyReplicas ?? 0, integer),
  AGE,
  ...ofWorkload,
];

interface ReplicationController extends Omit<Workload, 'spec'> {
  spec: { replicas?: number; selector?: Record<string, string>; template: Template };
}

export const REPLICATION_CONTROLLER_COLUMNS: readonly Column[] = [
  ...REPLICA_SET_COLUMNS.slice(0, 5),
  ...templateColumns<ReplicationController>(
    ({ spec }) => spec.template,
    ({ spec }) => labelsText(spec.selector),
  ),
];

export const STATEFUL_SET_COLUMNS: readonly Column[] = [
  NAME,
  column<Workload>('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
  AGE,
  ...ofWorkload.slice(0, 2),
];

export const DAEMON_SET_COLUMNS: readonly Column[] = [
  NAME,
  column<Workload>('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0, integer),
  column<Workload>('Current', ({ status }) => status?.currentNumberScheduled ?? 0, integer),
  column<Workload>('Ready', ({ status }) => status?.numberReady ?? 0, integer),
  column<Workload>('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0, integer),
  column<Workload>('Available', ({ status }) => status?.numberAvailable ?? 0, integer),
  column<Workload>('Node Selector', ({ spec }) => labelsText(spec.template.spec.nodeSelector)),
  AGE,
  ...ofWorkload,
];

interface Job {
  metadata: { deletionTimestamp?: string };
  spec: { completions?: number; parallelism?: number; suspend?: boolean; selector?: Selector; template: Template };
  status?: {
    active?: number;
    succeeded?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: { type: string; status: string }[];
  };
}

function jobStatus({ metadata, status }: Job): string {
  const holds = (type: string): boolean =>
    (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  if (holds('SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

function jobCompletions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

export const JOB_COLUMNS: readonly Column[] = [
  NAME,
  column<Job>('Status', jobStatus),
  column<Job>('Completions', jobCompletions),
  column<Job>('Duration', ({ status }, now) => {
    if (status?.startTime === undefined) return '';
    const end = status.completionTime === undefined ? now : Date.parse(status.completionTime);
    return humanDuration(end - Date.parse(status.startTime));
  }),
  AGE,
  ...templateColumns<Job>(
    ({ spec }) => spec.template,
    ({ spec }) => labelSelectorText(spec.selector),
  ),
];

interface CronJob {
  spec: { schedule: string; timeZone?: string; suspend?: boolean; jobTemplate: { spec: Job['spec'] } };
  status?: { active?: unknown[]; lastScheduleTime?: string };
}

export const CRON_JOB_COLUMNS: readonly Column[] = [
  NAME,
  column<CronJob>('Schedule', ({ spec }) => spec.schedule),
  column<CronJob>('Timezone', ({ spec }) => spec.timeZone ?? '<none>'),
  column<CronJob>('Suspend', ({ spec }) => (spec.suspend === true ? 'True' : 'False'), { type: 'boolean' }),
  column<CronJob>('Active', ({ status }) => status?.active?.length ?? 0, integer),
  column<CronJob>('Last Schedule', ({ status }, now) =>
    status?.lastScheduleTime === undefined ? '<none>' : ageOf(status.lastScheduleTime, now),
  ),
  AGE,
  ...templateColumns<CronJob>(
    ({ spec }) => spec.jobTemplate.spec.template,
    ({ spec }) => labelSelectorText(spec.jobTemplate.spec.selector),
  ),
];

export const POD_TEMPLATE_COLUMNS: readonly Column[] = [
  NAME,
  column<KubeObject & { template: Template }>('Containers', ({ template }) =>
    joined(template.spec.containers.map(({ name }) => name)),
  ),
  column<KubeObject & { template: Template }>('Images', ({ template }) =>
    joined(template.spec.containers.map(({ image }) => image ?? '')),
  ),
  column<KubeObject & { template: Template }>('Pod Labels', ({ template }) => labelsText(template.metadata?.labels)),
];

interface ControllerRevision extends KubeObject {
  revision: number;
}

export const CONTROLLER_REVISION_COLUMNS: readonly Column[] = [
  NAME,
  column<ControllerRevision>('Controller', ({ metadata }) => {
    const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller === true);
    if (owner === undefined) return '<none>';
    const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
    return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
  }),
  column<ControllerRevision>('Revision', ({ revision }) => revision, integer),
  AGE,
];

interface HorizontalPodAutoscaler {
  spec: {
    scaleTargetRef: { kind: string; name: string };
    minReplicas?: number;
    maxReplicas: number;
    metrics?: {
      type: string;
      resource?: { name: string; target: { averageUtilization?: number; averageValue?: string } };
    }[];
  };
  status?: {
    currentReplicas?: number;
    currentMetrics?: {
      type: string;
      resource?: { name: string; current: { averageUtilization?: number; averageValue?: string } };
    }[];
  };
}

/** printers.go formatHPAMetrics for resource metrics; the only kind this cluster's autoscaler knows. */
function targetsText({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const shown = metrics.slice(0, 2).map((metric, i) => {
    if (metric.type !== 'Resource' || metric.resource === undefined) return '<unknown>';
    const { name, target } = metric.resource;
    const current = status?.currentMetrics?.[i]?.resource?.current;
    if (target.averageValue !== undefined)
      return `${name}: ${current?.averageValue ?? '<unknown>'}/${target.averageValue}`;
    const now = current?.averageUtilization === undefined ? '<unknown>' : `${current.averageUtilization}%`;
    const wanted = target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
    return `${name}: ${now}/${wanted}`;
  });
  return metrics.length > 2 ? `${shown.join(', ')} + ${metrics.length - 2} more...` : shown.join(', ');
}

export const HORIZONTAL_POD_AUTOSCALER_COLUMNS: readonly Column[] = [
  NAME,
  column<HorizontalPodAutoscaler>('Reference', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
  column<HorizontalPodAutoscaler>('Targets', targetsText),
  column<HorizontalPodAutoscaler>('MinPods', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
  column<HorizontalPodAutoscaler>('MaxPods', ({ spec }) => spec.maxReplicas),
  column<HorizontalPodAutoscaler>('Replicas', ({ status }) => status?.currentReplicas ?? 0),
  AGE,
];
