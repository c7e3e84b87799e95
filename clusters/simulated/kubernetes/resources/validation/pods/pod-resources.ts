import type { PodSpec } from '../../../model/generated/objects.ts';
import { addQuantities, compareQuantities, formatQuantity, type Quantity } from '../../../model/quantity.ts';
import { forbidden, invalid, notSupported, type Findings } from '../field-errors.ts';
import { quantityOf, validateRequirements } from '../quantities.ts';
import { isHugePages, validateResourceName } from '../resource-names.ts';

const SUPPORTED = ['cpu', 'hugepages-', 'memory'];

/** validatePodResourceName: resources that a pod as a whole may ask for. */
function validatePodResourceName(name: string, field: string, found: Findings): void {
  if (!validateResourceName(name, field, found)) return;
  if (name !== 'cpu' && name !== 'memory' && !isHugePages(name)) found.push(notSupported(field, name, SUPPORTED));
}

/** validatePodResources of pkg/apis/core/validation: containers may not have more than the pod. */
export function validatePodResources(
  spec: PodSpec,
  claimNames: ReadonlySet<string>,
  path: string,
  found: Findings,
): void {
  if (!spec.resources) return;
  if (spec.os?.name === 'windows') return void found.push(forbidden(path, 'may not be set for a windows pod'));
  const { limits = {}, requests = {}, claims } = spec.resources;
  if (claims) found.push(forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level'));
  validateRequirements(spec.resources, { claimNames, checkName: validatePodResourceName }, path, found);
  compareSums('requests', requests, () => true, spec, path, found);
  compareSums('limits', limits, isHugePages, spec, path, found);
  for (const [i, { resources }] of (spec.containers ?? []).entries()) {
    for (const [resource, amount] of Object.entries(resources?.limits ?? {})) {
      const limit = limits[resource];
      if (limit === undefined || compareQuantities(quantityOf(amount), quantityOf(limit)) <= 0) continue;
      const why = `must be less than or equal to pod limits of ${formatQuantity(quantityOf(limit))}`;
      found.push(invalid(`${path}.containers[${i}][${resource}].limits`, amount, why));
    }
  }
}

type Amounts = Readonly<Record<string, string>>;

function compareSums(
  kind: 'requests' | 'limits',
  amounts: Amounts,
  counts: (name: string) => boolean,
  spec: PodSpec,
  path: string,
  found: Findings,
): void {
  for (const [name, sum] of sumOf(spec, kind)) {
    const amount = amounts[name];
    if (amount === undefined || !counts(name) || compareQuantities(sum, quantityOf(amount)) <= 0) continue;
    const why = `must be greater than or equal to aggregate container ${kind} of ${formatQuantity(sum)}`;
    found.push(invalid(`${path}.${kind}[${name}]`, amount, why));
  }
}

/**
 * AggregateContainerRequests and AggregateContainerLimits of component-helpers/resource: containers and sidecars together, or the
 * greatest init container with the sidecars that run by then.
 */
function sumOf(
  { containers = [], initContainers = [] }: Partial<PodSpec>,
  kind: 'requests' | 'limits',
): Map<string, Quantity> {
  const sum = new Map<string, Quantity>();
  const sidecars = new Map<string, Quantity>();
  const peak = new Map<string, Quantity>();
  for (const { resources } of containers) add(sum, resources?.[kind]);
  for (const { resources, restartPolicy } of initContainers) {
    if (restartPolicy === 'Always') {
      add(sum, resources?.[kind]);
      add(sidecars, resources?.[kind]);
      raise(peak, sidecars);
    } else {
      const now = new Map(sidecars);
      add(now, resources?.[kind]);
      raise(peak, now);
    }
  }
  raise(sum, peak);
  return sum;
}

function add(sum: Map<string, Quantity>, amounts: Amounts = {}): void {
  for (const [name, amount] of Object.entries(amounts)) {
    const before = sum.get(name);
    const quantity = quantityOf(amount);
    sum.set(name, before === undefined ? quantity : addQuantities(before, quantity));
  }
}

function raise(sum: Map<string, Quantity>, others: ReadonlyMap<string, Quantity>): void {
  for (const [name, other] of others) {
    const before = sum.get(name);
    if (before === undefined || compareQuantities(other, before) > 0) sum.set(name, other);
  }
}
