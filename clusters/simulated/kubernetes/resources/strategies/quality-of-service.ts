import type { PodSpec, ResourceRequirements } from '../../model/generated/objects.ts';
import { compareQuantities, parseQuantity, type Quantity } from '../../model/quantity.ts';

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COUNTED = ['cpu', 'memory'];

/** pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS: only cpu and memory count, and zero counts as not given. */
export function qualityOfService(spec: PodSpec): QualityOfService {
  // What the pod asks for as a whole goes before what its containers do.
  const whole = isSet(spec.resources) ? [spec] : undefined;
  const parts: readonly Pick<PodSpec, 'resources'>[] = whole ?? [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
  ];
  const containers = parts.map(({ resources = {} }) => ({
    requests: counted(resources.requests),
    limits: counted(resources.limits),
  }));
  if (containers.every(({ requests, limits }) => requests.size === 0 && limits.size === 0)) return 'BestEffort';
  const guaranteed = containers.every(
    ({ requests, limits }) =>
      limits.size === COUNTED.length &&
      [...requests].every(([name, amount]) => compareQuantities(amount, limits.get(name) ?? ZERO) === 0),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const isSet = ({ requests = {}, limits = {} }: ResourceRequirements = {}): boolean =>
  [...Object.keys(requests), ...Object.keys(limits)].some(
    (name) => COUNTED.includes(name) || name.startsWith('hugepages-'),
  );

const ZERO = parseQuantity('0');

const counted = (amounts: Readonly<Record<string, string | number>> = {}): Map<string, Quantity> =>
  new Map(
    Object.entries(amounts)
      .filter(([name]) => COUNTED.includes(name))
      .map(([name, amount]): [string, Quantity] => [name, parseQuantity(String(amount))])
      .filter(([, amount]) => compareQuantities(amount, ZERO) > 0),
  );
