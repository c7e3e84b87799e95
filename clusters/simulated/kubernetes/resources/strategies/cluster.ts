import type { Lease, PriorityClass, RuntimeClass } from '../../model/generated/objects.ts';
import { fill } from '../defaults/fill.ts';
import type { Conversion, Strategy } from '../resource.ts';
import {
  validateLease,
  validatePriorityClass,
  validatePriorityClassUpdate,
  validateRuntimeClass,
  validateRuntimeClassUpdate,
} from '../validation/cluster/classes.ts';
import { checkedBy } from '../validation/hook.ts';

export const LEASE: Partial<Strategy> = {
  createOnUpdate: true,
  unconditionalUpdate: false,
  ...checkedBy<Lease>({ create: validateLease }),
};

export const PRIORITY_CLASS: Partial<Strategy> = {
  generation: true,
  defaults: (draft) => fill(draft as PriorityClass, { preemptionPolicy: 'PreemptLowerPriority' }),
  ...checkedBy<PriorityClass>({ create: validatePriorityClass, update: validatePriorityClassUpdate }),
};

export const RUNTIME_CLASS: Partial<Strategy> = {
  unconditionalUpdate: false,
  ...checkedBy<RuntimeClass>({ create: validateRuntimeClass, update: validateRuntimeClassUpdate }),
};

const RENAMED = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['reportingController', 'reportingComponent'],
] as const;

/** pkg/apis/events/v1/conversion.go: the same stored event under other field names. */
export const EVENTS_V1: Conversion = {
  toStorage(object) {
    const stored: typeof object = { ...object, apiVersion: 'v1' };
    for (const [ours, theirs] of RENAMED) {
      if (ours in stored) stored[theirs] = stored[ours];
      delete stored[ours];
    }
    return stored;
  },
  fromStorage(object) {
    const served: typeof object = { ...object, apiVersion: 'events.k8s.io/v1' };
    for (const [ours, theirs] of RENAMED) {
      if (theirs in served) served[ours] = served[theirs];
      delete served[theirs];
    }
    return served;
  },
};
