import type { StorageUsage } from '../kubernetes/kubelet/storage-limits.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { RealContainer } from './real-container.ts';
import type { SandboxedPod } from './sandbox.ts';

/**
 * What a pod has written: its containers to their roots and logs, and to those of its volumes that lie on the disk. Undefined when it goes
 * meanwhile.
 */
export async function storageUsedBy(
  { spec }: Pod,
  sandbox: SandboxedPod,
  runs: ReadonlyMap<string, RealContainer>,
): Promise<StorageUsage | undefined> {
  const started = await Promise.all(
    [...runs].map(async ([name, run]) => {
      const process = run.exit === undefined ? (await run.started.catch(() => undefined))?.process : undefined;
      return process === undefined ? [] : [{ name, run, process }];
    }),
  );
  const containers = started.flat();
  const volumes = (spec.volumes ?? []).flatMap(({ name, emptyDir }) =>
    emptyDir === undefined || emptyDir.medium === 'Memory' ? [] : [name],
  );
  const processes = containers.map(({ process }) => process);
  const used = await sandbox.storageUsed(volumes, processes).catch(() => undefined);
  return (
    used && {
      volumes: new Map(volumes.map((name, i) => [name, used[i] ?? 0])),
      containers: new Map(containers.map(({ name, run }, i) => [name, (used[volumes.length + i] ?? 0) + run.log.size])),
    }
  );
}
