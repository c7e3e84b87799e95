import type { Engine } from './engine.ts';
import { madeOrUndone } from './made-or-undone.ts';
import { dockerNameOf, labelsOf, type Ownership } from './ownership.ts';

/** How long Docker may take to make a network: it writes firewall rules, one at a time. */
const NETWORK_MS = 60_000;

export interface LabNetwork {
  readonly id: string;
  /** What `kind` is told by KIND_EXPERIMENTAL_DOCKER_NETWORK. */
  readonly name: string;
}

/**
 * One bridge a lab: Docker lets no packet through from one to another (DOCKER-ISOLATION). Nothing is published on its gateway; what the
 * machine itself serves on all its addresses a lab can reach there, as any container can. Where that fails or is given up nothing is left.
 * Throws `LabError`.
 */
export async function createLabNetwork(engine: Engine, ownership: Ownership, signal: AbortSignal): Promise<LabNetwork> {
  const name = dockerNameOf(ownership.lab);
  signal.throwIfAborted();
  const created = engine.docker.createNetwork({
    Name: name,
    CheckDuplicate: true,
    Driver: 'bridge',
    Labels: labelsOf(ownership, 'network'),
  });
  return madeOrUndone(`create the network ${name}`, signal, NETWORK_MS, {
    making: created.then(({ id }) => ({ id, name })),
    undo: async () => (await created).remove(),
  });
}
