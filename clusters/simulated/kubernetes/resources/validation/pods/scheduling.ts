import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors } from '../../../model/names.ts';
import { addTexts, duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelName, validateLabelSelector } from '../labels.ts';

const OPERATOR = 'not a valid selector operator';

/** ValidateNodeSelector of pkg/apis/core/validation, for affinity and volumes. */
export function validateNodeSelector(
  { nodeSelectorTerms = [] }: Partial<NodeSelector>,
  path: string,
  found: Findings,
): void {
  const at = `${path}.nodeSelectorTerms`;
  if (nodeSelectorTerms.length === 0) found.push(required(at, 'must have at least one node selector term'));
  for (const [i, term] of nodeSelectorTerms.entries()) validateTerm(term, `${at}[${i}]`, found, true);
}

/** Preferences take label values that no node can have. */
function validateTerm(term: NodeSelectorTerm, path: string, found: Findings, strictValues: boolean): void {
  for (const [i, requirement] of (term.matchExpressions ?? []).entries()) {
    validateRequirement(requirement, `${path}.matchExpressions[${i}]`, found, strictValues);
  }
  for (const [i, { key, operator, values = [] }] of (term.matchFields ?? []).entries()) {
    const at = `${path}.matchFields[${i}]`;
    if (operator !== 'In' && operator !== 'NotIn') found.push(invalid(`${at}.operator`, operator, OPERATOR));
    else if (values.length !== 1) {
      const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
      found.push(required(`${at}.values`, why));
    }
    if (key !== 'metadata.name') found.push(invalid(`${at}.key`, key, 'not a valid field selector key'));
    else
      for (const [j, value] of values.entries())
        addTexts(found, `${at}.values[${j}]`, value, dns1123SubdomainErrors(value));
  }
}

function validateRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: string,
  found: Findings,
  strictValues: boolean,
): void {
  const at = `${path}.values`;
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) found.push(required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      found.push(forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) found.push(required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else {
    found.push(invalid(`${path}.operator`, operator, OPERATOR));
  }
  validateLabelName(key, `${path}.key`, found);
  if (!strictValues) return;
  for (const [i, value] of values.entries()) addTexts(found, `${at}[${i}]`, value, labelValueErrors(value));
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const WEIGHT = 'must be in the range 1-100';

/** validateAffinity */
export function validateAffinity(affinity: Affinity | undefined, path: string, found: Findings): void {
  if (!affinity) return;
  const { nodeAffinity } = affinity;
  if (nodeAffinity) {
    const at = `${path}.nodeAffinity`;
    if (nodeAffinity[REQUIRED]) validateNodeSelector(nodeAffinity[REQUIRED], `${at}.${REQUIRED}`, found);
    for (const [i, { weight, preference }] of (nodeAffinity[PREFERRED] ?? []).entries()) {
      validateWeight(weight, `${at}.${PREFERRED}[${i}].weight`, found);
      validateTerm(preference ?? {}, `${at}.${PREFERRED}[${i}].preference`, found, false);
    }
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const at = `${path}.${kind}`;
    for (const [i, term] of (affinity[kind]?.[REQUIRED] ?? []).entries()) {
      validatePodTerm(term, `${at}.${REQUIRED}[${i}]`, found);
    }
    for (const [i, { weight, podAffinityTerm }] of (affinity[kind]?.[PREFERRED] ?? []).entries()) {
      validateWeight(weight, `${at}.${PREFERRED}[${i}].weight`, found);
      validatePodTerm(podAffinityTerm, `${at}.${PREFERRED}[${i}].podAffinityTerm`, found);
    }
  }
}

function validateWeight(weight: number | undefined, field: string, found: Findings): void {
  if ((weight ?? 0) <= 0 || (weight ?? 0) > 100) found.push(invalid(field, weight ?? 0, WEIGHT));
}

function validatePodTerm(term: PodAffinityTerm, path: string, found: Findings): void {
  validateLabelSelector(term.labelSelector, `${path}.labelSelector`, found);
  validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`, found);
  for (const name of term.namespaces ?? []) addTexts(found, `${path}.namespace`, name, dns1123LabelErrors(name));
  validateLabelKeys(term, 'matchLabelKeys', path, found);
  validateLabelKeys(term, 'mismatchLabelKeys', path, found);
  for (const [i, key] of (term.matchLabelKeys ?? []).entries()) {
    if (term.mismatchLabelKeys?.includes(key) === true) {
      found.push(invalid(`${path}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
    }
  }
  if (!term.topologyKey) found.push(required(`${path}.topologyKey`, 'can not be empty'));
  validateLabelName(term.topologyKey, `${path}.topologyKey`, found);
}

function validateLabelKeys(
  term: PodAffinityTerm,
  list: 'matchLabelKeys' | 'mismatchLabelKeys',
  path: string,
  found: Findings,
): void {
  const keys = term[list] ?? [];
  if (keys.length === 0) return;
  if (!term.labelSelector) {
    return void found.push(forbidden(`${path}.${list}`, 'must not be specified when labelSelector is not set'));
  }
  for (const [i, key] of keys.entries()) validateLabelName(key, `${path}.${list}[${i}]`, found);
}

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** ValidateTolerations */
export function validateTolerations(tolerations: readonly Toleration[], path: string, found: Findings): void {
  for (const [i, { key = '', operator = '', value = '', effect = '', tolerationSeconds }] of tolerations.entries()) {
    const at = `${path}[${i}]`;
    if (key !== '') validateLabelName(key, `${at}.key`, found);
    if (key === '' && operator !== 'Exists') {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      found.push(invalid(`${at}.operator`, operator, why));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      found.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operator === 'Equal' || operator === '') {
      const texts = labelValueErrors(value);
      if (texts.length > 0) found.push(invalid(`${at}.operator`, value, texts.join(';')));
    } else if (operator === 'Exists') {
      if (value !== '') found.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else {
      found.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    }
    if (effect !== '' && !TAINT_EFFECTS.includes(effect))
      found.push(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
  }
}

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
    validateSpreadKeys(constraint, `${at}.matchLabelKeys`, found);
    validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`, found);
  }
}

function validateSpreadKeys(
  { matchLabelKeys = [], labelSelector }: TopologySpreadConstraint,
  path: string,
  found: Findings,
): void {
  if (matchLabelKeys.length === 0) return;
  if (!labelSelector) found.push(forbidden(path, 'must not be specified when labelSelector is not set'));
  const selected = new Set([
    ...Object.keys(labelSelector?.matchLabels ?? {}),
    ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  for (const [i, key] of matchLabelKeys.entries()) {
    validateLabelName(key, `${path}[${i}]`, found);
    if (selected.has(key)) found.push(invalid(`${path}[${i}]`, key, 'exists in both matchLabelKeys and labelSelector'));
  }
}

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
