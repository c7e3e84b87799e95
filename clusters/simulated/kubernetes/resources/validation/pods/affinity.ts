import type { Affinity, PodAffinityTerm } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors } from '../../../model/names.ts';
import { addTexts, invalid, required, type Findings } from '../field-errors.ts';
import { validateLabelName, validateLabelSelector } from '../labels.ts';
import { validateLabelKeys } from './label-keys.ts';
import { validateNodeSelector, validateTerm } from './node-selectors.ts';

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
  validateLabelKeys(term, path, found);
  if (!term.topologyKey) found.push(required(`${path}.topologyKey`, 'can not be empty'));
  validateLabelName(term.topologyKey, `${path}.topologyKey`, found);
}
