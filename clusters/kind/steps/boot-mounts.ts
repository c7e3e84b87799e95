import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seed } from '../../cluster.ts';
import type { Mount } from '../cli/kind-config.ts';
import type { NodeHost } from './world.ts';

/**
 * Copies into `folder` the files that a node must have before kubeadm runs; gives them by node, as kind mounts them. A mount keeps its file
 * after the folder is gone; programs on the node change it in place, but cannot put another one in its place.
 */
export async function bootMounts(
  { cluster, files }: Pick<Seed, 'cluster' | 'files'>,
  folder: string,
): Promise<Partial<Record<NodeHost, readonly Mount[]>>> {
  const mounts: Record<NodeHost, Mount[]> = { controlplane: [], node01: [] };
  for (const [i, name] of (cluster?.bootFiles ?? []).entries()) {
    const file = files.find(({ host, path }) => `${host}:${path}` === name);
    if (file === undefined) throw new Error(`${name} is no file of the seed`);
    const from = join(folder, `boot-${i}`);
    await writeFile(from, file.content, { mode: file.mode });
    mounts[file.host === 'controlplane' ? 'controlplane' : 'node01'].push({ from, to: file.path });
  }
  return mounts;
}
