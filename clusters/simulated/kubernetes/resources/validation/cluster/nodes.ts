import type { Node, Taint } from '../../../model/generated/objects.ts';
import { labelValueErrors } from '../../../model/names.ts';
import { isDualStack, validateCidr } from '../addresses.ts';
import { duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelName } from '../labels.ts';
import { TAINT_EFFECTS } from '../pods/tolerations.ts';
import { validateAmount } from '../quantities.ts';

/** What a kubelet may send before it knows more. */
type Told = { spec: Node['spec']; status?: Partial<NonNullable<Node['status']>> };

/** ValidateNode of pkg/apis/core/validation. */
export function validateNode(node: Node, found: Findings): void {
  const { spec, status = {} } = node as Told;
  validateTaints(spec.taints ?? [], found);
  validateResources(node, found);
  const swap = status.nodeInfo?.swap?.capacity;
  if (swap !== undefined && swap <= 0) {
    found.push(invalid('metadata.nodeSwapStatus.capacity', swap, 'must be greater than zero'));
  }
  validateFeatures(status.declaredFeatures ?? [], found);
  const ranges = spec.podCIDRs ?? [];
  for (const [i, range] of ranges.entries()) validateCidr(range, `spec.podCIDRs[${i}]`, found);
  if (ranges.length > 1 && (ranges.length > 2 || !isDualStack(ranges.map((range) => range.split('/')[0] ?? '')))) {
    found.push(invalid('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family'));
  }
}

/** ValidateNodeResources; upstream's path has no brackets here. */
function validateResources(node: Node, found: Findings): void {
  const { status = {} } = node as Told;
  for (const field of ['capacity', 'allocatable'] as const) {
    for (const [name, amount] of Object.entries(status[field] ?? {})) {
      validateAmount(name, amount, `status.${field}.${name}`, found);
    }
  }
}

const FEATURE = /^[A-Z][A-Za-z0-9]*(\/[A-Za-z0-9]+)*$/;
const LONGEST_FEATURE = 253;

/** validateNodeDeclaredFeatures: well formed, sorted, each once. */
function validateFeatures(features: readonly string[], found: Findings): void {
  for (const [i, feature] of features.entries()) {
    const at = `status.declaredFeatures[${i}]`;
    const called = `invalid feature name ${JSON.stringify(feature)}`;
    if (feature.length > LONGEST_FEATURE) {
      found.push(invalid(at, feature, `${called}: must be no more than ${LONGEST_FEATURE} characters`));
    } else if (!FEATURE.test(feature)) {
      const why =
        "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
      found.push(invalid(at, feature, `${called}: ${why}`));
    }
    const next = features[i + 1];
    if (next === undefined) continue;
    const after = `status.declaredFeatures[${i + 1}]`;
    if (next === feature) found.push(duplicate(after, next));
    else if (feature > next) found.push(invalid(after, next, 'list must be sorted alphabetically'));
  }
}

/** validateNodeTaints; the path is the one they had as an annotation. */
function validateTaints(taints: readonly Taint[], found: Findings): void {
  const seen = new Set<string>();
  for (const [i, { key, value = '', effect, timeAdded }] of taints.entries()) {
    const at = `metadata.taints[${i}]`;
    validateLabelName(key, `${at}.key`, found);
    const texts = labelValueErrors(value);
    if (texts.length > 0) found.push(invalid(`${at}.value`, value, texts.join(';')));
    if (!effect) found.push(required(`${at}.effect`));
    else if (!TAINT_EFFECTS.includes(effect)) found.push(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
    if (seen.has(`${effect} ${key}`)) {
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null };
      found.push(duplicate(at, shown, 'taints must be unique by key and effect pair'));
    }
    seen.add(`${effect} ${key}`);
  }
}

/** pkg/registry/core/node/strategy.go ValidateUpdate: the whole node is looked at, and then again what ValidateNodeUpdate looks at. */
export function validateNodeUpdate(node: Node, old: Node, found: Findings): void {
  validateNode(node, found);
  validateNodeStatus(node, old, found);
}

const FROM_NOTHING = 'except from "" to valid';

/** ValidateNodeUpdate, all that an update of the status is held against: what is given once stays. */
export function validateNodeStatus(node: Node, old: Node, found: Findings): void {
  const { spec, status = {} } = node as Told;
  validateResources(node, found);
  validateFeatures(status.declaredFeatures ?? [], found);
  const addresses = new Set<string>();
  for (const [i, { type, address }] of (status.addresses ?? []).entries()) {
    const key = `${type} ${address}`;
    if (addresses.has(key)) found.push(duplicate(`status.addresses[${i}]`, { Type: type, Address: address }));
    addresses.add(key);
  }
  const [now, then] = [spec.podCIDRs ?? [], old.spec.podCIDRs ?? []];
  const changes =
    then.length > 0 && now.length !== then.length ? 1 : then.filter((range, i) => range !== now[i]).length;
  for (let i = 0; i < changes; i++) {
    found.push(forbidden('spec.podCIDRs', `node updates may not change podCIDR ${FROM_NOTHING}`));
  }
  if (old.spec.providerID && spec.providerID !== old.spec.providerID) {
    found.push(forbidden('spec.providerID', `node updates may not change providerID ${FROM_NOTHING}`));
  }
  validateTaints(spec.taints ?? [], found);
  if ((spec.externalID ?? '') !== (old.spec.externalID ?? '')) {
    found.push(forbidden('spec.externalID', 'may not be updated'));
  }
}
