import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors, labelValueErrors } from '../../../model/names.ts';
import { addTexts, forbidden, invalid, required, type Findings } from '../field-errors.ts';
import { validateLabelName } from '../labels.ts';

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

/** ValidateNodeSelectorTerm. Preferences take label values that no node can have. */
export function validateTerm(term: NodeSelectorTerm, path: string, found: Findings, strictValues: boolean): void {
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
