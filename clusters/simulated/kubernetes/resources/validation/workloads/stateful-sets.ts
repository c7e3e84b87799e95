import type { ControllerRevision, StatefulSet, StatefulSetSpec } from '../../../model/generated/objects.ts';
import { forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { immutable, sameValue } from '../immutable.ts';
import { isUsableSelector, validateAnnotations, validateLabels } from '../labels.ts';
import { countOrPercent, validateAtMost100Percent, validateCountOrPercent, validateNonNegative } from '../numbers.ts';
import { validatePodAnnotations } from '../pods/pod-annotations.ts';
import { templateOf } from './deployments.ts';
import { validateLongRunning, validateMatch, validateOwnSelector } from './selectors.ts';

/**
 * ValidateStatefulSetSpec of pkg/apis/apps/validation. The pod's spec is not looked into: its mounts may name claims, so upstream leaves
 * it to the pods.
 */
export function validateStatefulSet({ spec }: StatefulSet, found: Findings): void {
  const { podManagementPolicy: policy } = spec;
  if (!policy) found.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    found.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  }
  validateStrategy(spec, found);
  const { persistentVolumeClaimRetentionPolicy: retention } = spec;
  for (const when of ['whenDeleted', 'whenScaled'] as const) {
    const value = retention?.[when];
    if (retention && value !== 'Retain' && value !== 'Delete') {
      found.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, value ?? '', ['Retain', 'Delete']));
    }
  }
  validateNonNegative(spec.replicas, 'spec.replicas', found);
  validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', found);
  validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', found);
  validateNonNegative(spec.ordinals?.start, 'spec.ordinals.start', found);
  validateOwnSelector(spec.selector, 'statefulset', found);
  const template = templateOf(spec);
  if (!isUsableSelector(spec.selector)) found.push(invalid('spec.selector', spec.selector, ''));
  else {
    validateMatch(spec.selector, template, found);
    const { labels, annotations } = template.metadata ?? {};
    validateLabels(labels, 'spec.template.labels', found);
    validateAnnotations(annotations, 'spec.template.annotations', found);
    validatePodAnnotations(annotations, template.spec, 'spec.template.annotations', found);
  }
  validateLongRunning(template, 'StatefulSet', found);
}

function validateStrategy({ updateStrategy = {} }: StatefulSetSpec, found: Findings): void {
  const { type, rollingUpdate } = updateStrategy;
  const at = 'spec.updateStrategy.rollingUpdate';
  const shown = rollingUpdate && {
    Partition: rollingUpdate.partition ?? 0,
    MaxUnavailable: rollingUpdate.maxUnavailable ?? null,
  };
  if (!type) found.push(required('spec.updateStrategy'));
  else if (type === 'OnDelete') {
    if (rollingUpdate) found.push(invalid(at, shown, "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (type === 'RollingUpdate') {
    if (!rollingUpdate) return;
    validateNonNegative(rollingUpdate.partition, `${at}.partition`, found);
    const { maxUnavailable } = rollingUpdate;
    if (maxUnavailable === undefined) return;
    validateCountOrPercent(maxUnavailable, `${at}.maxUnavailable`, found);
    if (countOrPercent(maxUnavailable) === 0)
      found.push(invalid(`${at}.maxUnavailable`, maxUnavailable, 'cannot be 0'));
    validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`, found);
  } else {
    const value = { Type: type, RollingUpdate: shown ?? null };
    found.push(invalid('spec.updateStrategy', value, "must be 'RollingUpdate' or 'OnDelete'"));
  }
}

const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;
const FROZEN =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** ValidateStatefulSetUpdate */
export function validateStatefulSetUpdate(set: StatefulSet, old: StatefulSet, found: Findings): void {
  validateStatefulSet(set, found);
  const after: Partial<StatefulSetSpec> = { ...set.spec };
  const before: Partial<StatefulSetSpec> = { ...old.spec };
  for (const field of MUTABLE) {
    delete after[field];
    delete before[field];
  }
  if (!sameValue(after, before)) found.push(forbidden('spec', FROZEN));
}

/** ValidateControllerRevision and ValidateControllerRevisionUpdate */
export function validateRevision(
  { data, revision }: ControllerRevision,
  old: ControllerRevision | undefined,
  found: Findings,
): void {
  if (data === undefined) found.push(required('data', 'data is mandatory'));
  validateNonNegative(revision, 'revision', found);
  if (old) immutable(data, old.data, 'data', found);
}
