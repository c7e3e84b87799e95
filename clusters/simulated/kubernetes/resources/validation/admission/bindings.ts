import type {
  MutatingAdmissionPolicyBinding,
  MutatingAdmissionPolicyBindingSpec,
  ParamRef,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBindingSpec,
} from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../../model/names.ts';
import { addTexts, duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';
import { validateMutated } from './policy-parts.ts';
import { validateMatchResources } from './rules.ts';

const ACTIONS = ['Audit', 'Deny', 'Warn'];

type Common = Partial<Pick<ValidatingAdmissionPolicyBindingSpec, 'policyName' | 'paramRef' | 'matchResources'>>;

function validateCommon({ policyName = '', paramRef, matchResources }: Common, found: Findings): void {
  if (policyName === '') found.push(required('spec.policyName'));
  else addTexts(found, 'spec.policyName', policyName, dns1123SubdomainErrors(policyName));
  if (paramRef) validateParamRef(paramRef, found);
  if (matchResources) validateMatchResources(matchResources, 'spec.matchResources', found);
}

/** validateValidatingAdmissionPolicyBindingSpec of pkg/apis/admissionregistration/validation. */
export function validatePolicyBinding({ spec }: ValidatingAdmissionPolicyBinding, found: Findings): void {
  const { validationActions = [] } = spec as Partial<ValidatingAdmissionPolicyBindingSpec>;
  validateCommon(spec, found);
  const at = 'spec.validationActions';
  const seen = new Set<string>();
  for (const [i, action] of validationActions.entries()) {
    if (!ACTIONS.includes(action)) found.push(notSupported(`${at}[${i}]`, action, ACTIONS));
    if (seen.has(action)) found.push(duplicate(`${at}[${i}]`, action));
    seen.add(action);
  }
  if (seen.has('Deny') && seen.has('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    found.push(invalid(at, validationActions, why));
  }
  if (seen.size === 0) found.push(required(at, 'at least one validation action is required'));
}

/** validateMutatingAdmissionPolicyBindingSpec */
export function validateMutatingBinding({ spec }: MutatingAdmissionPolicyBinding, found: Findings): void {
  const { matchResources } = spec as Partial<MutatingAdmissionPolicyBindingSpec>;
  validateCommon(spec, found);
  if (matchResources) validateMutated(matchResources, 'spec.matchResources', found);
}

/** validateParamRef */
function validateParamRef({ name = '', selector, parameterNotFoundAction: action }: ParamRef, found: Findings): void {
  const at = 'spec.paramRef';
  const both = 'name and selector are mutually exclusive';
  if (name !== '') {
    addTexts(found, `${at}.name`, name, pathSegmentErrors(name));
    if (selector) found.push(forbidden(`${at}.name`, both));
  }
  if (selector) {
    validateLabelSelector(selector, `${at}.selector`, found);
    if (name !== '') found.push(forbidden(`${at}.selector`, both));
  }
  if (name === '' && !selector) found.push(required(at, 'one of name or selector must be specified'));
  if (!action) found.push(required(`${at}.parameterNotFoundAction`));
  else if (action !== 'Allow' && action !== 'Deny') {
    found.push(notSupported(`${at}.parameterNotFoundAction`, action, ['Deny', 'Allow']));
  }
}
