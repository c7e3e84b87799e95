import type { FlowSchema, PriorityLevelConfiguration } from '../../model/generated/objects.ts';
import { fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import { validateConditionTypes, validateFlowSchema } from '../validation/flowcontrol/flow-schemas.ts';
import { validatePriorityLevel } from '../validation/flowcontrol/priority-levels.ts';
import { checkedBy } from '../validation/hook.ts';

/** pkg/apis/flowcontrol/v1/defaults.go. */
export const FLOW_SCHEMA: Partial<Strategy> = {
  generation: true,
  defaults(draft) {
    const spec = (draft['spec'] ??= {}) as { matchingPrecedence?: number };
    // Zero counts as not given.
    if (!spec.matchingPrecedence) spec.matchingPrecedence = 1000;
  },
  prepareForCreate: (draft) => void (draft['status'] = {}),
  ...checkedBy<FlowSchema>({ create: validateFlowSchema, parts: { status: validateConditionTypes } }),
};

export const PRIORITY_LEVEL_CONFIGURATION: Partial<Strategy> = {
  generation: true,
  defaults(draft) {
    const { spec } = draft as Partial<PriorityLevelConfiguration>;
    if (spec?.type === 'Exempt') fill((spec.exempt ??= {}), { nominalConcurrencyShares: 0, lendablePercent: 0 });
    if (!spec?.limited) return;
    fill(spec.limited, { nominalConcurrencyShares: 30, lendablePercent: 0 });
    const queuing = spec.limited.limitResponse?.queuing;
    if (!queuing) return;
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
  prepareForCreate: (draft) => void (draft['status'] = {}),
  ...checkedBy<PriorityLevelConfiguration>({
    create: validatePriorityLevel,
    parts: { status: validateConditionTypes },
  }),
};
