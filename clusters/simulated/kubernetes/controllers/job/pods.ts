import type { Job, Pod } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { podFrom } from '../pods.ts';
import { INDEX } from './indexes.ts';

/** Holds a pod until its Job has counted it. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

/** How often an index has failed, on the pods of Jobs that count so. */
const FAILURES = 'batch.kubernetes.io/job-index-failure-count';

/**
 * A pod of the Job, for a completion index if it has those (job_controller.go manageJob, indexed_job_utils.go). `failures` of that index
 * so far are noted where the Job limits them.
 */
export function jobPod(job: Job, index: number | undefined, failures = 0): KubeObject {
  const pod = podFrom(job.spec.template, job) as Pod;
  pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), TRACKING];
  if (index === undefined) return pod;
  const { name } = job.metadata;
  pod.metadata.generateName = `${name}-${index}-`;
  const counted = job.spec.backoffLimitPerIndex === undefined ? {} : { [FAILURES]: String(failures) };
  pod.metadata.annotations = { ...pod.metadata.annotations, [INDEX]: String(index), ...counted };
  pod.metadata.labels = { ...pod.metadata.labels, [INDEX]: String(index) };
  pod.spec.hostname ??= `${name}-${index}`;
  const fieldPath = `metadata.labels['${INDEX}']`;
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } };
  for (const container of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])]) {
    const known = (container.env ?? []).some((one) => one.name === variable.name);
    if (!known) container.env = [...(container.env ?? []), variable];
  }
  return pod;
}
