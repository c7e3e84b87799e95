import type { Lease, PriorityClass, RuntimeClass } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors } from '../../../model/names.ts';
import { addTexts, forbidden, invalid, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { validateLabels } from '../labels.ts';
import { validatePreemptionPolicy } from '../pods/pod-spec.ts';
import { validateTolerations } from '../pods/tolerations.ts';
import { validateAmount } from '../quantities.ts';
import { validateContainerResourceName } from '../resource-names.ts';

const MOST_PRIORITY = 1_000_000_000;
const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** ValidatePriorityClass of pkg/apis/scheduling/validation. */
export function validatePriorityClass(
  { metadata, value = 0, globalDefault, preemptionPolicy }: PriorityClass,
  found: Findings,
): void {
  if (metadata.name.startsWith('system-')) {
    const wrong = systemClassError(metadata.name, value, globalDefault === true);
    if (wrong !== undefined) {
      const text = `priority class names with 'system-' prefix are reserved for system use only. error: ${wrong}`;
      found.push(forbidden('metadata.name', text));
    }
  } else if (value > MOST_PRIORITY) {
    found.push(forbidden('value', `maximum allowed value of a user defined priority is ${MOST_PRIORITY}`));
  }
  validatePreemptionPolicy(preemptionPolicy, 'preemptionPolicy', found);
}

function systemClassError(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = SYSTEM_CLASSES[name];
  if (known === undefined) return `${name} is not a known system priority class`;
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

/** ValidatePriorityClassUpdate */
export function validatePriorityClassUpdate(priority: PriorityClass, old: PriorityClass, found: Findings): void {
  if ((priority.value ?? 0) !== (old.value ?? 0)) found.push(forbidden('value', 'may not be changed in an update.'));
  immutable(priority.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy', found);
}

/** ValidateRuntimeClass of pkg/apis/node/validation. */
export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass, found: Findings): void {
  addTexts(found, 'handler', handler, dns1123LabelErrors(handler));
  for (const [name, amount] of Object.entries(overhead?.podFixed ?? {})) {
    validateContainerResourceName(name, `overhead.podFixed.limits[${name}]`, found);
    validateAmount(name, amount, `overhead.podFixed.limits[${name}]`, found);
  }
  validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector', found);
  validateTolerations(scheduling?.tolerations ?? [], 'scheduling.tolerations', found);
}

/** ValidateRuntimeClassUpdate */
export const validateRuntimeClassUpdate = (runtime: RuntimeClass, old: RuntimeClass, found: Findings): void =>
  immutable(runtime.handler, old.handler, 'handler', found);

/** ValidateLease of pkg/apis/coordination/validation. */
export function validateLease({ spec }: Lease, found: Findings): void {
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = spec ?? {};
  if (seconds !== undefined && seconds <= 0) {
    found.push(invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
  }
  if (transitions !== undefined && transitions < 0) {
    found.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
  }
}
