import type { HorizontalPodAutoscaler, HPAScalingRules } from '../../../model/generated/objects.ts';
import { compareQuantities, parseQuantity } from '../../../model/quantity.ts';
import { forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { quantityOf } from '../quantities.ts';
import { statusCheck } from '../statuses.ts';
import { validateMetric, validateReference } from './metrics.ts';

const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];
const SCALING_TYPES = ['Percent', 'Pods'];
/** Seconds. */
const LONGEST_WINDOW = 3600;
const LONGEST_PERIOD = 1800;

type Spec = Partial<HorizontalPodAutoscaler['spec']>;

/** ValidateHorizontalPodAutoscaler of pkg/apis/autoscaling/validation, without the feature gate HPAScaleToZero. */
export const validateAutoscaler = ({ spec }: HorizontalPodAutoscaler, found: Findings): void =>
  validateSpec(spec, 1, found);

/** ValidateHorizontalPodAutoscalerUpdate: one that went down to nothing before may go on so. */
export const validateAutoscalerUpdate = (
  { spec }: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
  found: Findings,
): void => validateSpec(spec, old.spec.minReplicas === 0 ? 0 : 1, found);

/** ValidateHorizontalPodAutoscalerStatusUpdate */
export const validateAutoscalerStatus = statusCheck<HorizontalPodAutoscaler>({
  counts: ['currentReplicas', 'desiredReplicas'],
});

function validateSpec(spec: Spec, lowest: number, found: Findings): void {
  const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics = [], behavior } = spec;
  if (minReplicas !== undefined && minReplicas < lowest) {
    found.push(invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${lowest}`));
  }
  if (maxReplicas < 1) found.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    found.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  validateReference(scaleTargetRef, 'spec.scaleTargetRef', found);
  for (const [i, metric] of metrics.entries()) validateMetric(metric, `spec.metrics[${i}]`, found);
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas';
    found.push(forbidden('spec.metrics', why));
  }
  validateScaling(behavior?.scaleUp, 'spec.behavior.scaleUp', found);
  validateScaling(behavior?.scaleDown, 'spec.behavior.scaleDown', found);
}

function validateScaling(rules: HPAScalingRules | undefined, at: string, found: Findings): void {
  if (!rules) return;
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules;
  const windowField = `${at}.stabilizationWindowSeconds`;
  if (window < 0) found.push(invalid(windowField, window, 'must be greater than or equal to zero'));
  if (window > LONGEST_WINDOW)
    found.push(invalid(windowField, window, `must be less than or equal to ${LONGEST_WINDOW}`));
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    found.push(notSupported(`${at}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  }
  if (policies.length === 0) found.push(required(`${at}.policies`, 'must specify at least one Policy'));
  for (const [i, { type, value, periodSeconds }] of policies.entries()) {
    const field = `${at}.policies[${i}]`;
    if (!SCALING_TYPES.includes(type)) found.push(notSupported(`${field}.type`, type, SCALING_TYPES));
    if (value <= 0) found.push(invalid(`${field}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0) found.push(invalid(`${field}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > LONGEST_PERIOD) {
      found.push(invalid(`${field}.periodSeconds`, periodSeconds, `must be less than or equal to ${LONGEST_PERIOD}`));
    }
  }
  if (tolerance !== undefined && compareQuantities(quantityOf(tolerance), parseQuantity('0')) < 0) {
    found.push(invalid(`${at}.tolerance`, tolerance, 'must be greater than or equal to 0'));
  }
}
