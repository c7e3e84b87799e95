import type { CronJob, Job } from '../../model/generated/objects.ts';
import { defaultCronJob, defaultJob } from '../defaults/workloads.ts';
import type { Strategy } from '../resource.ts';
import { checkedBy, withSpec } from '../validation/hook.ts';
import { validateCronJob, validateCronJobUpdate } from '../validation/workloads/cron-jobs.ts';
import { templateWarnings } from '../validation/pods/warnings.ts';
import { workloadWarnings } from '../validation/workloads/warnings.ts';
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
    spec.selector.matchLabels = { ...spec.selector.matchLabels, 'batch.kubernetes.io/controller-uid': uid };
    spec.template.metadata ??= {};
    spec.template.metadata.labels = {
      ...spec.template.metadata.labels,
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': metadata?.name ?? '',
      'controller-uid': uid,
      'job-name': metadata?.name ?? '',
    };
  },
  ...checkedBy<Job>({ create: validateJob, update: validateJobUpdate }),
  warnings: workloadWarnings,
};

/** pkg/registry/batch/cronjob/strategy.go. */
export const CRON_JOB: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => defaultCronJob(draft as CronJob),
  prepareForCreate: (draft) => void (draft['status'] = {}),
  ...checkedBy<CronJob>({ create: validateCronJob, update: validateCronJobUpdate }),
  warnings(draft) {
    const { jobTemplate } = withSpec(draft)['spec'] as Partial<CronJob['spec']>;
    return templateWarnings(jobTemplate?.spec?.template, 'spec.jobTemplate.spec.template');
  },
};
