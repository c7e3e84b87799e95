import type {
  ControllerRevision,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetSpec,
  Volume,
} from '../../../model/generated/objects.ts';
import { dns1123LabelErrors } from '../../../model/names.ts';
import { validateClaimSpec } from '../claims.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { immutable, sameValue } from '../immutable.ts';
import { isUsableSelector } from '../labels.ts';
import { countOrPercent, validateAtMost100Percent, validateCountOrPercent, validateNonNegative } from '../numbers.ts';
import { validatePodTemplate } from '../pods/pod-spec.ts';
import { statusCheck } from '../statuses.ts';
import { templateOf } from './deployments.ts';
import { validateLongRunning, validateMatch, validateOwnSelector } from './selectors.ts';

/** StatefulSetValidationOptions: what an update forgives of a set that was stored before it was checked. */
interface Leniency {
  readonly serviceName: boolean;
  readonly template: boolean;
}

/** ValidateStatefulSet of pkg/apis/apps/validation. */
export const validateStatefulSet = (set: StatefulSet, found: Findings): void =>
  validateSpec(set.spec, { serviceName: false, template: false }, found);

function validateSpec(spec: StatefulSetSpec, lenient: Leniency, found: Findings): void {
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
  if (spec.serviceName && !lenient.serviceName) {
    addTexts(found, 'spec.serviceName', spec.serviceName, dns1123LabelErrors(spec.serviceName));
  }
  validateOwnSelector(spec.selector, 'statefulset', found);
  const template = templateOf(spec);
  if (!isUsableSelector(spec.selector)) found.push(invalid('spec.selector', spec.selector, ''));
  else {
    validateMatch(spec.selector, template, found);
    if (!lenient.template) validatePodTemplate(withClaims(template, spec), 'spec.template', found);
  }
  validateLongRunning(template, 'StatefulSet', found);
  if (lenient.template) return;
  for (const [i, claim] of (spec.volumeClaimTemplates ?? []).entries()) {
    validateClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}].spec`, found);
  }
}

/** volumesToAddForTemplates: each claim is a volume of its name, so that containers may mount it, and hides one of the template's. */
function withClaims(template: PodTemplateSpec, { volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? ''));
  const claims = [...names].map((name): Volume => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name));
  return { ...template, spec: { ...template.spec, volumes: [...claims, ...others] } };
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
  const stored: Findings = [];
  validateSpec(old.spec, { serviceName: true, template: false }, stored);
  validateSpec(set.spec, { serviceName: true, template: stored.length > 0 }, found);
  const after: Partial<StatefulSetSpec> = { ...set.spec };
  const before: Partial<StatefulSetSpec> = { ...old.spec };
  for (const field of MUTABLE) {
    delete after[field];
    delete before[field];
  }
  if (!sameValue(after, before)) found.push(forbidden('spec', FROZEN));
}

const PODS = 'status.replicas';

/** ValidateStatefulSetStatusUpdate */
export const validateStatefulSetStatus = statusCheck<StatefulSet>({
  counts: [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
    'observedGeneration',
    'collisionCount',
  ],
  most: [
    ['readyReplicas', 'replicas', PODS],
    ['currentReplicas', 'replicas', PODS],
    ['updatedReplicas', 'replicas', PODS],
    ['availableReplicas', 'replicas', PODS],
    ['availableReplicas', 'readyReplicas', 'status.readyReplicas'],
  ],
  grows: 'collisionCount',
});

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
