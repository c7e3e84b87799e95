import type { PodSpec } from '../../model/generated/objects.ts';
import { compareQuantities } from '../../model/quantity.ts';

export type QualityOfService = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COUNTED = ['cpu', 'memory'];

/** pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS: only cpu and memory count, and zero counts as not given. */
export function qualityOfService(spec: PodSpec): QualityOfService {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ resources = {} }) => ({
    requests: counted(resources.requests),
    limits: counted(resources.limits),
  }));
  if (containers.every(({ requests, limits }) => requests.size === 0 && limits.size === 0)) return 'BestEffort';
  const guaranteed = containers.every(
    ({ requests, limits }) =>
      limits.size === COUNTED.length &&
      [...requests].every(([name, amount]) => compareQuantities(amount, limits.get(name) ?? '0') === 0),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const counted = (amounts: Readonly<Record<string, string | number>> = {}): Map<string, string> =>
  new Map(
    Object.entries(amounts)
      .map(([name, amount]): [string, string] => [name, String(amount)])
      .filter(([name, amount]) => COUNTED.includes(name) && compareQuantities(amount, '0') > 0),
  );
