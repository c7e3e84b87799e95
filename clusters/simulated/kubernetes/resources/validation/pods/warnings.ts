import type { Container, PodSpec, PodTemplateSpec, Pod } from '../../../model/generated/objects.ts';
import { warnAboutAddress } from '../addresses.ts';
import { isFractional } from '../quantities.ts';
import { APP_ARMOR, SECCOMP_CONTAINER, SECCOMP_POD } from './pod-annotations.ts';

type Texts = Readonly<Record<string, string>>;

/** pkg/api/node/util.go and pkg/api/pod/warnings.go: labels of nodes that have a successor. */
const OLD_NODE_LABELS: Texts = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

const OLD_VOLUMES: Texts = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
};

/** GetWarningsForPod of pkg/api/pod/warnings.go. */
export const podWarnings = (pod: Pod): string[] =>
  (pod.spec as PodSpec | undefined) ? warningsOf(pod.spec, pod.metadata.annotations ?? {}, 'metadata', 'spec') : [];

/** GetWarningsForPodTemplate; `path` is where the template lies. */
export const templateWarnings = (template: PodTemplateSpec | undefined, path: string): string[] =>
  template?.spec
    ? warningsOf(template.spec, template.metadata?.annotations ?? {}, `${path}.metadata`, `${path}.spec`)
    : [];

function warningsOf(spec: PodSpec, annotations: Texts, metadata: string, path: string): string[] {
  const warnings: string[] = [];
  for (const label of Object.keys(spec.nodeSelector ?? {})) {
    const text = OLD_NODE_LABELS[label];
    if (text !== undefined) warnings.push(`${path}.nodeSelector[${label}]: ${text}`);
  }
  warnAboutAffinity(spec, path, warnings);
  warnAboutSpread(spec, path, warnings);
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    for (const kind of Object.keys(volume)) {
      const text = OLD_VOLUMES[kind];
      if (text !== undefined) warnings.push(`${path}.volumes[${i}].${kind}: ${text}`);
    }
    const size = volume.emptyDir?.sizeLimit;
    if (size !== undefined && isFractional(size)) {
      warnings.push(
        `${path}.volumes[${i}].emptyDir.sizeLimit: fractional byte value ${JSON.stringify(size)} is invalid, must be an integer`,
      );
    }
  }
  duplicates(
    spec.hostAliases ?? [],
    ({ ip }) => ip,
    (i, ip) => `${path}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`,
    warnings,
  );
  for (const [i, { ip }] of (spec.hostAliases ?? []).entries()) {
    warnings.push(...warnAboutAddress(ip, `${path}.hostAliases[${i}].ip`));
  }
  for (const [i, { name = '' }] of (spec.imagePullSecrets ?? []).entries()) {
    if (name === '') warnings.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`);
  }
  duplicates(
    spec.imagePullSecrets ?? [],
    ({ name }) => name,
    (i, name) => `${path}.imagePullSecrets[${i}].name: duplicate name ${JSON.stringify(name)}`,
    warnings,
  );
  if (annotations[SECCOMP_POD] !== undefined && !spec.securityContext?.seccompProfile) {
    warnings.push(
      `${metadata}.annotations[${SECCOMP_POD}]: non-functional in v1.27+; use the "seccompProfile" field instead`,
    );
  }
  for (const [list, containers] of [
    ['initContainers', spec.initContainers],
    ['containers', spec.containers],
  ] as const) {
    for (const [i, container] of (containers ?? []).entries()) {
      warnAboutContainer(container, spec, annotations, { metadata, at: `${path}.${list}[${i}]` }, warnings);
    }
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(
      `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  }
  return warnings;
}

function warnAboutContainer(
  container: Container,
  { securityContext }: PodSpec,
  annotations: Texts,
  where: { metadata: string; at: string },
  warnings: string[],
): void {
  const { at, metadata } = where;
  const { name, resources = {}, env = [], ports = [] } = container;
  const seccomp = `${SECCOMP_CONTAINER}${name}`;
  if (annotations[seccomp] !== undefined && !container.securityContext?.seccompProfile) {
    warnings.push(
      `${metadata}.annotations[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`,
    );
  }
  const armor = `${APP_ARMOR}${name}`;
  if (
    annotations[armor] !== undefined &&
    !(container.securityContext?.appArmorProfile ?? securityContext?.appArmorProfile)
  ) {
    warnings.push(`${metadata}.annotations[${armor}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
  }
  for (const [list, amounts] of Object.entries({ limits: resources.limits, requests: resources.requests })) {
    for (const resource of ['memory', 'ephemeral-storage']) {
      const amount = amounts?.[resource];
      if (amount === undefined || !isFractional(amount)) continue;
      warnings.push(
        `${at}.resources.${list}[${resource}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`,
      );
    }
  }
  // An entry that reads the one before it is a way to add to a variable.
  const seen = new Set<string>();
  for (const [i, { name: variable, value }] of env.entries()) {
    if (seen.has(variable) && !value?.includes(`$(${variable})`)) {
      warnings.push(
        `${at}.env[${i}]: hides previous definition of ${JSON.stringify(variable)}, which may be dropped when using apply`,
      );
    }
    seen.add(variable);
  }
  const open = new Map<string, number>();
  for (const [i, { protocol = 'TCP', hostPort = 0, hostIP = '', containerPort }] of ports.entries()) {
    const key = `${protocol}/${hostIP}/${hostPort}/${containerPort}`;
    const other = open.get(key);
    if (other === undefined) open.set(key, i);
    else warnings.push(`${at}.ports[${i}]: duplicate port definition with ${at}.ports[${other}]`);
  }
}

function warnAboutAffinity({ affinity }: PodSpec, path: string, warnings: string[]): void {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: hard,
    preferredDuringSchedulingIgnoredDuringExecution: soft,
  } = affinity?.nodeAffinity ?? {};
  const at = `${path}.affinity.nodeAffinity`;
  const terms = [
    ...(hard?.nodeSelectorTerms ?? []).map((term, i) => ({
      term,
      field: `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`,
    })),
    ...(soft ?? []).map(({ preference }, i) => ({
      term: preference,
      field: `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`,
    })),
  ];
  for (const { term, field } of terms) {
    for (const [i, { key }] of (term.matchExpressions ?? []).entries()) {
      const text = OLD_NODE_LABELS[key];
      if (text !== undefined) warnings.push(`${field}.matchExpressions[${i}].key: ${key} is ${text}`);
    }
  }
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const {
      requiredDuringSchedulingIgnoredDuringExecution: must,
      preferredDuringSchedulingIgnoredDuringExecution: may,
    } = affinity?.[kind] ?? {};
    for (const [i, { labelSelector }] of (must ?? []).entries()) {
      if (labelSelector) continue;
      warnings.push(
        `${path}.affinity.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: a null labelSelector results in matching no pod`,
      );
    }
    for (const [i, { podAffinityTerm }] of (may ?? []).entries()) {
      if (podAffinityTerm.labelSelector) continue;
      warnings.push(
        `${path}.affinity.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod`,
      );
    }
  }
}

function warnAboutSpread({ topologySpreadConstraints = [] }: PodSpec, path: string, warnings: string[]): void {
  for (const [i, { topologyKey, labelSelector }] of topologySpreadConstraints.entries()) {
    const at = `${path}.topologySpreadConstraints[${i}]`;
    const text = OLD_NODE_LABELS[topologyKey];
    if (text !== undefined) warnings.push(`${at}.topologyKey: ${topologyKey} is ${text}`);
    if (!labelSelector) warnings.push(`${at}.labelSelector: a null labelSelector results in matching no pod`);
  }
}

function duplicates<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
  text: (i: number, key: string) => string,
  warnings: string[],
): void {
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const key = keyOf(item) ?? '';
    if (key !== '' && seen.has(key)) warnings.push(text(i, key));
    seen.add(key);
  }
}
