import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  type Quantity,
} from '../../model/quantity.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

type Amounts = Record<string, string>;

interface Limit {
  type: string;
  min?: Amounts;
  max?: Amounts;
  default?: Amounts;
  defaultRequest?: Amounts;
  maxLimitRequestRatio?: Amounts;
}
interface Container {
  name: string;
  restartPolicy?: string;
  resources?: { requests?: Amounts; limits?: Amounts };
}
interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
}

const ANNOTATION = 'kubernetes.io/limit-ranger';

/** plugin/pkg/admission/limitranger/admission.go */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  mutate(request, cluster) {
    if (request.resource.plural !== 'pods' || !concerns(request) || request.object === undefined) return;
    for (const limits of limitsOf(cluster, request.namespace)) setDefaults(request.object, limits);
  },
  validate(request, cluster) {
    if (!concerns(request) || request.object === undefined) return;
    for (const limits of limitsOf(cluster, request.namespace)) {
      const problems =
        request.resource.plural === 'pods'
          ? podProblems(request.object, limits)
          : claimProblems(request.object, limits);
      if (problems.length > 0)
        throw forbid(request, problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`);
    }
  },
};

/** Pods cannot change what is limited, so only their making is looked at. */
function concerns({ resource, operation, subresource }: AdmissionRequest): boolean {
  if (resource.group !== '' || subresource !== '') return false;
  if (resource.plural === 'pods') return operation === 'CREATE';
  return resource.plural === 'persistentvolumeclaims' && (operation === 'CREATE' || operation === 'UPDATE');
}

const limitsOf = (cluster: Cluster, namespace: string): Limit[][] =>
  cluster
    .list(cluster.resource('limitranges'), namespace)
    .map((range) => (range['spec'] as { limits?: Limit[] } | undefined)?.limits ?? []);

function setDefaults(pod: KubeObject, limits: readonly Limit[]): void {
  const requests: Amounts = {};
  const defaults: Amounts = {};
  for (const limit of limits) {
    if (limit.type !== 'Container') continue;
    Object.assign(requests, limit.defaultRequest);
    Object.assign(defaults, limit.default);
  }
  const spec = (pod['spec'] ?? {}) as PodSpec;
  const notes: string[] = [];
  for (const [kind, containers] of [
    ['container', spec.containers],
    ['init container', spec.initContainers],
  ] as const) {
    for (const container of containers ?? []) {
      const resources = (container.resources ??= {});
      const requested = fill(requests, (resources.requests ??= {}));
      const limited = fill(defaults, (resources.limits ??= {}));
      if (Object.keys(resources.requests).length === 0) delete resources.requests;
      if (Object.keys(resources.limits).length === 0) delete resources.limits;
      if (requested.length > 0) notes.push(`${requested.join(', ')} request for ${kind} ${container.name}`);
      if (limited.length > 0) notes.push(`${limited.join(', ')} limit for ${kind} ${container.name}`);
    }
  }
  if (notes.length > 0) {
    pod.metadata.annotations = {
      ...pod.metadata.annotations,
      [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}`,
    };
  }
}

/** Fills what is missing and returns its names, sorted. */
function fill(defaults: Amounts, into: Amounts): string[] {
  const missing = Object.keys(defaults).filter((name) => into[name] === undefined);
  for (const name of missing) into[name] = defaults[name] ?? '';
  return missing.sort();
}

function podProblems(pod: KubeObject, limits: readonly Limit[]): string[] {
  const spec = (pod['spec'] ?? {}) as PodSpec;
  return limits.flatMap((limit) => {
    if (limit.type === 'Container') {
      return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
        problemsOf(limit, resources?.requests ?? {}, resources?.limits ?? {}),
      );
    }
    return limit.type === 'Pod' ? problemsOf(limit, podTotal(spec, 'requests'), podTotal(spec, 'limits')) : [];
  });
}

function claimProblems(claim: KubeObject, limits: readonly Limit[]): string[] {
  const requests = (claim['spec'] as { resources?: { requests?: Amounts } } | undefined)?.resources?.requests ?? {};
  return limits.flatMap((limit) => {
    if (limit.type !== 'PersistentVolumeClaim') return [];
    return [
      ...names(limit.min).flatMap((name) => minimum(limit, name, requests, {})),
      ...names(limit.max).flatMap((name) => maximumRequest(limit, name, requests)),
    ];
  });
}

const problemsOf = (limit: Limit, requests: Amounts, limits: Amounts): string[] => [
  ...names(limit.min).flatMap((name) => minimum(limit, name, requests, limits)),
  ...names(limit.max).flatMap((name) => maximum(limit, name, requests, limits)),
  ...names(limit.maxLimitRequestRatio).flatMap((name) => ratio(limit, name, requests, limits)),
];

const names = (amounts: Amounts | undefined): string[] => Object.keys(amounts ?? {}).sort();
const parse = (text: string | undefined): Quantity | undefined =>
  text === undefined ? undefined : parseQuantity(text);
const shown = (text: string | undefined): string => formatQuantity(parseQuantity(text ?? '0'));

function minimum({ type, min = {} }: Limit, name: string, requests: Amounts, limits: Amounts): string[] {
  const enforced = parseQuantity(min[name] ?? '0');
  const start = `minimum ${name} usage per ${type} is ${shown(min[name])}`;
  const request = parse(requests[name]);
  if (request === undefined) return [`${start}.  No request is specified`];
  if (compareQuantities(request, enforced) < 0) return [`${start}, but request is ${shown(requests[name])}`];
  const limit = parse(limits[name]);
  return limit !== undefined && compareQuantities(limit, enforced) < 0
    ? [`${start}, but limit is ${shown(limits[name])}`]
    : [];
}

function maximum({ type, max = {} }: Limit, name: string, requests: Amounts, limits: Amounts): string[] {
  const enforced = parseQuantity(max[name] ?? '0');
  const start = `maximum ${name} usage per ${type} is ${shown(max[name])}`;
  const limit = parse(limits[name]);
  if (limit === undefined) return [`${start}.  No limit is specified`];
  if (compareQuantities(limit, enforced) > 0) return [`${start}, but limit is ${shown(limits[name])}`];
  const request = parse(requests[name]);
  return request !== undefined && compareQuantities(request, enforced) > 0
    ? [`${start}, but request is ${shown(requests[name])}`]
    : [];
}

function maximumRequest({ type, max = {} }: Limit, name: string, requests: Amounts): string[] {
  const start = `maximum ${name} usage per ${type} is ${shown(max[name])}`;
  const request = parse(requests[name]);
  if (request === undefined) return [`${start}.  No request is specified`];
  return compareQuantities(request, parseQuantity(max[name] ?? '0')) > 0
    ? [`${start}, but request is ${shown(requests[name])}`]
    : [];
}

function ratio({ type, maxLimitRequestRatio = {} }: Limit, name: string, requests: Amounts, limits: Amounts): string[] {
  const enforced = parseQuantity(maxLimitRequestRatio[name] ?? '0');
  const start = `${name} max limit to request ratio per ${type} is ${shown(maxLimitRequestRatio[name])}`;
  const request = quantityMilliValue(parse(requests[name]) ?? parseQuantity('0'));
  const limit = quantityMilliValue(parse(limits[name]) ?? parseQuantity('0'));
  if (request === 0) return [`${start}, but no request is specified or request is 0`];
  if (limit === 0) return [`${start}, but no limit is specified or limit is 0`];
  const observed = limit / request;
  return observed > quantityMilliValue(enforced) / 1000
    ? [`${start}, but provided ratio is ${observed.toFixed(6)}`]
    : [];
}

/** Containers together, or the largest init container where that is more (component-helpers/resource). */
export function podTotal(spec: PodSpec, field: 'requests' | 'limits'): Amounts {
  const total = new Map<string, Quantity>();
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const container of [...(spec.containers ?? []), ...sidecars]) {
    for (const [name, text] of Object.entries(container.resources?.[field] ?? {})) {
      const sum = total.get(name);
      const amount = parseQuantity(text);
      total.set(name, sum === undefined ? amount : addQuantities(sum, amount));
    }
  }
  for (const container of (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy !== 'Always')) {
    for (const [name, text] of Object.entries(container.resources?.[field] ?? {})) {
      const amount = parseQuantity(text);
      const sum = total.get(name);
      if (sum === undefined || compareQuantities(amount, sum) > 0) total.set(name, amount);
    }
  }
  return Object.fromEntries([...total].map(([name, amount]) => [name, formatQuantity(amount)]));
}
