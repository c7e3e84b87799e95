import type { HostName } from '../../protocol/host.ts';
import type { LabId } from '../../protocol/ids.ts';
import type { Identity } from '../../protocol/scenario.ts';
import {
  type Host,
  type KubeAccess,
  type Lab,
  LabError,
  type LabRequest,
  type Seed,
  type SeedFile,
  type Vantage,
} from '../cluster.ts';
import type { Clock } from './clock.ts';
import { kubeAccessOf } from './cluster-access.ts';
import { ControlPlaneMachine } from './control-plane-machine.ts';
import type { Nursery } from './hosts/nursery.ts';
import { beginHosts, type ComingHosts, type HostSet } from './hosts/start-hosts.ts';
import type { Pki } from './kubernetes/pki/pki.ts';
import type { Randomness } from './kubernetes/randomness.ts';
import type { StoreSnapshot } from './kubernetes/store/store.ts';
import { seededPackages } from './daemons/packages.ts';
import { installedEntries } from './installed.ts';
import { CLUSTER_PLAN } from './kubernetes/bootstrap/cluster-plan.ts';
import { clusterFiles, layered } from './lab-files.ts';
import { dialsOnNetwork, onNetwork } from './network/on-network.ts';
import { type Nodes, startNodes } from './nodes.ts';
import { startPodNetwork } from './pod-network.ts';
import type { PodSandboxes } from './pods/sandbox.ts';
import { SupervisedSandboxes } from './pods/supervised-sandboxes.ts';

/** From a lab's start until its pods are on the network, if nothing needs them there before; milliseconds. */
const JOIN_MS = 1000;

export interface SimulatedLabParts {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: (line: string) => void;
  /** Where the processes of a lab come from, if it has machines, or else pods that run. */
  readonly nursery: (withMachines: boolean) => Promise<Nursery>;
  /** Of every sshd of this server. */
  readonly sshHostKey: string;
  readonly pki: Pki;
  /** The seeded cluster to begin with and to come back to. */
  readonly snapshot: StoreSnapshot;
  readonly apiPort: number;
  /** Names of the nodes that have joined the cluster. */
  readonly nodes: readonly string[];
  /** Further flags and files of the API server, for tools that ask for them. */
  readonly extraFlags: readonly string[];
  readonly extraFiles: readonly SeedFile[];
}

/** Nodes first: most is started on them. */
function inOrder(hosts: readonly HostName[]): readonly HostName[] {
  const nodes: readonly HostName[] = CLUSTER_PLAN.nodes.map(({ name }) => name);
  return [...nodes.filter((name) => hosts.includes(name)), ...hosts.filter((name) => !nodes.includes(name))];
}

/** What runs of a lab between two resets. */
interface World {
  readonly hosts: HostSet | undefined;
  readonly nodes: Nodes | undefined;
  readonly machine: ControlPlaneMachine;
}

/** A lab whose control plane is in this process and whose hosts are namespaces of this machine. */
export class SimulatedLab implements Lab {
  readonly id: LabId;
  readonly backend = 'simulated';
  readonly #seed: Seed;
  readonly #parts: SimulatedLabParts;
  readonly #machine: ControlPlaneMachine;
  #resources = new AsyncDisposableStack();
  #world: World | undefined;
  /** The machines and the network they are on, also while they come; in a lab without machines, from when a pod needs a network. */
  #hosts: Promise<HostSet> | undefined;
  #isOver = false;

  private constructor(id: LabId, seed: Seed, parts: SimulatedLabParts) {
    this.id = id;
    this.#seed = seed;
    this.#parts = parts;
    this.#machine = new ControlPlaneMachine({
      ...parts,
      // What was still being done for a lab that has ended fails, and is nobody's concern.
      log: (line) => (this.#isOver ? undefined : parts.log(line)),
      sandboxes: () => this.#sandboxes(),
      withHosts: seed.hosts.length > 0,
    });
  }

  /** Starts a lab. Rejects with `LabError`, or the signal's reason; then nothing of it is left. */
  static async start({ id, seed, progress, signal }: LabRequest, parts: SimulatedLabParts): Promise<SimulatedLab> {
    const lab = new SimulatedLab(id, seed, parts);
    try {
      await lab.#start(progress, signal);
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      signal.throwIfAborted(); // what was given up fails in many ways
      throw error;
    }
  }

  async #start(progress: (step: string) => void, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { pki, snapshot, extraFlags, extraFiles, clock, randomness, log, sshHostKey } = this.#parts;
    const files = layered(clusterFiles(pki, extraFlags), extraFiles, this.#seed.files);
    const isSeeded = (name: HostName, path: string): boolean =>
      this.#seed.files.some((file) => file.host === name && file.path === path);
    const resources = this.#resources;
    progress('starting the control plane');
    // The hosts take the longest, and need nothing of the control plane until they are up. It is begun once all they need is on its way.
    const coming = this.#seed.hosts.length === 0 ? undefined : this.#beginHosts(files, progress, signal);
    this.#hosts = coming?.then(({ all }) => all);
    this.#hosts?.catch(() => undefined); // whoever waits for them hears of it, and that is later
    this.#isOver = false;
    // Whatever fails from here on, hosts that are still coming are taken down when they have come.
    resources.defer(() => this.#endHosts());
    resources.defer(() => this.#machine.stop());
    const begun = await coming;
    await this.#machine.start(
      snapshot,
      files.filter(({ host }) => host === 'controlplane'),
      (path) => isSeeded('controlplane', path),
    );
    if (extraFlags.length > 0) this.#mustRun();
    let nodes: Nodes | undefined;
    if (begun !== undefined) {
      progress('starting the daemons');
      nodes = resources.use(
        await startNodes({ hosts: begun, machine: this.#machine, pki, clock, randomness, log, sshHostKey, isSeeded }),
      );
    }
    const hosts = await begun?.all;
    signal.throwIfAborted();
    this.#world = { hosts, nodes, machine: this.#machine };
    // After the first prompt, which the pods' networks would be in the way of.
    if (hosts !== undefined) resources.use(clock.after(JOIN_MS, () => void this.#join()));
  }

  /** Flags that a tool gave are not the lab's to be mended in: its API server must start with them. Throws `LabError`. */
  #mustRun(): void {
    if (this.#machine.plane.up) return;
    const log = this.#machine.containers.find(({ name }) => name === 'kube-apiserver')?.log ?? [];
    throw new LabError(`kube-apiserver does not start: ${log.at(-1) ?? ''}`, 'Check the flags and files it was given.');
  }

  async #beginHosts(
    files: readonly SeedFile[],
    progress: (step: string) => void,
    signal: AbortSignal,
  ): Promise<ComingHosts> {
    const nursery = await this.#parts.nursery(true);
    return beginHosts({
      lab: this.id,
      hosts: inOrder(this.#seed.hosts),
      nursery,
      installed: (name) =>
        installedEntries(name, seededPackages(files.flatMap(({ host, path }) => (host === name ? [path] : [])))),
      files,
      progress,
      signal,
      fault: this.#fault,
    });
  }

  readonly #fault = (error: unknown): void =>
    this.#parts.log(`${this.id}: ${error instanceof Error ? error.message : String(error)}`);

  /** Pods run on the lab's network, which may still be coming; a lab without machines gets one when the first of its pods really runs. */
  async #sandboxes(): Promise<PodSandboxes> {
    if (this.#isOver) throw new LabError('the lab has ended', 'Start it again.');
    this.#hosts ??= this.#startNetwork();
    return new SupervisedSandboxes((await this.#hosts).supervisor);
  }

  /** A network without machines. What kept it from starting may be gone the next time that somebody asks. */
  async #startNetwork(): Promise<HostSet> {
    try {
      return await startPodNetwork({
        lab: this.id,
        nursery: () => this.#parts.nursery(false),
        fault: this.#fault,
      });
    } catch (error) {
      this.#hosts = undefined;
      throw error;
    }
  }

  async #endHosts(): Promise<void> {
    this.#isOver = true;
    const coming = this.#hosts;
    this.#hosts = undefined;
    await (await coming?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  async #join(): Promise<void> {
    const resources = this.#resources;
    try {
      await this.#machine.network.join();
      if (resources === this.#resources) this.#world?.nodes?.keepLogs();
    } catch (error) {
      if (resources === this.#resources) this.#fault(error); // else the lab has ended or started over
    }
  }

  async host(name: HostName): Promise<Host> {
    const found = this.#world?.hosts?.host(name);
    if (found !== undefined) return onNetwork(found, () => this.#machine.network.settled());
    const known = this.#seed.hosts.join(', ');
    throw new LabError(
      `This lab has no host "${name}".`,
      known === '' ? 'It is a cluster without machines.' : `Its hosts are: ${known}.`,
    );
  }

  kubeAccess(identity: Identity): Promise<KubeAccess> {
    return kubeAccessOf(identity, this.#parts.pki, `https://127.0.0.1:${this.#machine.loopbackPort}`);
  }

  readEtcd(key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#machine.plane.readEtcd(key));
  }

  async stranger(): Promise<Vantage> {
    await this.host('internet');
    const hosts = this.#world?.hosts;
    if (hosts !== undefined) return dialsOnNetwork(hosts.stranger, () => this.#machine.network.settled());
    throw new LabError('The lab has ended.', 'Reset it, or delete it.');
  }

  async reset(signal: AbortSignal, progress: (step: string) => void = () => undefined): Promise<void> {
    await this.#end();
    await this.#start(progress, signal);
  }

  async #end(): Promise<void> {
    const resources = this.#resources;
    this.#resources = new AsyncDisposableStack();
    this.#world = undefined;
    await resources.disposeAsync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}
