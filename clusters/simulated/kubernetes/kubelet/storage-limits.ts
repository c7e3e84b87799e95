import type { Pod } from '../model/generated/objects.ts';
import { parseQuantity } from '../model/quantity.ts';

/** Bytes on the node's disk. */
export interface StorageUsage {
  /** By volume; those in memory are none. */
  readonly volumes: ReadonlyMap<string, number>;
  /** What containers have written to their root, and to their log. */
  readonly containers: ReadonlyMap<string, number>;
}

/** How often the kubelet looks; upstream's does every ten seconds (pkg/kubelet/kubelet.go evictionMonitoringPeriod), for whom a look costs more. */
export const STORAGE_PERIOD_MS = 2000;

const RESOURCE = 'ephemeral-storage';

/** Volumes on the node's disk that may only grow so far: name and limit. */
const limitedVolumes = ({ spec }: Pod): readonly (readonly [name: string, limit: string])[] =>
  (spec.volumes ?? []).flatMap(({ name, emptyDir }) =>
    emptyDir?.sizeLimit === undefined || emptyDir.medium === 'Memory' ? [] : [[name, emptyDir.sizeLimit] as const],
  );

const limitedContainers = ({ spec }: Pod): readonly (readonly [name: string, limit: string])[] =>
  (spec.containers ?? []).flatMap(({ name, resources }) => {
    const limit = resources?.limits?.[RESOURCE];
    return limit === undefined ? [] : [[name, limit] as const];
  });

/** Whether a pod may be evicted for what it writes. */
export const limitsStorage = (pod: Pod): boolean => limitedVolumes(pod).length + limitedContainers(pod).length > 0;

/** Why a pod is evicted for what it has written; undefined while it keeps its limits (pkg/kubelet/eviction localStorageEviction). */
export function overLimit(pod: Pod, { volumes, containers }: StorageUsage): string | undefined {
  for (const [name, limit] of limitedVolumes(pod)) {
    if (bytes(limit) > 0 && (volumes.get(name) ?? 0) > bytes(limit))
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
  }
  const limits = limitedContainers(pod);
  if (limits.length === 0) return undefined;
  // A container without a limit has as much as the node.
  if (limits.length === (pod.spec.containers ?? []).length) {
    const used = [...volumes.values(), ...containers.values()].reduce((sum, one) => sum + one, 0);
    const [[, first], ...rest] = limits as [(typeof limits)[number], ...typeof limits];
    const total = rest.length === 0 ? first : String(limits.reduce((sum, [, limit]) => sum + bytes(limit), 0));
    if (used > bytes(total))
      return `Pod ephemeral local storage usage exceeds the total limit of containers ${total}. `;
  }
  const over = limits.find(([name, limit]) => (containers.get(name) ?? 0) > bytes(limit));
  return over && `Container ${over[0]} exceeded its local ephemeral storage limit "${over[1]}". `;
}

function bytes(quantity: string): number {
  const { unscaled, scale } = parseQuantity(quantity);
  return Number(unscaled) * 10 ** scale;
}
