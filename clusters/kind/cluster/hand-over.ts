import { z } from 'zod';
import { LabId } from '../../../protocol/ids.ts';
import { answered, type Engine } from '../docker/engine.ts';
import { dockerNameOf, labelsOf, LABELS, type Ownership, ownedBy } from '../docker/ownership.ts';

/** On a volume of a lab: the id under which the lab was handed over. */
const HANDED_OVER = 'io.breachlab.handed-over';
const LIMIT_MS = 30_000;

/**
 * Writes down that a lab is another one's from now on. Labels of containers cannot be changed, so the note is a volume of its own, empty,
 * which goes with the lab as its others do. Throws `LabError`.
 */
export async function noteHandOver(engine: Engine, ownership: Ownership, id: LabId): Promise<void> {
  await answered(`hand lab ${ownership.lab} over`, [], LIMIT_MS, () =>
    engine.docker.createVolume({
      Name: `${dockerNameOf(ownership.lab)}-is-${id}`,
      Labels: { ...labelsOf(ownership, 'volume'), [HANDED_OVER]: id },
    }),
  );
}

const Note = z.object({ Labels: z.object({ [LABELS.lab]: LabId, [HANDED_OVER]: LabId }) });

/** The ids under which labs were handed over, by those that their things carry. Throws `LabError`. */
export async function handedOver(
  engine: Engine,
  server: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<LabId, LabId>> {
  const { Volumes } = await answered('list the labs that were handed over', [signal], LIMIT_MS, () =>
    engine.docker.listVolumes({ filters: { label: [...ownedBy(server).label, HANDED_OVER] } }),
  );
  const ids = new Map<LabId, LabId>();
  for (const volume of Volumes ?? []) {
    const { data } = Note.safeParse(volume);
    if (data !== undefined) ids.set(data.Labels[LABELS.lab], data.Labels[HANDED_OVER]);
  }
  return ids;
}
