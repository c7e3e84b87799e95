import type {
  DaemonSet,
  Deployment,
  DeploymentStrategy,
  PodTemplateSpec,
  ReplicaSet,
} from '../../../model/generated/objects.ts';
import { forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { isEmptySelector, isUsableSelector, validateLabelSelector } from '../labels.ts';
import { countOrPercent, validateAtMost100Percent, validateCountOrPercent, validateNonNegative } from '../numbers.ts';
import { validatePodTemplate } from '../pods/pod-spec.ts';
import { statusCheck } from '../statuses.ts';
import { validateLongRunning, validateMatch, validateOwnSelector, validateReplicaTemplate } from './selectors.ts';

/** ValidateDeploymentSpec of pkg/apis/apps/validation. */
export function validateDeployment({ spec }: Deployment, found: Findings): void {
  validateNonNegative(spec.replicas, 'spec.replicas', found);
  validateOwnSelector(spec.selector, 'deployment', found);
  validateReplicaTemplate(spec.selector, templateOf(spec), found);
  validateStrategy(spec.strategy ?? {}, found);
  validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', found);
  validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', found);
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  validateNonNegative(deadline, 'spec.progressDeadlineSeconds', found);
  if (deadline !== undefined && deadline <= minReadySeconds) {
    found.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  }
}

/** pkg/registry/apps/deployment/strategy.go ValidateUpdate: the selector stays what it was. */
export function validateDeploymentUpdate(deployment: Deployment, old: Deployment, found: Findings): void {
  validateDeployment(deployment, found);
  immutable(deployment.spec.selector, old.spec.selector, 'spec.selector', found);
}

const PODS = 'status.replicas';

/** ValidateDeploymentStatusUpdate */
export const validateDeploymentStatus = statusCheck<Deployment>({
  counts: [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ],
  most: [
    ['updatedReplicas', 'replicas', PODS],
    ['readyReplicas', 'replicas', PODS],
    ['availableReplicas', 'replicas', PODS],
    ['availableReplicas', 'readyReplicas', 'readyReplicas'],
  ],
  grows: 'collisionCount',
});

/** A template that the client left out is an empty struct in Go. */
export const templateOf = ({ template }: { template?: PodTemplateSpec }): PodTemplateSpec => ({
  ...template,
  spec: template?.spec ?? { containers: [] },
});

/** ValidateDeploymentStrategy */
function validateStrategy({ type, rollingUpdate }: DeploymentStrategy, found: Findings): void {
  const at = 'spec.strategy.rollingUpdate';
  if (type === 'Recreate') {
    if (rollingUpdate) found.push(forbidden(at, "may not be specified when strategy `type` is 'Recreate'"));
  } else if (type === 'RollingUpdate') {
    if (!rollingUpdate) return void found.push(required(at, 'this should be defaulted and never be nil'));
    const { maxUnavailable, maxSurge } = rollingUpdate;
    validateCountOrPercent(maxUnavailable, `${at}.maxUnavailable`, found);
    validateCountOrPercent(maxSurge, `${at}.maxSurge`, found);
    if (countOrPercent(maxUnavailable) === 0 && countOrPercent(maxSurge) === 0) {
      found.push(invalid(`${at}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'));
    }
    validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`, found);
  } else {
    const shown = {
      Type: type ?? '',
      RollingUpdate: rollingUpdate
        ? { MaxUnavailable: rollingUpdate.maxUnavailable, MaxSurge: rollingUpdate.maxSurge }
        : null,
    };
    found.push(notSupported('spec.strategy', shown, ['Recreate', 'RollingUpdate']));
  }
}

/** ValidateReplicaSetSpec */
export function validateReplicaSet({ spec }: ReplicaSet, found: Findings): void {
  validateNonNegative(spec.replicas, 'spec.replicas', found);
  validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', found);
  validateOwnSelector(spec.selector, 'deployment', found);
  validateReplicaTemplate(spec.selector, templateOf(spec), found);
}

/** pkg/registry/apps/replicaset/strategy.go ValidateUpdate */
export function validateReplicaSetUpdate(set: ReplicaSet, old: ReplicaSet, found: Findings): void {
  validateReplicaSet(set, found);
  immutable(set.spec.selector, old.spec.selector, 'spec.selector', found);
}

/** ValidateReplicaSetStatusUpdate */
export const validateReplicaSetStatus = statusCheck<ReplicaSet>({
  counts: [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'terminatingReplicas',
    'observedGeneration',
  ],
  most: [
    ['fullyLabeledReplicas', 'replicas', PODS],
    ['readyReplicas', 'replicas', PODS],
    ['availableReplicas', 'replicas', PODS],
    ['availableReplicas', 'readyReplicas', 'readyReplicas'],
  ],
});

/** ValidateDaemonSetSpec */
export function validateDaemonSet({ spec }: DaemonSet, found: Findings): void {
  const template = templateOf(spec);
  validateLabelSelector(spec.selector, 'spec.selector', found);
  if (isUsableSelector(spec.selector)) validateMatch(spec.selector, template, found);
  if (spec.selector !== undefined && isEmptySelector(spec.selector)) {
    found.push(invalid('spec.selector', spec.selector, 'empty selector is invalid for daemonset'));
  }
  validatePodTemplate(template, 'spec.template', found);
  validateLongRunning(template, 'DaemonSet', found);
  validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', found);
  validateDaemonStrategy(spec.updateStrategy ?? {}, found);
  validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', found);
}

/** pkg/registry/apps/daemonset/strategy.go ValidateUpdate */
export function validateDaemonSetUpdate(set: DaemonSet, old: DaemonSet, found: Findings): void {
  validateDaemonSet(set, found);
  immutable(set.spec.selector, old.spec.selector, 'spec.selector', found);
}

/** ValidateDaemonSetStatusUpdate */
export const validateDaemonSetStatus = statusCheck<DaemonSet>({
  counts: [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ],
  grows: 'collisionCount',
});

/** ValidateDaemonSetUpdateStrategy: either pods go first or new ones come first. */
function validateDaemonStrategy(
  { type, rollingUpdate }: NonNullable<DaemonSet['spec']['updateStrategy']>,
  found: Findings,
): void {
  const at = 'spec.updateStrategy.rollingUpdate';
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    const shown = {
      Type: type ?? '',
      RollingUpdate: rollingUpdate
        ? { MaxUnavailable: rollingUpdate.maxUnavailable, MaxSurge: rollingUpdate.maxSurge }
        : null,
    };
    return void found.push(notSupported('spec.updateStrategy', shown, ['RollingUpdate', 'OnDelete']));
  }
  if (!rollingUpdate) return void found.push(required(at));
  const { maxUnavailable, maxSurge } = rollingUpdate;
  validateCountOrPercent(maxUnavailable, `${at}.maxUnavailable`, found);
  validateCountOrPercent(maxSurge, `${at}.maxSurge`, found);
  validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`, found);
  validateAtMost100Percent(maxSurge, `${at}.maxSurge`, found);
  const hasUnavailable = countOrPercent(maxUnavailable) !== 0;
  const hasSurge = countOrPercent(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    found.push(invalid(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  } else if (!hasUnavailable && !hasSurge) {
    found.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  }
}
