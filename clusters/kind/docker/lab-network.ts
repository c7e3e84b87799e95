import { z } from 'zod';
import type { Engine } from './engine.ts';
import { hasStatus } from './engine-failure.ts';
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
  const created = packetSize(engine).then((Options) =>
    engine.docker.createNetwork({
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      Options,
      Labels: labelsOf(ownership, 'network'),
    }),
  );
  return madeOrUndone(`create the network ${name}`, signal, NETWORK_MS, {
    making: created.then(({ id }) => ({ id, name })),
    undo: async () => (await created).remove(),
  });
}

/** How large packets may be. Docker applies what its administrator says ("mtu") to its own bridge alone. */
const MTU = 'com.docker.network.driver.mtu';

const Network = z.object({ Options: z.object({ [MTU]: z.string() }) });

/**
 * That of Docker's own bridge, for a network of the same machine: larger packets than a cloud's network carries are lost on the way to a
 * registry. kind takes it over likewise for the network that it would make (pkg/cluster/internal/providers/docker/network.go).
 */
async function packetSize({ docker }: Engine): Promise<Record<string, string>> {
  const bridge: unknown = await docker
    .getNetwork('bridge')
    .inspect()
    .catch((error: unknown) => {
      if (!hasStatus(error, 404)) throw error; // Docker may be told to have none
    });
  return Network.safeParse(bridge).data?.Options ?? {};
}
