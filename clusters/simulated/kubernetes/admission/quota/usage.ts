import { addQuantities, formatQuantity, parseQuantity, type Quantity } from '../../model/quantity.ts';
import type { Affinity } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Cluster } from '../../store/cluster.ts';
import { podTotal } from '../plugins/limit-ranger.ts';

/** Amounts by resource name. */
export type Usage = ReadonlyMap<string, Quantity>;

interface PodSpec {
  containers?: { name: string; resources?: { requests?: Record<string, string>; limits?: Record<string, string> } }[];
  initContainers?: PodSpec['containers'];
  activeDeadlineSeconds?: number;
  priorityClassName?: string;
  affinity?: Affinity;
}

const ONE = parseQuantity('1');
const COMPUTE = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Kinds of the core group that a quota may also count by their plain name. */
const PLAIN = new Set([
  'pods',
  'services',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
]);

const countName = ({ group, plural }: Pick<Resource, 'group' | 'plural'>): string =>
  group === '' ? `count/${plural}` : `count/${plural}.${group}`;

/** What one object uses (pkg/quota/v1/evaluator/core, apiserver/pkg/quota/v1/generic). */
export function usageOf(resource: Pick<Resource, 'group' | 'plural'>, object: KubeObject): Usage {
  const usage = new Map<string, Quantity>([[countName(resource), ONE]]);
  if (resource.group !== '') return usage;
  if (resource.plural === 'pods' && isTerminal(object)) return usage;
  if (PLAIN.has(resource.plural)) usage.set(resource.plural, ONE);
  if (resource.plural === 'pods') addPod(usage, object);
  if (resource.plural === 'services') addService(usage, object);
  if (resource.plural === 'persistentvolumeclaims') addClaim(usage, object);
  return usage;
}

const isTerminal = (pod: KubeObject): boolean =>
  ['Failed', 'Succeeded'].includes((pod['status'] as { phase?: string } | undefined)?.phase ?? '');

function addPod(usage: Map<string, Quantity>, pod: KubeObject): void {
  const spec = (pod['spec'] ?? {}) as Parameters<typeof podTotal>[0];
  for (const [name, text] of Object.entries(podTotal(spec, 'requests'))) {
    const amount = parseQuantity(text);
    if (COMPUTE.has(name)) usage.set(name, amount);
    if (COMPUTE.has(name) || name.includes('/') || name.startsWith('hugepages-')) usage.set(`requests.${name}`, amount);
    if (name.startsWith('hugepages-')) usage.set(name, amount);
  }
  for (const [name, text] of Object.entries(podTotal(spec, 'limits'))) {
    if (COMPUTE.has(name)) usage.set(`limits.${name}`, parseQuantity(text));
  }
}

function addService(usage: Map<string, Quantity>, service: KubeObject): void {
  const spec = (service['spec'] ?? {}) as { type?: string; ports?: unknown[]; allocateLoadBalancerNodePorts?: boolean };
  const ports = parseQuantity(String(spec.ports?.length ?? 0));
  if (spec.type === 'NodePort') usage.set('services.nodeports', ports);
  if (spec.type !== 'LoadBalancer') return;
  usage.set('services.loadbalancers', ONE);
  if (spec.allocateLoadBalancerNodePorts !== false) usage.set('services.nodeports', ports);
}

function addClaim(usage: Map<string, Quantity>, claim: KubeObject): void {
  const spec = (claim['spec'] ?? {}) as { storageClassName?: string; resources?: { requests?: { storage?: string } } };
  const size = spec.resources?.requests?.storage;
  const names = [''];
  if (spec.storageClassName !== undefined) names.push(`${spec.storageClassName}.storageclass.storage.k8s.io/`);
  for (const prefix of names) {
    if (prefix !== '') usage.set(`${prefix}persistentvolumeclaims`, ONE);
    if (size !== undefined) usage.set(`${prefix}requests.storage`, parseQuantity(size));
  }
}

interface Selector {
  scopeName: string;
  operator?: string;
  values?: string[];
}

/** A quota's scopes in one form. */
function scopesOf(quota: KubeObject): Selector[] {
  const spec = (quota['spec'] ?? {}) as { scopes?: string[]; scopeSelector?: { matchExpressions?: Selector[] } };
  return [
    ...(spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec.scopeSelector?.matchExpressions ?? []),
  ];
}

/** Whether all scopes of a quota hold for an object; scopes are about pods, and some about nothing else. */
export function inScope(quota: KubeObject, resource: Pick<Resource, 'group' | 'plural'>, object: KubeObject): boolean {
  const scopes = scopesOf(quota);
  if (scopes.length === 0) return true;
  if (resource.group !== '' || resource.plural !== 'pods') return false;
  const spec = (object['spec'] ?? {}) as PodSpec;
  return scopes.every(({ scopeName, operator = 'Exists', values = [] }) => {
    switch (scopeName) {
      case 'BestEffort':
        return isBestEffort(spec);
      case 'NotBestEffort':
        return !isBestEffort(spec);
      case 'Terminating':
        return spec.activeDeadlineSeconds != null && spec.activeDeadlineSeconds >= 0;
      case 'NotTerminating':
        return !(spec.activeDeadlineSeconds != null && spec.activeDeadlineSeconds >= 0);
      case 'PriorityClass': {
        const name = spec.priorityClassName ?? '';
        if (operator === 'Exists') return name !== '';
        if (operator === 'DoesNotExist') return name === '';
        return operator === 'In' ? values.includes(name) : !values.includes(name);
      }
      case 'CrossNamespacePodAffinity':
        return looksIntoOtherNamespaces(spec);
      default:
        return false;
    }
  });
}

/** Whether a pod's affinity names or selects namespaces (evaluator/core/pods.go usesCrossNamespacePodAffinity). */
function looksIntoOtherNamespaces({ affinity }: PodSpec): boolean {
  const groups = [affinity?.podAffinity, affinity?.podAntiAffinity];
  const terms = groups.flatMap((group) => [
    ...(group?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(group?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  return terms.some(({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector != null);
}

const isBestEffort = (spec: PodSpec): boolean =>
  [...(spec.containers ?? []), ...(spec.initContainers ?? [])].every(({ resources }) =>
    [...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})].every(
      (name) => !COMPUTE.has(name),
    ),
  );

/** Canonical texts. `scopes` are honoured; names that a quota does not limit are left out. What the quota controller writes to the status. */
export function quotaUsage(cluster: Cluster, quota: KubeObject): Record<string, string> {
  const hard = (quota['spec'] as { hard?: Record<string, string> } | undefined)?.hard ?? {};
  const used = totalUsage(cluster, quota, Object.keys(hard));
  return Object.fromEntries(
    Object.keys(hard).map((name) => [name, formatQuantity(used.get(name) ?? parseQuantity('0'))]),
  );
}

/** Everything in the quota's namespace that counts towards these names. */
export function totalUsage(cluster: Cluster, quota: KubeObject, names: readonly string[]): Map<string, Quantity> {
  const wanted = new Set(names);
  const total = new Map<string, Quantity>();
  for (const resource of cluster.resources()) {
    if (!resource.namespaced || !resource.verbs.includes('list') || !counts(resource, names)) continue;
    for (const object of cluster.list(resource, quota.metadata.namespace)) {
      if (!inScope(quota, resource, object)) continue;
      for (const [name, amount] of usageOf(resource, object)) {
        if (!wanted.has(name)) continue;
        const sum = total.get(name);
        total.set(name, sum === undefined ? amount : addQuantities(sum, amount));
      }
    }
  }
  return total;
}

/** Whether objects of that kind can use any of those names. */
export function counts(resource: Pick<Resource, 'group' | 'plural'>, names: readonly string[]): boolean {
  const { group, plural } = resource;
  if (names.includes(countName(resource))) return true;
  if (group !== '') return false;
  switch (plural) {
    case 'pods':
      return names.some(
        (name) => name === 'pods' || COMPUTE.has(name) || /^(requests|limits)\.(?!storage$)|^hugepages-/.test(name),
      );
    case 'services':
      return names.some((name) => name === 'services' || name.startsWith('services.'));
    case 'persistentvolumeclaims':
      return names.some(
        (name) =>
          name === 'persistentvolumeclaims' ||
          name.endsWith('requests.storage') ||
          name.endsWith('/persistentvolumeclaims'),
      );
    default:
      return PLAIN.has(plural) && names.includes(plural);
  }
}
