import type { Container, ContainerRestartRule } from '../../../model/generated/objects.ts';
import { duplicate, invalid, notSupported, required, tooMany, type Findings } from '../field-errors.ts';

const RESIZABLE = ['cpu', 'memory'];
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer'];

/** validateResizePolicy; upstream's paths lack the index, but for duplicates. `restartPolicy` is the pod's. */
export function validateResizePolicy(
  { resizePolicy = [] }: Container,
  restartPolicy: string | undefined,
  path: string,
  found: Findings,
): void {
  const names = new Set<string>();
  for (const [i, { resourceName, restartPolicy: policy }] of resizePolicy.entries()) {
    if (names.has(resourceName)) found.push(duplicate(`${path}[${i}]`, resourceName));
    names.add(resourceName);
    if (!resourceName) found.push(required(path));
    else if (!RESIZABLE.includes(resourceName)) found.push(notSupported(path, resourceName, RESIZABLE));
    if (!policy) found.push(required(path));
    else if (!RESIZE_POLICIES.includes(policy)) found.push(notSupported(path, policy, RESIZE_POLICIES));
    if (restartPolicy === 'Never' && policy !== 'NotRequired') {
      found.push(invalid(path, policy ?? '', "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    }
  }
}

/** Of init containers that end: they are not restarted for a new size. */
export function validateInitResize({ resizePolicy = [] }: Container, path: string, found: Findings): void {
  for (const [i, { restartPolicy }] of resizePolicy.entries()) {
    if (restartPolicy !== 'RestartContainer') continue;
    const why = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    found.push(invalid(`${path}.resizePolicy[${i}].restartPolicy`, restartPolicy, why));
  }
}

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const WITHOUT_POLICY = 'must specify restartPolicy when restart rules are used';
const ACTIONS = ['Restart', 'RestartAllContainers'];
const OPERATORS = ['In', 'NotIn'];
const MOST_RULES = 20;
const MOST_CODES = 255;

/** validateContainerRestartPolicy */
export function validateRestart(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  path: string,
  found: Findings,
): void {
  if (restartPolicy === undefined) {
    if (rules.length === 0) return;
    found.push(required(`${path}.restartPolicy`, WITHOUT_POLICY));
  } else if (!RESTART_POLICIES.includes(restartPolicy)) {
    found.push(notSupported(`${path}.restartPolicy`, restartPolicy, RESTART_POLICIES));
  }
  if (rules.length > MOST_RULES) found.push(tooMany(`${path}.restartPolicyRules`, rules.length, MOST_RULES));
  for (const [i, rule] of rules.entries()) validateRestartRule(rule, `${path}.restartPolicyRules[${i}]`, found);
}

/** validateInitContainerRestartPolicy: rules of no policy are not looked at. */
export function validateInitRestart(container: Container, path: string, found: Findings): void {
  const { restartPolicy, restartPolicyRules = [] } = container;
  if (restartPolicy !== undefined) validateRestart(container, path, found);
  else if (restartPolicyRules.length > 0) found.push(required(`${path}.restartPolicy`, WITHOUT_POLICY));
}

function validateRestartRule(
  { action = '', exitCodes }: Partial<ContainerRestartRule>,
  path: string,
  found: Findings,
): void {
  if (!ACTIONS.includes(action)) found.push(notSupported(`${path}.action`, action, ACTIONS));
  if (!exitCodes) return void found.push(required(`${path}.exitCodes`, 'must be specified'));
  const { operator = '', values = [] } = exitCodes as Partial<typeof exitCodes>;
  if (!OPERATORS.includes(operator)) found.push(notSupported(`${path}.exitCodes.operator`, operator, OPERATORS));
  if (values.length > MOST_CODES) found.push(tooMany(`${path}.exitCodes.values`, values.length, MOST_CODES));
}
