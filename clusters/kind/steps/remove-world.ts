import { join } from 'node:path';
import type { LabId } from '../../../protocol/ids.ts';
import { answered } from '../docker/engine.ts';
import { dockerNameOf, LABELS } from '../docker/ownership.ts';
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

/** Removes the labs of servers that are gone for good. Everything of a lab is on its network or goes with it, so that is what is looked for. */
export async function removeForsaken(
  shop: Pick<Workshop, 'engine' | 'kind' | 'directory' | 'log'>,
  isForsaken: (server: string) => boolean,
): Promise<void> {
  const networks = await answered('list the labs that were left behind', [], DELETE_MS, () =>
    shop.engine.docker.listNetworks({ filters: { label: [LABELS.server] } }),
  );
  const servers = new Set(networks.flatMap(({ Labels }) => Labels?.[LABELS.server] ?? []));
  for (const server of [...servers].filter(isForsaken)) {
    for (const { lab } of await findLabs(shop.engine, server)) {
      shop.log(`${lab}: the command that made it has ended; it is removed`);
      await removeWorld(shop, lab, server);
    }
  }
}
