import type { KubeObject } from '../../object.ts';
import { ApiError, invalid } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { detailOf, evaluatePod, reasonsOf } from './evaluate.ts';
import type { Container, PodMeta, PodSpec } from './pod.ts';
import {
  compareLevels,
  levelText,
  policyOf,
  samePolicy,
  type LevelVersion,
  type PodSecurityConfig,
  type Policy,
} from './policy.ts';

const ANNOTATION = 'pod-security.kubernetes.io/';
const IGNORED_SUBRESOURCES = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);
/** Where kinds that make pods keep their template. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  '/replicationcontrollers': ['spec', 'template'],
  '/podtemplates': ['template'],
  'apps/replicasets': ['spec', 'template'],
  'apps/deployments': ['spec', 'template'],
  'apps/statefulsets': ['spec', 'template'],
  'apps/daemonsets': ['spec', 'template'],
  'batch/jobs': ['spec', 'template'],
  'batch/cronjobs': ['spec', 'jobTemplate', 'spec', 'template'],
};
/** Pods looked at when a namespace is labelled. */
const MAX_PODS = 3000;

interface PodLike {
  readonly meta: PodMeta;
  readonly spec: PodSpec;
}

/** Pod Security Admission (pod-security-admission/admission/admission.go, plugin/pkg/admission/security/podsecurity). */
export function podSecurity(config: PodSecurityConfig): AdmissionPlugin {
  return {
    name: 'PodSecurity',
    validate(request, cluster) {
      if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
      const { group, plural } = request.resource;
      if (group === '' && plural === 'namespaces') validateNamespace(request, cluster, config);
      else if (group === '' && plural === 'pods') validatePod(request, cluster, config);
      else if (TEMPLATES[`${group}/${plural}`] !== undefined) validateTemplate(request, cluster, config);
    },
  };
}

function validateNamespace(request: AdmissionRequest, cluster: Cluster, config: PodSecurityConfig): void {
  const { object, oldObject } = request;
  if (request.subresource !== '' || object === undefined) return;
  const next = policyOf(object.metadata.labels, config.defaults);
  const refusal = (): ApiError => invalid({ group: '', kind: 'Namespace' }, object.metadata.name, next.errors);
  if (oldObject === undefined) {
    if (next.errors.length > 0) throw refusal();
    warnOfExemption(request, config, next.policy);
    return;
  }
  const before = policyOf(oldObject.metadata.labels, config.defaults);
  if (next.errors.length > 0 && JSON.stringify(next.errors) !== JSON.stringify(before.errors)) throw refusal();
  const { enforce } = next.policy;
  if (JSON.stringify(next.policy) === JSON.stringify(before.policy)) return;
  if (warnOfExemption(request, config, next.policy)) return;
  if (samePolicy(enforce, before.policy.enforce) || enforce.level === 'privileged') return;
  const relaxed = compareLevels(enforce.level, before.policy.enforce.level) < 1;
  if (enforce.version === before.policy.enforce.version && relaxed) return;
  for (const warning of violationsIn(cluster, config, object.metadata.name, enforce)) request.warn(warning);
}

function warnOfExemption(request: AdmissionRequest, config: PodSecurityConfig, policy: Policy): boolean {
  const name = request.object?.metadata.name ?? '';
  if (!config.exemptNamespaces.has(name)) return false;
  const modes = (['enforce', 'audit', 'warn'] as const).filter((mode) => policy[mode].level !== 'privileged');
  if (modes.length > 0) {
    const text = modes.map((mode) => `${mode}=${levelText(policy[mode])}`).join(', ');
    request.warn(
      `namespace ${JSON.stringify(name)} is exempt from Pod Security, and the policy (${text}) will be ignored`,
    );
  }
  return true;
}

function violationsIn(cluster: Cluster, config: PodSecurityConfig, namespace: string, enforce: LevelVersion): string[] {
  const all = cluster.list(cluster.resource('pods'), namespace);
  const pods = all.slice(0, MAX_PODS);
  const byReason = new Map<string, string[]>();
  for (const pod of pods) {
    const { meta, spec } = podOf(pod);
    if (config.exemptRuntimeClasses.has(spec.runtimeClassName ?? '')) continue;
    const reasons = reasonsOf(evaluatePod(enforce.level, enforce.version, meta, spec));
    if (reasons === '') continue;
    byReason.set(reasons, [...(byReason.get(reasons) ?? []), pod.metadata.name]);
  }
  const lines = [...byReason].map(([reasons, names]) => {
    const [first = ''] = names.sort();
    const others = names.length - 1;
    const more = others === 0 ? '' : ` (and ${others} other pod${others === 1 ? '' : 's'})`;
    return `${first}${more}: ${reasons}`;
  });
  return [
    ...(all.length > pods.length
      ? [`new PodSecurity enforce level only checked against the first ${pods.length} of ${all.length} existing pods`]
      : []),
    ...(lines.length > 0
      ? [
          `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level "${levelText(enforce)}"`,
        ]
      : []),
    ...lines.sort(),
  ];
}

function validatePod(request: AdmissionRequest, cluster: Cluster, config: PodSecurityConfig): void {
  if (IGNORED_SUBRESOURCES.has(request.subresource) || request.object === undefined || exempt(request, config)) return;
  const next = podOf(request.object);
  if (request.oldObject !== undefined && !isSignificant(next, podOf(request.oldObject))) return;
  evaluate(request, cluster, config, next, true);
}

function validateTemplate(request: AdmissionRequest, cluster: Cluster, config: PodSecurityConfig): void {
  const { group, plural } = request.resource;
  if (request.subresource !== '' || request.object === undefined || exempt(request, config)) return;
  let at: unknown = request.object;
  for (const field of TEMPLATES[`${group}/${plural}`] ?? []) at = (at as Record<string, unknown> | undefined)?.[field];
  if (at === undefined || at === null) return;
  const template = at as { metadata?: PodMeta; spec?: PodSpec };
  evaluate(request, cluster, config, { meta: template.metadata ?? {}, spec: template.spec ?? {} }, false);
}

function exempt(request: AdmissionRequest, config: PodSecurityConfig): boolean {
  const why = config.exemptNamespaces.has(request.namespace)
    ? 'namespace'
    : config.exemptUsers.has(request.user.username)
      ? 'user'
      : undefined;
  if (why !== undefined) request.annotate(`${ANNOTATION}exempt`, why);
  return why !== undefined;
}

function evaluate(
  request: AdmissionRequest,
  cluster: Cluster,
  config: PodSecurityConfig,
  { meta, spec }: PodLike,
  enforces: boolean,
): void {
  const namespace = cluster.get(cluster.resource('namespaces'), '', request.namespace);
  if (namespace === undefined) {
    throw new ApiError(500, 'InternalError', `failed to lookup namespace ${JSON.stringify(request.namespace)}`);
  }
  const { policy, errors } = policyOf(namespace.metadata.labels, config.defaults);
  const modes = enforces ? (['enforce', 'audit', 'warn'] as const) : (['audit', 'warn'] as const);
  if (errors.length === 0 && modes.every((mode) => policy[mode].level === 'privileged')) return;
  if (config.exemptRuntimeClasses.has(spec.runtimeClassName ?? '')) {
    request.annotate(`${ANNOTATION}exempt`, 'runtimeClass');
    return;
  }
  if (errors.length > 0) {
    const texts = errors.map(({ field, message }) => `${field}: ${message}`);
    const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
    request.annotate(`${ANNOTATION}error`, `Failed to parse policy: ${text ?? ''}`);
  }
  const found = new Map<string, string>();
  const violations = (wanted: LevelVersion): string => {
    const key = levelText(wanted);
    const known = found.get(key);
    if (known !== undefined) return known;
    const detail = detailOf(evaluatePod(wanted.level, wanted.version, meta, spec));
    const text = detail === '' ? '' : `violates PodSecurity "${key}": ${detail}`;
    found.set(key, text);
    return text;
  };
  const would = (wanted: LevelVersion): string => violations(wanted).replace(/^violates/, 'would violate');
  const enforced = enforces ? violations(policy.enforce) : '';
  if (enforces) request.annotate(`${ANNOTATION}enforce-policy`, levelText(policy.enforce));
  const audited = would(policy.audit);
  if (audited !== '') request.annotate(`${ANNOTATION}audit-violations`, audited);
  if (enforced !== '') throw forbid(request, enforced);
  const warned = would(policy.warn);
  if (warned !== '') request.warn(warned);
}

const podOf = (pod: KubeObject): PodLike => ({ meta: pod.metadata, spec: pod['spec'] ?? {} });

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

/** Only these changes of a pod can change the verdict (isSignificantPodUpdate). */
function isSignificant(next: PodLike, old: PodLike): boolean {
  const note = ({ meta }: PodLike, key: string): string => meta.annotations?.[key] ?? '';
  if (note(next, SECCOMP_POD) !== note(old, SECCOMP_POD)) return true;
  const changed = (a: Container, b: Container | undefined): boolean =>
    b === undefined ||
    a.image !== b.image ||
    note(next, SECCOMP_CONTAINER + a.name) !== note(old, SECCOMP_CONTAINER + a.name);
  for (const field of ['containers', 'initContainers'] as const) {
    const now = next.spec[field] ?? [];
    const before = old.spec[field] ?? [];
    if (now.length !== before.length || now.some((container, at) => changed(container, before[at]))) return true;
  }
  const before = old.spec.ephemeralContainers ?? [];
  return (next.spec.ephemeralContainers ?? []).some((container) =>
    changed(
      container,
      before.find(({ name }) => name === container.name),
    ),
  );
}
