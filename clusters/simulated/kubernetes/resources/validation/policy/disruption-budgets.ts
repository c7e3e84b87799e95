import type { PodDisruptionBudget } from '../../../model/generated/objects.ts';
import { invalid, notSupported, type Findings } from '../field-errors.ts';
import { internalValue } from '../internal-values.ts';
import { validateLabelSelector } from '../labels.ts';
import { statusCheck } from '../statuses.ts';
import { validateAtMost100Percent, validateCountOrPercent } from '../numbers.ts';

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

/** ValidatePodDisruptionBudgetSpec of pkg/apis/policy/validation. */
export function validateDisruptionBudget({ spec }: PodDisruptionBudget, found: Findings): void {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec ?? {};
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = internalValue(spec, 'io.k8s.api.policy.v1.PodDisruptionBudgetSpec');
    found.push(invalid('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const [field, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue;
    validateCountOrPercent(value, `spec.${field}`, found);
    validateAtMost100Percent(value, `spec.${field}`, found);
  }
  validateLabelSelector(selector, 'spec.selector', found);
  if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) {
    found.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, EVICTION_POLICIES));
  }
}

/** ValidatePodDisruptionBudgetStatusUpdate */
export const validateDisruptionBudgetStatus = statusCheck<PodDisruptionBudget>({
  counts: ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'],
});
