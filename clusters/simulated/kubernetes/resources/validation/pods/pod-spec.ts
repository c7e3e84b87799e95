import type { Pod, PodSpec, PodTemplateSpec } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../model/names.ts';
import { addTexts, duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { internalValue } from '../internal-values.ts';
import { validateAnnotations, validateLabels } from '../labels.ts';
import { inclusiveRange, MAX_INT32 } from '../numbers.ts';
import { validateRequirements } from '../quantities.ts';
import { validateContainers, validateImagePadding } from './containers.ts';
import { validateDnsConfig, validateDnsPolicy, validateHostAliases } from './dns.ts';
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.ts';
import { contextOf } from './pod-context.ts';
import { validatePodResources } from './pod-resources.ts';
import { validateAffinity } from './affinity.ts';
import { validateEnvFiles } from './env.ts';
import { validateGates } from './gates.ts';
import { validateHostNameOverride } from './host-name.ts';
import { validateSpread } from './spread.ts';
import { validateTolerations } from './tolerations.ts';
import { validateHostUsers, validatePodSecurity } from './security-context.ts';
import { validateVolumes } from './volumes.ts';
import { validateHostProcess, validateOperatingSystem } from './windows.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];

/** ValidatePodSpec of pkg/apis/core/validation, in its order. `podName` is empty for templates. */
function validatePodSpec(
  spec: PodSpec,
  { podName, ofPod }: { podName: string; ofPod: boolean },
  path: string,
  found: Findings,
): void {
  if (spec.terminationGracePeriodSeconds === undefined) found.push(required(`${path}.terminationGracePeriodSeconds`));
  const volumes = validateVolumes(spec.volumes ?? [], { podName, ofPod }, `${path}.volumes`, found);
  validateResourceClaims(spec, `${path}.resourceClaims`, found);
  const context = contextOf(spec, volumes, ofPod);
  validateContainers(spec, context, path, found);
  validatePodResources(spec, context.claimNames, `${path}.resources`, found);
  if (spec.hostNetwork === true) validateHostNetworkPorts(spec, ofPod, path, found);
  if (!spec.restartPolicy) found.push(required(`${path}.restartPolicy`));
  else oneOf(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`, found);
  validateDnsPolicy(spec.dnsPolicy, `${path}.dnsPolicy`, found);
  validateLabels(spec.nodeSelector, `${path}.nodeSelector`, found);
  validatePodSecurity(spec, path, found);
  validateAffinity(spec.affinity, `${path}.affinity`, found);
  validateDnsConfig(spec, `${path}.dnsConfig`, found);
  validateGates(spec, path, found);
  validateSpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`, found);
  validateHostProcess(spec, path, found);
  validateHostUsers(spec, path, found);
  validateHostNameOverride(spec, path, found);
  name(spec.serviceAccountName, dns1123SubdomainErrors, `${path}.serviceAccountName`, found);
  name(spec.nodeName, dns1123SubdomainErrors, `${path}.nodeName`, found);
  const { activeDeadlineSeconds: deadline } = spec;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32)) {
    found.push(invalid(`${path}.activeDeadlineSeconds`, deadline, inclusiveRange(1, MAX_INT32)));
  }
  name(spec.hostname, dns1123LabelErrors, `${path}.hostname`, found);
  name(spec.subdomain, dns1123LabelErrors, `${path}.subdomain`, found);
  validateTolerations(spec.tolerations ?? [], `${path}.tolerations`, found);
  validateHostAliases(spec.hostAliases ?? [], `${path}.hostAliases`, found);
  name(spec.priorityClassName, dns1123SubdomainErrors, `${path}.priorityClassName`, found);
  if (spec.runtimeClassName !== undefined) {
    addTexts(found, `${path}.runtimeClassName`, spec.runtimeClassName, dns1123SubdomainErrors(spec.runtimeClassName));
  }
  validatePreemptionPolicy(spec.preemptionPolicy, `${path}.preemptionPolicy`, found);
  if (spec.overhead) validateRequirements({ limits: spec.overhead }, context, `${path}.overhead`, found);
  validateOperatingSystem(spec, path, found);
  validateEnvFiles(spec, path, found);
}

function name(value: string | undefined, check: (text: string) => string[], field: string, found: Findings): void {
  if (value) addTexts(found, field, value, check(value));
}

function oneOf(value: string, supported: readonly string[], field: string, found: Findings): void {
  if (!supported.includes(value)) found.push(notSupported(field, value, supported));
}

/** ValidatePreemptionPolicy; what is not given is defaulted by admission. */
export function validatePreemptionPolicy(policy: string | undefined, field: string, found: Findings): void {
  if (policy === undefined) return;
  if (policy === '') found.push(required(field));
  else oneOf(policy, ['PreemptLowerPriority', 'Never'], field, found);
}

const CLAIM = 'io.k8s.api.core.v1.PodResourceClaim';

function validateResourceClaims({ resourceClaims = [] }: PodSpec, path: string, found: Findings): void {
  const names = new Set<string>();
  for (const [i, claim] of resourceClaims.entries()) {
    const at = `${path}[${i}]`;
    const { name: claimName, resourceClaimName: own, resourceClaimTemplateName: template } = claim;
    if (!claimName) found.push(required(`${at}.name`));
    else if (names.has(claimName)) found.push(duplicate(`${at}.name`, claimName));
    else addTexts(found, `${at}.name`, claimName, dns1123LabelErrors(claimName));
    names.add(claimName);
    if (own !== undefined && template !== undefined) {
      const why = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      found.push(invalid(at, internalValue(claim, CLAIM), why));
    }
    if (own === undefined && template === undefined) {
      const why = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      found.push(invalid(at, internalValue(claim, CLAIM), why));
    }
    name(own, dns1123SubdomainErrors, `${at}.resourceClaimName`, found);
    name(template, dns1123SubdomainErrors, `${at}.resourceClaimTemplateName`, found);
  }
}

/** validatePodHostNetworkDeps: a template may leave host ports to the pods made of it. */
function validateHostNetworkPorts(
  { containers = [] }: Partial<PodSpec>,
  ofPod: boolean,
  path: string,
  found: Findings,
): void {
  for (const [i, { ports = [] }] of containers.entries()) {
    for (const [j, { hostPort = 0, containerPort }] of ports.entries()) {
      if ((!ofPod && hostPort === 0) || hostPort === containerPort) continue;
      const why = 'must match `containerPort` when `hostNetwork` is true';
      found.push(invalid(`${path}.containers[${i}].ports[${j}].hostPort`, hostPort, why));
    }
  }
}

/** validatePodMetadataAndSpec, without the metadata that every object has. */
export function validatePodAndSpec({ metadata, spec }: Pod, found: Findings): void {
  validatePodAnnotations(metadata.annotations, spec, 'metadata.annotations', found);
  validatePodSpec(spec, { podName: metadata.name ?? '', ofPod: true }, 'spec', found);
  if (!spec.serviceAccountName) {
    for (const [i, { projected }] of (spec.volumes ?? []).entries()) {
      for (const [j, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
        if (!serviceAccountToken) continue;
        const field = `spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`;
        found.push(forbidden(field, 'must not be specified when serviceAccountName is not set'));
      }
    }
  }
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (spec[list] ?? []).entries())
      validateImagePadding(container, `spec.${list}[${i}]`, found);
  }
}

/** ValidatePodCreate */
export function validatePodCreate(pod: Pod, found: Findings): void {
  const { spec, metadata } = pod;
  validatePodAndSpec(pod, found);
  if ((spec.ephemeralContainers ?? []).length > 0) {
    found.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0) {
    found.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  validateProfilesMatch(metadata.annotations, spec, 'spec', found);
}

/** ValidatePodTemplateSpec. `path` is that of the template. */
export function validatePodTemplate(template: PodTemplateSpec, path: string, found: Findings): void {
  const { metadata = {}, spec } = template;
  validateLabels(metadata.labels, `${path}.labels`, found);
  validateAnnotations(metadata.annotations, `${path}.annotations`, found);
  validatePodAnnotations(metadata.annotations, spec, `${path}.annotations`, found);
  validatePodSpec(spec, { podName: '', ofPod: false }, `${path}.spec`, found);
  validateProfilesMatch(metadata.annotations, spec, `${path}.spec`, found);
  if ((spec.ephemeralContainers ?? []).length > 0) {
    found.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  }
}
