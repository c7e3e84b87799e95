import type { LabelSelector } from '../../../model/generated/objects.ts';
import { forbidden, invalid, type Findings } from '../field-errors.ts';
import { validateLabelName } from '../labels.ts';

interface Keyed {
  readonly labelSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/**
 * ValidateMatchLabelKeysAndMismatchLabelKeys: of pod affinity and of spread constraints. The server has added a requirement to the selector
 * for each key by then, so that a key is only one too many when it is there twice. Upstream's path of that lacks the name of the list.
 */
export function validateLabelKeys(term: Keyed, path: string, found: Findings): void {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  validateKeys(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`, found);
  validateKeys(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`, found);
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const at = matchLabelKeys.lastIndexOf(key);
    if (at >= 0 && selected.has(key)) {
      found.push(invalid(`${path}[${at}]`, key, 'exists in both matchLabelKeys and labelSelector'));
    }
    selected.add(key);
  }
  for (const [i, key] of matchLabelKeys.entries()) {
    if (mismatchLabelKeys.includes(key)) {
      found.push(invalid(`${path}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
    }
  }
}

function validateKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  path: string,
  found: Findings,
): void {
  if (keys.length === 0) return;
  if (!selector) return void found.push(forbidden(path, 'must not be specified when labelSelector is not set'));
  for (const [i, key] of keys.entries()) validateLabelName(key, `${path}[${i}]`, found);
}
