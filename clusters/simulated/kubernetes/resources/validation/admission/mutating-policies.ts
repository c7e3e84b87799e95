import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicySpec,
  Mutation,
} from '../../../model/generated/objects.ts';
import { mutationProblem } from '../../../admission/policies/expression-check.ts';
import type { ExpressionContext } from '../../../admission/policies/expression-check.ts';
import { invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { sameConditions } from './policies.ts';
import { validateSubject } from './policy-parts.ts';

const REINVOCATIONS = ['IfNeeded', 'Never'];

/** Fields of a mutation, by the type of patch that they hold. */
const PATCHES = { JSONPatch: 'jsonPatch', ApplyConfiguration: 'applyConfiguration' } as const;

/** ValidateMutatingAdmissionPolicy of pkg/apis/admissionregistration/validation. */
export const validateMutatingPolicy = (policy: MutatingAdmissionPolicy, found: Findings): void =>
  validateSpec(policy, true, found);

/** ValidateMutatingAdmissionPolicyUpdate */
export const validateMutatingPolicyUpdate = (
  policy: MutatingAdmissionPolicy,
  old: MutatingAdmissionPolicy,
  found: Findings,
): void => validateSpec(policy, !sameConditions(policy.spec, old.spec), found);

function validateSpec({ spec }: MutatingAdmissionPolicy, conditions: boolean, found: Findings): void {
  const { mutations = [], reinvocationPolicy = '' } = spec as Partial<MutatingAdmissionPolicySpec>;
  const context = validateSubject(spec, { conditions, mutating: true }, found);
  if (mutations.length === 0) found.push(required('spec.mutations', 'mutations must contain at least one item'));
  for (const [i, mutation] of mutations.entries()) validateMutation(mutation, `spec.mutations[${i}]`, context, found);
  if (reinvocationPolicy === '') found.push(required('spec.reinvocationPolicy'));
  else if (!REINVOCATIONS.includes(reinvocationPolicy)) {
    found.push(notSupported('spec.reinvocationPolicy', reinvocationPolicy, REINVOCATIONS));
  }
}

/** validateMutation: the one patch that its type names. */
function validateMutation(mutation: Mutation, at: string, context: ExpressionContext, found: Findings): void {
  const { patchType = '' } = mutation as Partial<Mutation>;
  if (patchType === '') return void found.push(required(`${at}.patchType`));
  if (patchType !== 'JSONPatch' && patchType !== 'ApplyConfiguration') {
    return void found.push(notSupported(`${at}.patchType`, patchType, ['ApplyConfiguration', 'JSONPatch']));
  }
  const own = PATCHES[patchType];
  const other = own === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
  const patch = mutation[own];
  if (!patch) found.push(required(`${at}.${own}`, `must be specified when patchType is ${patchType}`));
  else {
    const expression = (patch.expression ?? '').trim();
    const problem = expression === '' ? undefined : mutationProblem(expression, patchType, context);
    if (expression === '') found.push(required(`${at}.${own}.expression`));
    else if (problem !== undefined) found.push(invalid(`${at}.${own}.expression`, expression, problem));
  }
  if (mutation[other]) {
    found.push(invalid(`${at}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`));
  }
}
