import { join } from 'node:path';
import type { LabId } from '../../../protocol/ids.ts';
import { dockerNameOf } from '../docker/ownership.ts';
import { findLabs, removeLab } from '../docker/removal.ts';
import type { Workshop } from './world.ts';

/** kind asks Docker a few things; what it does not do is done after it. */
const DELETE_MS = 60_000;

/**
 * Removes all that there is of a lab, whole or not; what is gone already is well. kind is only told to delete a cluster whose nodes are
 * on the lab's own network, for somebody else may have one of that name. Throws `LabError`.
 */
export async function removeWorld(
  { engine, kind, directory, log }: Pick<Workshop, 'engine' | 'kind' | 'directory' | 'log'>,
  lab: LabId,
  server: string,
): Promise<void> {
  const found = (await findLabs(engine, server)).find((one) => one.lab === lab);
  if (found === undefined) return;
  if (found.nodes.length > 0) {
    const cluster = dockerNameOf(lab);
    // Its kubeconfig is not there any more; kind wants a name all the same, and must not take the user's.
    const kubeconfig = join(directory, `${lab}.kubeconfig`);
    await kind.delete(cluster, kubeconfig, AbortSignal.timeout(DELETE_MS)).catch((error: unknown) => {
      log(`${lab}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  await removeLab(engine, lab, { server });
}
