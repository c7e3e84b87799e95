import type { Container, Pod, PodSpec, PodTemplateSpec } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors } from '../../../model/names.ts';
import { warnAboutAddress } from '../addresses.ts';
import { claimSpecWarnings } from '../claim-warnings.ts';
import { isFractional } from '../quantities.ts';
import { affinityWarnings, oldLabelWarning, selectorWarnings } from './affinity-warnings.ts';
import { overlapWarnings } from './overlap-warnings.ts';
import { APP_ARMOR, SECCOMP_CONTAINER, SECCOMP_POD } from './pod-annotations.ts';
import { portWarnings } from './port-warnings.ts';
import { containersWithPaths } from './windows.ts';

type Texts = Readonly<Record<string, string>>;

const OLD_ANNOTATIONS: Texts = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

/** In upstream's order; its path of `storageos` has a capital. */
const OLD_VOLUMES = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;

/** podStrategy.WarningsOnCreate of pkg/registry/core/pod/strategy.go; of updates nothing is warned. */
export function podWarnings(pod: Pod): string[] {
  const texts = pod.metadata.name === undefined ? [] : dns1123LabelErrors(pod.metadata.name);
  const why = "this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended";
  return [
    ...(texts.length === 0 ? [] : [`metadata.name: ${why}: [${texts.join(' ')}]`]),
    ...((pod.spec as PodSpec | undefined) ? warningsOf(pod.spec, pod.metadata.annotations ?? {}, '') : []),
  ];
}

/** GetWarningsForPodTemplate of pkg/api/pod/warnings.go; `path` is where the template lies. */
export const templateWarnings = (template: PodTemplateSpec | undefined, path: string): string[] =>
  template?.spec ? warningsOf(template.spec, template.metadata?.annotations ?? {}, `${path}.`) : [];

/** warningsForPodSpecAndMeta. `prefix` is empty for pods, whose AppArmor annotations another part speaks of (app-armor-skew.ts). */
function warningsOf(spec: PodSpec, annotations: Texts, prefix: string): string[] {
  const path = `${prefix}spec`;
  const annotated = (key: string): string => `${prefix}metadata.annotations[${key}]`;
  const warnings: string[] = selectorWarnings(spec, path);
  for (const [i, { topologyKey, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = `${path}.topologySpreadConstraints[${i}]`;
    const old = oldLabelWarning(topologyKey);
    if (old !== undefined) warnings.push(`${at}.topologyKey: ${topologyKey} is ${old}`);
    if (!labelSelector) warnings.push(`${at}.labelSelector: a null labelSelector results in matching no pod`);
  }
  for (const [key, text] of Object.entries(OLD_ANNOTATIONS)) {
    if (annotations[key] !== undefined) warnings.push(`${annotated(key)}: ${text}`);
  }
  warnings.push(...volumeWarnings(spec, path), ...overlapWarnings(spec.volumes ?? []));
  warnings.push(...listWarnings(spec, path), ...fractions(spec.overhead, `${path}.overhead`));
  if (annotations[SECCOMP_POD] !== undefined && !spec.securityContext?.seccompProfile) {
    warnings.push(`${annotated(SECCOMP_POD)}: ${SECCOMP}`);
  }
  for (const [container, at] of containersWithPaths(spec, path)) {
    const seccomp = `${SECCOMP_CONTAINER}${container.name}`;
    if (annotations[seccomp] !== undefined && !container.securityContext?.seccompProfile) {
      warnings.push(`${annotated(seccomp)}: ${SECCOMP}`);
    }
    const armor = `${APP_ARMOR}${container.name}`;
    const hasArmor = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    if (prefix !== '' && annotations[armor] !== undefined && !hasArmor) {
      warnings.push(`${annotated(armor)}: deprecated since v1.30; use the "appArmorProfile" field instead`);
    }
    warnings.push(...containerWarnings(container, at));
  }
  warnings.push(...portWarnings(spec, path));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(
      `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  }
  return [...warnings, ...affinityWarnings(spec, path)];
}

const SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';

function volumeWarnings({ volumes = [] }: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  for (const [i, volume] of volumes.entries()) {
    for (const [kind, shown, text] of OLD_VOLUMES) {
      if (volume[kind]) warnings.push(`${path}.volumes[${i}].${shown}: ${text}`);
    }
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    if (claim) warnings.push(...claimSpecWarnings(claim, `${path}.volumes[${i}].ephemeral.volumeClaimTemplate.spec`));
  }
  return warnings;
}

function listWarnings({ hostAliases = [], imagePullSecrets = [] }: PodSpec, path: string): string[] {
  const secrets = imagePullSecrets.map(({ name = '' }) => name);
  return [
    ...hostAliases.flatMap(({ ip }, i) => warnAboutAddress(ip, `${path}.hostAliases[${i}].ip`)),
    ...duplicates(hostAliases.map(({ ip }) => ip)).map(
      ([i, ip]) => `${path}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`,
    ),
    ...duplicates(secrets).map(
      ([i, name]) => `${path}.imagePullSecrets[${i}].name: duplicate name ${JSON.stringify(name)}`,
    ),
    ...secrets.flatMap((name, i) =>
      name === '' ? [`${path}.imagePullSecrets[${i}].name: invalid empty name ""`] : [],
    ),
  ];
}

const duplicates = (items: readonly string[]): [number, string][] =>
  [...items.entries()].filter(([i, item]) => items.indexOf(item) < i);

const IN_BYTES = ['memory', 'ephemeral-storage'];

const fractions = (amounts: Texts = {}, path: string, names: readonly string[] = IN_BYTES): string[] =>
  names.flatMap((name) => {
    const amount = amounts[name];
    if (amount === undefined || !isFractional(amount)) return [];
    return [`${path}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`];
  });

function containerWarnings({ resources = {}, env = [] }: Container, path: string): string[] {
  const warnings = IN_BYTES.flatMap((name) => [
    ...fractions(resources.limits, `${path}.resources.limits`, [name]),
    ...fractions(resources.requests, `${path}.resources.requests`, [name]),
  ]);
  const seen = new Set<string>();
  for (const [i, { name, value = '', valueFrom }] of env.entries()) {
    // An entry that adds to what it reads of the one before it is a way to add to a variable.
    const reading = `$(${name})`;
    const adds = !valueFrom && value !== reading && value.includes(reading);
    if (seen.has(name) && !adds) {
      const what = `hides previous definition of ${JSON.stringify(name)}`;
      warnings.push(`${path}.env[${i}]: ${what}, which may be dropped when using apply`);
    }
    seen.add(name);
  }
  return warnings;
}
