import type { PodSpec } from '../../../model/generated/objects.ts';
import { duplicate, type Findings } from '../field-errors.ts';
import { validateLabelName } from '../labels.ts';

/** validateReadinessGates and validateSchedulingGates */
export function validateGates(
  { readinessGates = [], schedulingGates = [] }: PodSpec,
  path: string,
  found: Findings,
): void {
  for (const [i, { conditionType }] of readinessGates.entries()) {
    validateLabelName(conditionType, `${path}.readinessGates[${i}].conditionType`, found);
  }
  const names = new Set<string>();
  for (const [i, { name }] of schedulingGates.entries()) {
    validateLabelName(name, `${path}.schedulingGates[${i}]`, found);
    if (names.has(name)) found.push(duplicate(`${path}.schedulingGates[${i}]`, name));
    names.add(name);
  }
}
