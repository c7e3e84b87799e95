import type { LabId } from '../../protocol/ids.ts';
import { type Backend, type Finding, type Lab, LabError, type LabRequest, type Seed } from '../cluster.ts';
import { RenamedLab } from '../renamed-lab.ts';
import { KindCli } from './cli/kind-cli.ts';
import { kindEnvironment } from './cli/kind-environment.ts';
import type { KindProgram } from './cli/kind-program.ts';
import { handedOver } from './cluster/hand-over.ts';
import { KindLab, type KindLabParts } from './cluster/kind-lab.ts';
import { connectEngine } from './docker/engine.ts';
import { type FoundLab, findLabs } from './docker/removal.ts';
import { kindDoctor } from './doctor/kind-doctor.ts';
import { type ImageChoices, NO_CHOICES } from './images/choices.ts';
import { findWorld } from './steps/find-world.ts';
import { removeForsaken, removeWorld } from './steps/remove-world.ts';
import type { Workshop } from './steps/world.ts';

export interface KindBackendOptions {
  /** Finds the kind executable; asked when the first lab is made. Rejects with `LabError`. */
  readonly kind: (signal: AbortSignal) => Promise<KindProgram>;
  /** What kind and the docker client behind it see of the environment; `DOCKER_HOST` and what is kind's own is said by us. */
  readonly env: NodeJS.ProcessEnv;
  readonly socketPath: string;
  /**
   * A stable id of the server's data directory: labs of other servers on the same Docker are not touched. Asked for when the first lab is
   * made or adopted.
   */
  readonly server: () => Promise<string>;
  /** Whether labs of that other server are nobody's any more, and are to be removed when this one makes or adopts its first. */
  readonly isForsaken?: (server: string, own: string) => boolean;
  /** A folder for this server alone; made when it is missing. */
  readonly directory: string;
  readonly choices?: ImageChoices;
  readonly helm?: string;
  readonly buildArguments?: Readonly<Record<string, string>>;
  readonly limits?: Workshop['limits'];
  /** One line a problem that the person who runs the server should see. */
  readonly log: (line: string) => void;
  readonly now?: () => number;
}

const GIB = 2 ** 30;

/** A host runs a shell and its tools; the control plane of Kubernetes 1.36 takes 1.2 GiB when it has settled. */
const LIMITS: Workshop['limits'] = {
  host: { memoryBytes: GIB, cpus: 1, pids: 1024 },
  node: { memoryBytes: 4 * GIB, cpus: 4, pids: 8192 },
};

/** Real clusters: the kind CLI makes the nodes, dockerode the other hosts. A lab outlives the server that has made it. */
export function kindBackend(options: KindBackendOptions): Backend {
  const { log, choices = NO_CHOICES, now = Date.now } = options;

  async function workshop(signal: AbortSignal): Promise<Workshop> {
    // Anew each time: Docker may have been started, or kind been installed, since somebody asked last.
    const [engine, program] = await Promise.all([
      connectEngine({ socketPath: options.socketPath }, signal),
      options.kind(signal),
    ]);
    const server = await options.server();
    return {
      engine,
      server,
      kind: new KindCli({ program, env: kindEnvironment(options) }),
      choices,
      ...(options.helm === undefined ? {} : { helm: options.helm }),
      ...(options.buildArguments === undefined ? {} : { buildArguments: options.buildArguments }),
      directory: options.directory,
      limits: fitting(options.limits ?? LIMITS, engine.info.cpus),
      log,
      now,
    };
  }

  const partsOf = (shop: Workshop, lab: LabId, seed: Seed): KindLabParts => ({
    workshop: shop,
    ownership: { lab, server: shop.server },
    seed,
  });

  let swept: Promise<void> | undefined;

  /** Once, and not waited for: whoever asks for a lab has nothing to do with what others have left. */
  function sweep(shop: Workshop): void {
    const { isForsaken = () => false } = options;
    swept ??= removeForsaken(shop, (other) => isForsaken(other, shop.server)).catch((error: unknown) =>
      log(`labs that were left behind: ${error instanceof Error ? error.message : String(error)}`),
    );
  }

  async function create({ id, seed, progress, signal }: LabRequest): Promise<Lab> {
    signal.throwIfAborted();
    const shop = await workshop(signal);
    sweep(shop);
    return KindLab.create(partsOf(shop, id, seed), { progress, signal });
  }

  async function adopt(known: ReadonlyMap<LabId, Seed | undefined>, signal: AbortSignal): Promise<readonly Lab[]> {
    const shop = await workshop(signal);
    sweep(shop);
    const [found, names] = await Promise.all([
      findLabs(shop.engine, shop.server, signal),
      handedOver(shop.engine, shop.server, signal),
    ]);
    const labs = await Promise.all(found.map((one) => taken(shop, one, names.get(one.lab), known, signal)));
    return labs.filter((lab) => lab !== undefined);
  }

  /**
   * A lab as it is known. Undefined for one that is left alone; for one that nobody knows, whose removal nobody waits for; and for one that
   * is not whole, once it is removed.
   */
  async function taken(
    shop: Workshop,
    found: FoundLab,
    handedOverAs: LabId | undefined,
    known: ReadonlyMap<LabId, Seed | undefined>,
    signal: AbortSignal,
  ): Promise<Lab | undefined> {
    const id = handedOverAs ?? found.lab;
    const seed = known.get(id);
    const complain = (error: unknown): void => log(`${id}: ${error instanceof Error ? error.message : String(error)}`);
    const remove = (why: string): Promise<void> => {
      log(`${id}: ${why}; it is removed`);
      return removeWorld(shop, found.lab, shop.server).catch(complain);
    };
    if (seed === undefined) {
      if (!known.has(id)) void remove('nobody knows this lab any more');
      return undefined;
    }
    try {
      const world = await findWorld(shop, found, seed, signal);
      if (world !== undefined) {
        const lab = KindLab.adopted(partsOf(shop, found.lab, seed), world, handedOverAs);
        return handedOverAs === undefined ? lab : new RenamedLab(id, lab);
      }
      await remove('not all of it is running');
    } catch (error) {
      complain(error);
    }
    return undefined;
  }

  async function handOver(lab: Lab, id: LabId): Promise<Lab> {
    if (!(lab instanceof KindLab)) throw new LabError('Only a lab of this backend can be handed over.', 'Create one.');
    await lab.handOver(id);
    return new RenamedLab(id, lab);
  }

  return {
    name: 'kind',
    create,
    handOver,
    adopt,
    doctor: (signal): Promise<readonly Finding[]> =>
      kindDoctor({
        socketPath: options.socketPath,
        kindVersion: async () => (await options.kind(signal)).version,
        choices,
        signal,
      }),
  };
}

/** Docker refuses a container that is allowed more processors than there are. */
const fitting = ({ host, node }: Workshop['limits'], cpus: number): Workshop['limits'] => ({
  host: { ...host, cpus: Math.min(host.cpus, cpus) },
  node: { ...node, cpus: Math.min(node.cpus, cpus) },
});
