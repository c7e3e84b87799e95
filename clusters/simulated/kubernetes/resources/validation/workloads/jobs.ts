import type { Container, Job, JobSpec, PodSpec, PodTemplateSpec } from '../../../model/generated/objects.ts';
import { matchesLabelSelector } from '../../../model/labels.ts';
import { dns1123LabelErrors } from '../../../model/names.ts';
import { invalid, notSupported, required, tooLong, type Findings } from '../field-errors.ts';
import { immutable, sameValue } from '../immutable.ts';
import { internalValue } from '../internal-values.ts';
import { isUsableSelector, validateLabelSelector } from '../labels.ts';
import { validateNonNegative } from '../numbers.ts';
import { validatePodTemplate } from '../pods/pod-spec.ts';
import { validateDomainPath } from '../qualified.ts';
import { templateOf } from './deployments.ts';
import { validateFailurePolicy, validateReplacement, validateSuccessPolicy } from './job-policies.ts';
import { MISMATCH } from './selectors.ts';

/** ValidateJob of pkg/apis/batch/validation. */
export function validateJob(job: Job, found: Findings): void {
  validateGeneratedSelector(job, found);
  validateJobSpec(job.spec, 'spec', found);
  const { selector, completionMode, completions } = job.spec;
  if (!selector) found.push(required('spec.selector'));
  else validateLabelSelector(selector, 'spec.selector', found);
  const labels = job.spec.template?.metadata?.labels;
  if (isUsableSelector(selector) && !matchesLabelSelector(selector, labels)) {
    found.push(invalid('spec.template.metadata.labels', labels, MISMATCH));
  }
  if (completionMode !== 'Indexed' || completions === undefined || completions <= 0) return;
  const hostname = `${job.metadata.name}-${completions - 1}`;
  if (dns1123LabelErrors(hostname).length > 0) {
    const why = `will not able to create pod with invalid DNS label: ${hostname}`;
    found.push(invalid('metadata.name', job.metadata.name, why));
  }
}

/** validateGeneratedSelector: the labels that the server made are there, and nothing contradicts them. */
function validateGeneratedSelector({ metadata, spec }: Job, found: Findings): void {
  if (spec.manualSelector === true || !spec.selector) return;
  // The server gives the uid before it makes the selector, but checks come before it gives it here.
  const uid = spec.selector.matchLabels?.['batch.kubernetes.io/controller-uid'] ?? metadata.uid ?? '';
  const expected: Record<string, string> = {
    'controller-uid': uid,
    'job-name': metadata.name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': metadata.name,
  };
  const labels = spec.template?.metadata?.labels ?? {};
  for (const [key, value] of Object.entries(expected)) {
    const field = `spec.template.metadata.labels[${key}]`;
    if (labels[key] === undefined) found.push(required(field, `must be '${value}'`));
    else if (labels[key] !== value) found.push(invalid(field, labels, `must be '${value}'`));
  }
  if (isUsableSelector(spec.selector) && !matchesLabelSelector(spec.selector, expected)) {
    found.push(invalid('spec.selector', spec.selector, '`selector` not auto-generated'));
  }
}

const LONGEST_MANAGER = 63;
const MOST_INDEXES = 100_000;
const MOST_FOR_MANY = 10_000;

/** validateJobSpec, which job templates share. */
export function validateJobSpec(spec: JobSpec, path: string, found: Findings): void {
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
  ] as const) {
    validateNonNegative(spec[field], `${path}.${field}`, found);
  }
  const { maxFailedIndexes, backoffLimitPerIndex, managedBy, podFailurePolicy } = spec;
  validateNonNegative(maxFailedIndexes, `${path}.maxFailedIndexes`, found);
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    found.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  if (managedBy !== undefined) {
    validateDomainPath(managedBy, `${path}.managedBy`, found);
    if (Buffer.byteLength(managedBy) > LONGEST_MANAGER) found.push(tooLong(`${path}.managedBy`, LONGEST_MANAGER));
  }
  validateMode(spec, path, found);
  if (podFailurePolicy) validateFailurePolicy(spec, `${path}.podFailurePolicy`, found);
  if (spec.successPolicy) validateSuccessPolicy(spec, `${path}.successPolicy`, found);
  validateReplacement(spec, `${path}.podReplacementPolicy`, found);
  const template = templateOf(spec);
  validatePodTemplate(template, `${path}.template`, found);
  validateRestartPolicy(template, podFailurePolicy !== undefined, `${path}.template.spec.restartPolicy`, found);
}

function validateMode(spec: JobSpec, path: string, found: Findings): void {
  const { completionMode: mode, completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const most = (field: string, value: number, limit: number, why = ''): void => {
    if (value > limit) found.push(invalid(`${path}.${field}`, value, `must be less than or equal to ${limit}${why}`));
  };
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') {
    found.push(notSupported(`${path}.completionMode`, mode, ['NonIndexed', 'Indexed']));
  }
  if (mode === 'Indexed') {
    if (completions === undefined) found.push(required(`${path}.completions`, 'when completion mode is Indexed'));
    most('parallelism', parallelism, MOST_INDEXES, ' when completion mode is Indexed');
    if (maxFailedIndexes !== undefined) {
      if (completions !== undefined && maxFailedIndexes > completions) {
        found.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'));
      }
      most('maxFailedIndexes', maxFailedIndexes, MOST_INDEXES);
    }
    if ((completions ?? 0) > MOST_INDEXES && backoffLimitPerIndex !== undefined) {
      const many = ` when completions are above ${MOST_INDEXES} and used with backoff limit per index`;
      if (maxFailedIndexes === undefined) {
        found.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MOST_INDEXES}`));
      }
      most('parallelism', parallelism, MOST_FOR_MANY, many);
      most('maxFailedIndexes', maxFailedIndexes ?? 0, MOST_FOR_MANY, many);
    }
  } else if (mode === undefined || mode === 'NonIndexed') {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (spec[field] !== undefined)
        found.push(invalid(`${path}.${field}`, spec[field], 'requires indexed completion mode'));
    }
  }
}

function validateRestartPolicy(
  { spec }: PodTemplateSpec,
  hasFailurePolicy: boolean,
  field: string,
  found: Findings,
): void {
  const policy = spec.restartPolicy;
  if (!policy || policy === 'Always') found.push(required(field, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never')
    found.push(notSupported(field, policy, ['OnFailure', 'Never']));
  else if (hasFailurePolicy && policy !== 'Never') {
    found.push(invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified'));
  }
}

const TEMPLATE = 'io.k8s.api.core.v1.PodTemplateSpec';
const POD = 'io.k8s.api.core.v1.PodSpec';

/** pkg/registry/batch/job/strategy.go ValidateUpdate: what holds for a new one, then ValidateJobSpecUpdate. */
export function validateJobUpdate(job: Job, old: Job, found: Findings): void {
  validateJob(job, found);
  const { spec } = job;
  validateCompletions(spec, old.spec, found);
  immutable(spec.selector, old.spec.selector, 'spec.selector', found);
  validateTemplateUpdate(job, old, found);
  immutable(spec.completionMode, old.spec.completionMode, 'spec.completionMode', found);
  for (const field of ['podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const) {
    immutable(spec[field], old.spec[field], `spec.${field}`, found);
  }
}

/** validatePodTemplateUpdate: a suspended Job may be told what its pods need, and until it has started once, where they run. */
function validateTemplateUpdate({ spec: { template } }: Job, old: Job, found: Findings): void {
  const suspended = old.spec.suspend === true;
  const waiting = suspended && old.status?.startTime === undefined;
  const before = waiting ? withSchedulingOf(old.spec.template, template) : old.spec.template;
  if (!suspended) immutable(template, before, 'spec.template', found, internalValue(template, TEMPLATE));
  else {
    const shown = internalValue(template.spec, POD);
    immutable(template.spec, withResourcesOf(before.spec, template.spec), 'spec.template.spec', found, shown);
  }
}

function validateCompletions(spec: JobSpec, old: JobSpec, found: Findings): void {
  if (spec.completionMode !== 'Indexed') return immutable(spec.completions, old.completions, 'spec.completions', found);
  if (sameValue(spec.completions, old.completions) || spec.completions === undefined) return;
  if (spec.completions !== spec.parallelism) {
    found.push(invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism'));
  }
}

/** What AllowMutableSchedulingDirectives lets through: of the affinity, only the one to nodes. */
function withSchedulingOf(old: PodTemplateSpec, now: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates, affinity } = now.spec;
  const { nodeAffinity: _, ...others } = old.spec.affinity ?? {};
  const merged = { ...others, ...(affinity?.nodeAffinity && { nodeAffinity: affinity.nodeAffinity }) };
  return {
    ...(now.metadata === undefined ? {} : { metadata: now.metadata }),
    spec: withDefined(old.spec, { nodeSelector, tolerations, schedulingGates, affinity: affinity && merged }),
  };
}

/** validatePodResourceUpdatesOnly: containers of the same name in the same place may ask for something else. */
function withResourcesOf(old: PodSpec, now: PodSpec): PodSpec {
  const same = (before: readonly Container[] = [], after: readonly Container[] = []): Container[] =>
    before.map((container, i) => {
      const other = before.length === after.length ? after[i] : undefined;
      return other?.name === container.name ? withDefined(container, { resources: other.resources }) : container;
    });
  return withDefined(old, {
    containers: same(old.containers, now.containers),
    initContainers: old.initContainers && same(old.initContainers, now.initContainers),
  });
}

/** The fields given over those of the object; what is undefined is left out. */
function withDefined<T extends object>(object: T, fields: { readonly [F in keyof T]?: T[F] | undefined }): T {
  const copy = { ...object, ...fields };
  for (const name in copy) if (copy[name] === undefined) delete copy[name];
  return copy;
}
