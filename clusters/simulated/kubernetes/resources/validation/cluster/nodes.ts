import type { Node, Taint } from '../../../model/generated/objects.ts';
import { labelValueErrors } from '../../../model/names.ts';
import { isDualStack, validateCidr } from '../addresses.ts';
import { addTexts, duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { validateLabelName } from '../labels.ts';
import { TAINT_EFFECTS } from '../pods/scheduling.ts';
import { validateAmount } from '../quantities.ts';

/** ValidateNode of pkg/apis/core/validation. */
export function validateNode({ spec, status }: Node, found: Findings): void {
  validateTaints(spec.taints ?? [], found);
  for (const field of ['capacity', 'allocatable'] as const) {
    const amounts = (status as Node['status'] | undefined)?.[field];
    for (const [name, amount] of Object.entries(amounts ?? {})) {
      validateAmount(name, amount, `status.${field}[${name}]`, found);
    }
  }
  const ranges = spec.podCIDRs ?? [];
  for (const [i, range] of ranges.entries()) validateCidr(range, `spec.podCIDRs[${i}]`, found);
  if (ranges.length > 1 && (ranges.length > 2 || !isDualStack(ranges.map((range) => range.split('/')[0] ?? '')))) {
    found.push(invalid('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family'));
  }
}

function validateTaints(taints: readonly Taint[], found: Findings): void {
  const seen = new Set<string>();
  for (const [i, { key, value, effect, timeAdded }] of taints.entries()) {
    const at = `metadata.taints[${i}]`;
    validateLabelName(key, `${at}.key`, found);
    addTexts(found, `${at}.value`, value, labelValueErrors(value ?? ''));
    if (!effect) found.push(required(`${at}.effect`));
    else if (!TAINT_EFFECTS.includes(effect)) found.push(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
    if (seen.has(`${effect} ${key}`)) {
      const shown = { Key: key, Value: value ?? '', Effect: effect, TimeAdded: timeAdded ?? null };
      found.push(duplicate(at, shown, 'taints must be unique by key and effect pair'));
    }
    seen.add(`${effect} ${key}`);
  }
}

/** pkg/registry/core/node/strategy.go ValidateUpdate: what is given once stays. */
export function validateNodeUpdate(node: Node, old: Node, found: Findings): void {
  validateNode(node, found);
  const addresses = new Set<string>();
  for (const [i, { type, address }] of ((node.status as Node['status'] | undefined)?.addresses ?? []).entries()) {
    const key = `${type} ${address}`;
    if (addresses.has(key)) found.push(duplicate(`status.addresses[${i}]`, { Type: type, Address: address }));
    addresses.add(key);
  }
  if ((old.spec.podCIDRs ?? []).length > 0 && !sameValue(node.spec.podCIDRs, old.spec.podCIDRs)) {
    found.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.spec.providerID && node.spec.providerID !== old.spec.providerID) {
    found.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
}
