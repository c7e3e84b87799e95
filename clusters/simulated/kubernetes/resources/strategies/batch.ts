import type { CronJob, Job, JobSpec } from '../../model/generated/objects.ts';
import { defaultCronJob, defaultJob } from '../defaults/workloads.ts';
import type { Strategy } from '../resource.ts';
import { checkedBy, withSpec } from '../validation/hook.ts';
import { validateCronJob, validateCronJobUpdate } from '../validation/workloads/cron-jobs.ts';
import { validateJobStatus } from '../validation/workloads/job-status.ts';
import { isUnchanged, jobSpecWarnings, nameWarnings } from '../validation/workloads/warnings.ts';
import { validateJob, validateJobUpdate } from '../validation/workloads/jobs.ts';

/**
 * pkg/registry/batch/job/strategy.go: unless `manualSelector`, the selector and the template's labels are made from the
 * Job's uid, so that two Jobs never count each other's pods.
 */
export const JOB: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultJob(draft as Job),
  prepareForCreate(draft) {
    const { metadata, spec } = draft as Job;
    draft['status'] = {};
    if (spec?.template === undefined || spec.manualSelector === true) return;
    const uid = metadata?.uid ?? '';
    spec.selector ??= {};
    spec.selector.matchLabels = { 'batch.kubernetes.io/controller-uid': uid, ...spec.selector.matchLabels };
    spec.template.metadata ??= {};
    // Labels that the client gave stay; validation refuses what contradicts the server.
    spec.template.metadata.labels = {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': metadata?.name ?? '',
      'controller-uid': uid,
      'job-name': metadata?.name ?? '',
      ...spec.template.metadata.labels,
    };
  },
  ...checkedBy<Job>({ create: validateJob, update: validateJobUpdate, parts: { status: validateJobStatus } }),
  warnings: (draft, old) => [
    ...nameWarnings(draft, old),
    ...(isUnchanged(draft, old) ? [] : jobSpecWarnings(withSpec(draft)['spec'] as Partial<JobSpec>, 'spec')),
  ],
};

/** pkg/registry/batch/cronjob/strategy.go. */
export const CRON_JOB: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultCronJob(draft as CronJob),
  prepareForCreate: (draft) => void (draft['status'] = {}),
  ...checkedBy<CronJob>({ create: validateCronJob, update: validateCronJobUpdate }),
  warnings(draft, old) {
    const { jobTemplate, schedule = '' } = withSpec(draft)['spec'] as Partial<CronJob['spec']>;
    return [
      ...nameWarnings(draft, old),
      ...(isUnchanged(draft, old) ? [] : jobSpecWarnings(jobTemplate?.spec ?? {}, 'spec.jobTemplate.spec')),
      ...(old !== undefined && schedule.includes('TZ') ? [ZONE_IN_SCHEDULE] : []),
    ];
  },
};

/** The doubled `spec` is upstream's. */
const ZONE_IN_SCHEDULE =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';
