import type { Container, EphemeralContainer, PodSpec } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, portNameErrors } from '../../../model/names.ts';
import {
  addTexts,
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  type Findings,
} from '../field-errors.ts';
import { validatePortNumber } from '../numbers.ts';
import { validateRequirements } from '../quantities.ts';
import {
  validateInitResize,
  validateInitRestart,
  validateResizePolicy,
  validateRestart,
} from './container-policies.ts';
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
    validateInitRestart(container, at, found);
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
      validateInitResize(container, at, found);
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
      if (isSet(value)) found.push(forbidden(`${at}.${field}`, NOT_EPHEMERAL));
    }
    for (const [j, { subPath, subPathExpr }] of (container.volumeMounts ?? []).entries()) {
      if (subPath) found.push(forbidden(`${at}.volumeMounts[${j}].subPath`, NOT_EPHEMERAL));
      if (subPathExpr) found.push(forbidden(`${at}.volumeMounts[${j}].subPathExpr`, NOT_EPHEMERAL));
    }
  }
}

/** Whether Go holds something there: an empty struct or list is nothing, but for a pointer to one, which only `lifecycle` is here. */
const isSet = (value: unknown): boolean =>
  value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length > 0);

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

/** validateContainerCommon */
function validateContainer(container: Container, context: PodContext, path: string, found: Findings): void {
  const { name, image, terminationMessagePolicy: policy, imagePullPolicy } = container;
  if (!name) found.push(required(`${path}.name`));
  else addTexts(found, `${path}.name`, name, dns1123LabelErrors(name));
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
