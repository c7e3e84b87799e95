import type { Container, ContainerRestartRule, EphemeralContainer, PodSpec } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, portNameErrors } from '../../../model/names.ts';
import {
  addTexts,
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooMany,
  type Findings,
} from '../field-errors.ts';
import { validatePortNumber } from '../numbers.ts';
import { validateRequirements } from '../quantities.ts';
import { validateEnvironment } from './env.ts';
import { validateMounts } from './mounts.ts';
import type { PodContext } from './pod-context.ts';
import { validateProbes } from './probes.ts';
import { validateContainerSecurity } from './security-context.ts';

/** validateContainers, validateInitContainers and validateEphemeralContainers of pkg/apis/core/validation. */
export function validateContainers(spec: PodSpec, context: PodContext, path: string, found: Findings): void {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec as Partial<PodSpec>;
  if (containers.length === 0) found.push(required(`${path}.containers`));
  else validateRegular(containers, context, `${path}.containers`, found);
  validateInit(initContainers, containers, context, `${path}.initContainers`, found);
  if (ephemeralContainers.length > 0) {
    const others = new Set([...containers, ...initContainers].map(({ name }) => name));
    validateEphemeral(ephemeralContainers, others, context, `${path}.ephemeralContainers`, found);
  }
}

function validateRegular(containers: readonly Container[], context: PodContext, path: string, found: Findings): void {
  const names = new Set<string>();
  for (const [i, container] of containers.entries()) {
    const at = `${path}[${i}]`;
    validateContainer(container, context, at, found);
    if (names.has(container.name)) found.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    validateProbes(container, context.gracePeriod, at, found);
    validateRestart(container, at, found);
  }
  validateHostPorts(containers, path, found);
}

const ONLY_SIDECARS = 'may not be set for init containers without restartPolicy=Always';

function validateInit(
  containers: readonly Container[],
  regular: readonly Container[],
  context: PodContext,
  path: string,
  found: Findings,
): void {
  const names = new Set(regular.map(({ name }) => name));
  for (const [i, container] of containers.entries()) {
    const at = `${path}[${i}]`;
    validateContainer(container, context, at, found);
    validateRestart(container, at, found);
    if (names.has(container.name)) found.push(duplicate(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    // They run one by one, so each is looked at alone. Upstream's path has the index 0 whichever it is.
    validateHostPorts([container], path, found);
    if (container.restartPolicy === 'Always') {
      validateProbes(container, context.gracePeriod, at, found);
    } else {
      for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
        if (container[field]) found.push(forbidden(`${at}.${field}`, ONLY_SIDECARS));
      }
    }
  }
}

/** In the order of the fields of EphemeralContainerCommon. */
const NOT_FOR_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;
const NOT_EPHEMERAL = 'cannot be set for an Ephemeral Container';

function validateEphemeral(
  containers: readonly EphemeralContainer[],
  others: ReadonlySet<string>,
  context: PodContext,
  path: string,
  found: Findings,
): void {
  const names = new Set(others);
  for (const [i, container] of containers.entries()) {
    const at = `${path}[${i}]`;
    validateContainer(container, context, at, found);
    validateImagePadding(container, at, found);
    if (names.has(container.name)) found.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) found.push(notFound(`${at}.targetContainerName`, target));
    for (const field of NOT_FOR_EPHEMERAL) {
      const value = container[field];
      const isSet = value !== undefined && (typeof value !== 'object' || Object.keys(value).length > 0);
      if (isSet) found.push(forbidden(`${at}.${field}`, NOT_EPHEMERAL));
    }
    for (const [j, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
      if (subPath) found.push(forbidden(`${at}.volumeMounts[${j}].subPath`, NOT_EPHEMERAL));
      if (subPathExpr) found.push(forbidden(`${at}.volumeMounts[${j}].subPathExpr`, NOT_EPHEMERAL));
    }
  }
}

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

/** validateContainerCommon */
function validateContainer(container: Container, context: PodContext, path: string, found: Findings): void {
  const { name, image, terminationMessagePolicy: policy, imagePullPolicy } = container;
  if (!name) found.push(required(`${path}.name`));
  else addTexts(found, `${path}.name`, name, dns1123LabelErrors(name));
  // Templates may leave the image to whoever makes pods of them, pods may not.
  if (!image) found.push(required(`${path}.image`));
  if (!policy) found.push(required(`${path}.terminationMessagePolicy`));
  else if (!MESSAGE_POLICIES.includes(policy)) {
    found.push(notSupported(`${path}.terminationMessagePolicy`, policy, MESSAGE_POLICIES));
  }
  validatePorts(container, `${path}.ports`, found);
  validateEnvironment(container, path, found);
  validateMounts(container, context, path, found);
  validatePullPolicy(imagePullPolicy, `${path}.imagePullPolicy`, found);
  validateRequirements(container.resources, context, `${path}.resources`, found);
  validateResizePolicy(container, context.restartPolicy, `${path}.resizePolicy`, found);
  validateContainerSecurity(container.securityContext, context.hostUsers, `${path}.securityContext`, found);
}

/** validatePullPolicy */
export function validatePullPolicy(policy: string | undefined, field: string, found: Findings): void {
  if (!policy) found.push(required(field));
  else if (!PULL_POLICIES.includes(policy)) found.push(notSupported(field, policy, PULL_POLICIES));
}

/** validateContainerOnlyForPod */
export function validateImagePadding({ image = '' }: Container, path: string, found: Findings): void {
  if (image !== image.trim()) {
    found.push(invalid(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
}

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** A transport protocol of a port. */
export function validateProtocol(protocol: string | undefined, field: string, found: Findings): void {
  if (!protocol) found.push(required(field));
  else if (!PROTOCOLS.includes(protocol)) found.push(notSupported(field, protocol, PROTOCOLS));
}

function validatePorts({ ports = [] }: Container, path: string, found: Findings): void {
  const names = new Set<string>();
  for (const [i, { name, containerPort, hostPort, protocol }] of ports.entries()) {
    const at = `${path}[${i}]`;
    if (name) {
      const texts = portNameErrors(name);
      addTexts(found, `${at}.name`, name, texts);
      if (texts.length === 0 && names.has(name)) found.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (!containerPort) found.push(required(`${at}.containerPort`));
    else validatePortNumber(containerPort, `${at}.containerPort`, found);
    if (hostPort) validatePortNumber(hostPort, `${at}.hostPort`, found);
    validateProtocol(protocol, `${at}.protocol`, found);
  }
}

/** checkHostPortConflicts */
function validateHostPorts(containers: readonly Container[], path: string, found: Findings): void {
  const taken = new Set<string>();
  for (const [i, { ports = [] }] of containers.entries()) {
    for (const [j, { protocol, hostIP = '', hostPort }] of ports.entries()) {
      if (!hostPort) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) found.push(duplicate(`${path}[${i}].ports[${j}].hostPort`, key));
      taken.add(key);
    }
  }
}

function validateResizePolicy(
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
    else if (resourceName !== 'cpu' && resourceName !== 'memory')
      found.push(notSupported(path, resourceName, ['cpu', 'memory']));
    if (!policy) found.push(required(path));
    else if (policy !== 'NotRequired' && policy !== 'RestartContainer') {
      found.push(notSupported(path, policy, ['NotRequired', 'RestartContainer']));
    }
    if (restartPolicy === 'Never' && policy !== 'NotRequired') {
      found.push(invalid(path, policy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
  }
}

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];

/** validateContainerRestartPolicy (ContainerRestartRules) */
function validateRestart({ restartPolicy, restartPolicyRules = [] }: Container, path: string, found: Findings): void {
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length > 0) {
      found.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
    }
  } else if (!RESTART_POLICIES.includes(restartPolicy)) {
    found.push(notSupported(`${path}.restartPolicy`, restartPolicy, RESTART_POLICIES));
  }
  if (restartPolicyRules.length > 20) found.push(tooMany(`${path}.restartPolicyRules`, restartPolicyRules.length, 20));
  for (const [i, rule] of restartPolicyRules.entries())
    validateRestartRule(rule, `${path}.restartPolicyRules[${i}]`, found);
}

function validateRestartRule({ action, exitCodes }: ContainerRestartRule, path: string, found: Findings): void {
  if (!action) found.push(required(`${path}.action`));
  else if (action !== 'Restart' && action !== 'RestartAllContainers') {
    found.push(notSupported(`${path}.action`, action, ['Restart', 'RestartAllContainers']));
  }
  if (!exitCodes) return void found.push(required(`${path}.exitCodes`, 'must be specified'));
  const { operator, values = [] } = exitCodes;
  if (!operator) found.push(required(`${path}.exitCodes.operator`, 'must be specified'));
  else if (operator !== 'In' && operator !== 'NotIn')
    found.push(notSupported(`${path}.exitCodes.operator`, operator, ['In', 'NotIn']));
  if (values.length > 255) found.push(tooMany(`${path}.exitCodes.values`, values.length, 255));
}
