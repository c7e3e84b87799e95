import type { Container, ContainerStatus, Pod, PodSpec } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../model/names.ts';
import { isDualStack, validateAddress } from '../addresses.ts';
import { addTexts, duplicate, forbidden, invalid, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { validateAnnotationUpdates } from './pod-annotations.ts';

const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);
const NEGATIVE = 'must be a non-negative integer';

/** ValidatePodStatusUpdate: what a status may not say after what it said. */
export function validatePodStatus(pod: Pod, old: Pod, found: Findings): void {
  validateAnnotationUpdates(pod, old, found);
  const { status, spec } = pod;
  const then = old.status ?? {};
  for (const [i, { type, observedGeneration = 0 }] of (status.conditions ?? []).entries()) {
    const at = `status.conditions[${i}]`;
    if (observedGeneration < 0) found.push(invalid(`${at}.observedGeneration`, observedGeneration, NEGATIVE));
    if (!SYSTEM_CONDITIONS.has(type)) addTexts(found, `${at}.Type`, type, qualifiedNameErrors(type));
  }
  const { nominatedNodeName: node, observedGeneration = 0 } = status;
  if (node && node !== then.nominatedNodeName) {
    addTexts(found, 'status.nominatedNodeName', node, dns1123SubdomainErrors(node));
    if (old.spec.nodeName) {
      found.push(forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'));
    }
  }
  if (observedGeneration < 0) found.push(invalid('status.observedGeneration', observedGeneration, NEGATIVE));
  immutable(status.qosClass, then.qosClass, 'status.qosClass', found);
  if (!restartAll(old.spec)) {
    validateTransitions('containerStatuses', old.spec.containers, [pod, old], found);
    validateTransitions('initContainerStatuses', old.spec.initContainers, [pod, old], found);
  }
  validateTransitions('ephemeralContainerStatuses', [], [pod, old], found);
  validateClaimStatuses(status.resourceClaimStatuses ?? [], spec, found);
  validatePodAddresses(status.podIPs ?? [], then.podIPs ?? [], found);
}

/** A rule of any container may start all of them again (AllContainersCouldRestart). */
const restartAll = ({ containers, initContainers = [] }: PodSpec): boolean =>
  [...containers, ...initContainers].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  );

type Statuses = 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses';

/** ValidateContainerStateTransition: what ended stays so, unless it is to start again. */
function validateTransitions(
  list: Statuses,
  containers: readonly Container[] = [],
  [pod, old]: readonly [Pod, Pod],
  found: Findings,
): void {
  const now: readonly ContainerStatus[] = pod.status?.[list] ?? [];
  for (const [i, { name, state }] of (old.status?.[list] ?? []).entries()) {
    if (!state?.terminated) continue;
    const after = now.find((status) => status.name === name);
    if (!after || after.state?.terminated) continue;
    const container = containers.find((one) => one.name === name);
    if (container && shouldRestart(container, old.spec, state.terminated.exitCode)) continue;
    found.push(forbidden(`status.${list}[${i}].state`, 'may not be transitioned to non-terminated state'));
  }
}

/** ContainerShouldRestart of pkg/api/v1/pod/util.go: the first rule that speaks of the code, the container's policy, the pod's. */
function shouldRestart({ restartPolicy, restartPolicyRules = [] }: Container, spec: PodSpec, code: number): boolean {
  const rule = restartPolicyRules.find(({ exitCodes }) => {
    const { operator, values = [] } = exitCodes ?? {};
    return operator !== undefined && values.includes(code) === (operator === 'In');
  });
  if (rule?.action === 'Restart' || rule?.action === 'RestartAllContainers') return true;
  const policy = restartPolicy ?? spec.restartPolicy;
  return policy === 'OnFailure' ? code !== 0 : policy !== 'Never';
}

/** validatePodResourceClaimStatuses */
function validateClaimStatuses(
  statuses: readonly { name: string; resourceClaimName?: string }[],
  { resourceClaims = [] }: PodSpec,
  found: Findings,
): void {
  const seen = new Set<string>();
  for (const [i, { name, resourceClaimName: claim }] of statuses.entries()) {
    const at = `status.resourceClaimStatuses[${i}]`;
    if (!resourceClaims.some((one) => one.name === name)) {
      found.push(invalid(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (seen.has(name)) found.push(duplicate(`${at}.name`, name));
    seen.add(name);
    if (claim !== undefined) addTexts(found, `${at}.resourceClaimName`, claim, dns1123SubdomainErrors(claim));
  }
}

type Addresses = readonly { ip: string }[];

/** validatePodIPs */
function validatePodAddresses(addresses: Addresses, then: Addresses, found: Findings): void {
  const kept = then.map(({ ip }) => ip);
  const wrong: Findings = [];
  for (const [i, { ip }] of addresses.entries()) validateAddress(ip, `status.podIPs[${i}]`, wrong, kept);
  found.push(...wrong);
  if (wrong.length > 0 || addresses.length < 2) return;
  const texts = addresses.map(({ ip }) => ip);
  if (texts.length === 2 && isDualStack(texts)) return;
  const value = texts.map((text) => ({ IP: text }));
  found.push(invalid('status.podIPs', value, 'may specify no more than one IP for each IP family'));
}
