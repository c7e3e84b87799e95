import type { PodDisruptionBudget } from '../../model/generated/objects.ts';
import type { Strategy } from '../resource.ts';
import { checkedBy } from '../validation/hook.ts';
import { validateDisruptionBudget, validateDisruptionBudgetStatus } from '../validation/policy/disruption-budgets.ts';

/** pkg/registry/policy/poddisruptionbudget/strategy.go. */
export const POD_DISRUPTION_BUDGET: Partial<Strategy> = {
  generation: true,
  prepareForCreate(draft) {
    (draft as PodDisruptionBudget).status = {
      currentHealthy: 0,
      desiredHealthy: 0,
      disruptionsAllowed: 0,
      expectedPods: 0,
    };
  },
  unconditionalUpdate: false,
  ...checkedBy<PodDisruptionBudget>({
    create: validateDisruptionBudget,
    parts: { status: validateDisruptionBudgetStatus },
  }),
};
