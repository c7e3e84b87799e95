import type { TopologySpreadConstraint } from '../../../model/generated/objects.ts';
import { duplicate, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';
import { validateLabelKeys } from './label-keys.ts';

/** validateTopologySpreadConstraints */
export function validateSpread(constraints: readonly TopologySpreadConstraint[], path: string, found: Findings): void {
  for (const [i, constraint] of constraints.entries()) {
    const at = `${path}[${i}]`;
    const {
      maxSkew = 0,
      topologyKey,
      whenUnsatisfiable: action = '',
      minDomains,
    } = constraint as Partial<typeof constraint>;
    if (maxSkew <= 0) found.push(invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero'));
    if (!topologyKey) found.push(required(`${at}.topologyKey`, 'can not be empty'));
    if (action !== 'DoNotSchedule' && action !== 'ScheduleAnyway') {
      found.push(notSupported(`${at}.whenUnsatisfiable`, action, ['DoNotSchedule', 'ScheduleAnyway']));
    }
    const repeated = constraints
      .slice(i + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === action);
    if (repeated) found.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`));
    if (minDomains !== undefined) {
      if (minDomains <= 0) found.push(invalid(`${at}.minDomains`, minDomains, 'must be greater than zero'));
      if (action !== 'DoNotSchedule') {
        const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
        found.push(invalid(`${at}.minDomains`, minDomains, why));
      }
    }
    for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const value = constraint[policy];
      if (value !== undefined && value !== 'Honor' && value !== 'Ignore') {
        found.push(notSupported(`${at}.${policy}`, value, ['Honor', 'Ignore']));
      }
    }
    validateLabelKeys(constraint, at, found);
    validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`, found);
  }
}
