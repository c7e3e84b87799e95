import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  subtractQuantities,
  type Quantity,
} from '../../model/quantity.ts';
import type { KubeObject } from '../../object.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { counts, inScope, totalUsage, usageOf, type Usage } from './usage.ts';

const ZERO = parseQuantity('0');
/** Where a quota limits these, every container must say what it wants (evaluator/core/pods.go Constraints). */
const MUST_SAY = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/**
 * apiserver/pkg/admission/plugin/resourcequota. Upstream counts what is used in the quota's status; here it is counted from the objects
 * themselves at each request, so that two requests at once cannot pass together and a late status cannot refuse.
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  validate(request, cluster) {
    const { operation, resource, namespace, object, subresource } = request;
    if (
      namespace === '' ||
      object === undefined ||
      subresource !== '' ||
      (operation !== 'CREATE' && operation !== 'UPDATE')
    )
      return;
    if (resource.group === '' && resource.plural === 'namespaces') return;
    const quotas = cluster.list(cluster.resource('resourcequotas'), namespace);
    if (quotas.length === 0) return;
    const after = usageOf(resource, object);
    const before: Usage = request.oldObject === undefined ? new Map() : usageOf(resource, request.oldObject);
    const delta = new Map(
      [...after].map(([name, amount]) => [name, subtractQuantities(amount, before.get(name) ?? ZERO)] as const),
    );
    for (const quota of quotas) {
      const hard = (quota['spec'] as { hard?: Record<string, string> } | undefined)?.hard ?? {};
      const names = Object.keys(hard);
      if (!counts(resource, names) || !inScope(quota, resource, object)) continue;
      if (operation === 'CREATE') requireAmounts(request, quota, names);
      const requested = names.filter((name) => compareQuantities(delta.get(name) ?? ZERO, ZERO) > 0);
      if (requested.length === 0) continue;
      const used = totalUsage(cluster, quota, requested);
      const limit = (name: string): Quantity => parseQuantity(hard[name] ?? '0');
      const sum = (name: string): Quantity => addQuantities(used.get(name) ?? ZERO, delta.get(name) ?? ZERO);
      const exceeded = requested.filter((name) => compareQuantities(sum(name), limit(name)) > 0).sort();
      if (exceeded.length === 0) continue;
      const list = (amount: (name: string) => Quantity): string =>
        exceeded.map((name) => `${name}=${formatQuantity(amount(name))}`).join(',');
      throw forbid(
        request,
        `exceeded quota: ${quota.metadata.name}, requested: ${list((name) => delta.get(name) ?? ZERO)}, used: ${list((name) => used.get(name) ?? ZERO)}, limited: ${list(limit)}`,
      );
    }
  },
};

interface Container {
  name: string;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
}

function requireAmounts(request: AdmissionRequest, quota: KubeObject, names: readonly string[]): void {
  if (request.resource.group !== '' || request.resource.plural !== 'pods') return;
  const spec = (request.object?.['spec'] ?? {}) as { containers?: Container[]; initContainers?: Container[] };
  const says = ({ resources }: Container, name: string): boolean => {
    const [field, plain = ''] = name.startsWith('limits.')
      ? ['limits' as const, name.slice(7)]
      : ['requests' as const, name.replace(/^requests\./, '')];
    return resources?.[field]?.[plain] !== undefined;
  };
  const missing = MUST_SAY.filter((name) => names.includes(name))
    .sort()
    .flatMap((name) => {
      const silent = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].filter(
        (container) => !says(container, name),
      );
      return silent.length === 0
        ? []
        : [
            `${name} for: ${silent
              .map(({ name: container }) => container)
              .sort()
              .join(',')}`,
          ];
    });
  if (missing.length > 0)
    throw forbid(request, `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`);
}
