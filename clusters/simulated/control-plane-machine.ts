import type { SeedFile } from '../cluster.ts';
import type { Clock } from './clock.ts';
import { accessByCertificate } from './cluster-access.ts';
import { reviewsBy } from './components/access/reviews.ts';
import { ApiServerComponent } from './components/programs/api-server.ts';
import { healthOf } from './components/programs/component-health.ts';
import { controllerPrograms } from './components/programs/controller-programs.ts';
import { type Component, WITHOUT_MACHINE } from './components/component.ts';
import { EarlyJournal } from './components/node/early-journal.ts';
import { mountedFiles } from './components/static-pods/mounted-files.ts';
import { filesOfHost } from './components/node/node-files.ts';
import type { StaticPodRunner } from './components/static-pods/static-pod-runner.ts';
import { StaticPods } from './components/static-pods/static-pods.ts';
import { ControlPlanePlace } from './control-plane-place.ts';
import type { SimulatedHost } from './hosts/simulated-host.ts';
import { IMAGES } from './images/table.ts';
import { InsidePods } from './inside-pods.ts';
import { storeProblem } from './kubernetes/apiserver/component-health.ts';
import { publishClusterInfo } from './kubernetes/bootstrap/cluster-info.ts';
import { CLUSTER_PLAN, type NodePlan } from './kubernetes/bootstrap/cluster-plan.ts';
import { type ControlPlane, createControlPlane } from './kubernetes/control-plane.ts';
import { eventRecorder } from './kubernetes/controllers/events.ts';
import { presentImagesOf } from './kubernetes/kubelet/kubelet.ts';
import type { PresentImages } from './kubernetes/kubelet/present-images.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import { type KubeletState, NodeKubelets } from './node-kubelets.ts';
import { podKubelet } from './pods/kubelet-client.ts';
import { PodRuntime } from './pods/pod-runtime.ts';
import { podTokens } from './pods/pod-tokens.ts';
import type { PodSandboxes } from './pods/sandbox.ts';
import { sourcesOf } from './pods/sources.ts';
import type { Pki } from './kubernetes/pki/pki.ts';
import { containerId, type Randomness } from './kubernetes/randomness.ts';
import { builtInResources } from './kubernetes/resources/registry.ts';
import { secureFromFlags } from './kubernetes/secure.ts';
import { noNetworkYet } from './kubernetes/callout/https-call.ts';
import type { StoreSnapshot } from './kubernetes/store/store.ts';

const [CONTROL_PLANE] = CLUSTER_PLAN.nodes;

export interface ControlPlaneMachineOptions {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: (line: string) => void;
  readonly pki: Pki;
  readonly apiPort: number;
  /** For containers that really run; asked for when the first one does. Without it, or where it rejects, they go as foretold. */
  readonly sandboxes?: () => Promise<PodSandboxes>;
  /** Names of the nodes that have joined. */
  readonly nodes: readonly string[];
  /** Whether the lab gets hosts of its own; without, webhooks are called from this machine. */
  readonly withHosts: boolean;
}

/**
 * The controlplane as a node: the static pods of its manifests folder with the API server, the controllers and the scheduler
 * behind them. It runs before its host does, from the files that the host will have, and takes the host as its truth once it is up.
 */
export class ControlPlaneMachine {
  readonly plane: ControlPlane;
  /** The containers of its cluster's pods. */
  readonly inPods: InsidePods;
  /** Those that its nodes have. */
  readonly images: PresentImages;
  readonly #options: ControlPlaneMachineOptions;
  readonly #apiServer: ApiServerComponent;
  readonly #components: Record<string, Component>;
  readonly #kubelets: NodeKubelets;
  readonly #pods: PodRuntime;
  readonly #place: ControlPlanePlace;
  #staticPods: StaticPods | undefined;
  /** The controlplane's own. */
  #runner: StaticPodRunner | undefined;
  readonly #journal = new EarlyJournal();

  constructor(options: ControlPlaneMachineOptions) {
    const { clock, randomness, log, pki, apiPort } = options;
    this.#options = options;
    const place = new ControlPlanePlace(options.withHosts, () => this.loopbackPort);
    this.#place = place;
    const inContainer = (name: string) =>
      mountedFiles(place.files, () => this.#runner?.components.find(({ pod }) => pod.container === name)?.pod);
    const inApiServer = inContainer('kube-apiserver');
    const health = healthOf((name) => this.#runner?.running(name));
    this.plane = createControlPlane({
      clock,
      randomness,
      rows: builtInResources(),
      secure: secureFromFlags({
        read: (path) => inApiServer.read(path),
        dial: place.dial,
        randomness,
        logFiles: inApiServer.log,
        log: (line) => this.#runner?.log('kube-apiserver', line),
      }),
      kubelet: {
        log: (...asked) => kubelet.log(...asked),
        upgrade: (...asked) => kubelet.upgrade(...asked),
      },
      componentHealth: health,
      network: {
        pod: (pod, port, signal) => this.inPods.dial(pod as Pod, port, signal),
        ...(options.withHosts ? { machine: place.dial } : {}),
      },
      log: (line) => this.#runner?.log('kube-apiserver', line),
    });
    const { cluster } = this.plane;
    const newId = (): string => containerId(randomness);
    this.#pods = new PodRuntime({
      cluster,
      clock,
      images: IMAGES,
      sources: sourcesOf(
        cluster,
        podTokens(pki, () => `https://127.0.0.1:${this.loopbackPort}`),
      ),
      nodes: CLUSTER_PLAN.nodes,
      newId,
      sandboxes: options.sandboxes ?? (() => Promise.reject(new Error('not simulated: containers without a network'))),
      log,
    });
    this.inPods = new InsidePods(this.#pods, clock, options.withHosts ? place.dial : noNetworkYet);
    const kubelet = podKubelet({ runtime: this.#pods, images: IMAGES, now: () => clock.now(), newId });
    const record = eventRecorder(cluster);
    this.#apiServer = new ApiServerComponent(this.plane, apiPort, clock, () => storeProblem(health));
    this.#components = {
      etcd: WITHOUT_MACHINE,
      'kube-apiserver': this.#apiServer,
      ...controllerPrograms({
        cluster,
        record,
        randomness,
        pki,
        // A control plane alone has no network for pods to give out, as upstream's own tests start it.
        allocateNodeCidrs: options.nodes.length > 0,
        log: (name, line) => this.#runner?.log(name, line),
        opened: () => void this.#runner?.sync(),
        server: CLUSTER_PLAN.endpoint,
        hostname: CONTROL_PLANE?.name ?? '',
        reviews: (user) =>
          reviewsBy(() => accessByCertificate(pki, `https://127.0.0.1:${this.loopbackPort}`, user, [])),
        access: (name) => ({
          clock,
          read: (path) => inContainer(name).read(path),
          isAsLaid: (path) => place.isAsLaid(path),
          dial: place.dialApiServer,
        }),
      }),
    };
    const { nodes } = options;
    const runtime = this.#pods.forKubelet;
    this.images = presentImagesOf(cluster);
    this.#kubelets = new NodeKubelets({ cluster, record, nodes, randomness, runtime, present: this.images, log });
  }

  /** The cluster's part in the machines' network. */
  get network(): Pick<PodRuntime, 'join' | 'placed' | 'play' | 'sandboxes' | 'settled' | 'show'> {
    return this.#pods;
  }

  /** What happens in the containers of its nodes. */
  get runtimes(): PodRuntime['runtimes'] {
    return this.#pods.runtimes;
  }

  get events(): PodRuntime['events'] {
    return this.#pods.events;
  }

  get loopbackPort(): number {
    return this.#apiServer.loopbackPort;
  }

  get containers(): StaticPodRunner['containers'] {
    return this.#runner?.containers ?? [];
  }

  /** Puts another program behind a component's name; takes effect when it is started next. */
  setComponent(name: string, component: Component): void {
    this.#components[name] = component;
  }

  /** Tells how a node's kubelet runs, or that it no longer does: its node then becomes NotReady, and edits of its manifests wait. */
  setKubelet(node: string, state: KubeletState | undefined): void {
    this.#kubelets.set(node, state);
    this.#staticPods?.setKubelet(node, state !== undefined, state?.staticPods);
  }

  /** Whether a node's kubelet runs and reaches the API server, as far as its kubeconfig goes. */
  hearsOf(node: string): boolean {
    return this.#kubelets.isUp(node);
  }

  /** Runs the static pods of a node other than the controlplane. */
  async startStaticPods(node: NodePlan, host: SimulatedHost, journal: (line: string) => void): Promise<void> {
    await this.#staticPods?.add(node, filesOfHost(host), journal).start();
  }

  /**
   * Starts over from a state of the store and the files that the controlplane's host is going to have; `isSeeded` tells those that are
   * the scenario's and not kubeadm's.
   */
  async start(
    snapshot: StoreSnapshot,
    files: readonly SeedFile[],
    isSeeded: (path: string) => boolean = () => false,
  ): Promise<void> {
    this.plane.restore(snapshot);
    const { certificateAuthority } = this.#options.pki;
    await publishClusterInfo(this.plane.cluster, { server: CLUSTER_PLAN.endpoint, certificateAuthority });
    this.setComponent('etcd', WITHOUT_MACHINE); // the machine of before a reset is gone
    this.#place.begin(files, isSeeded);
    const { clock, randomness, nodes, log } = this.#options;
    this.#staticPods = new StaticPods({
      plane: this.plane,
      clock,
      randomness,
      components: this.#components,
      nodes,
      hearsOf: (node) => this.hearsOf(node),
      log,
    });
    if (CONTROL_PLANE !== undefined)
      this.#runner = this.#staticPods.add(CONTROL_PLANE, this.#place.files, (line) => this.#journal.write(line));
    await this.#runner?.sync();
    this.#kubelets.start();
    await this.#staticPods.mirrored();
  }

  /** From now on the host's files are the truth, and the API server listens in its network too. */
  async moveInto(host: SimulatedHost, journal: (line: string) => void): Promise<void> {
    this.#journal.moveInto(journal);
    this.#place.moveInto(host);
    await this.#runner?.start();
    await this.#runner?.relaunch('etcd');
  }

  async stop(): Promise<void> {
    this.#kubelets.stop();
    this.#pods.clear();
    this.images.clear();
    await this.#staticPods?.[Symbol.asyncDispose]();
    this.#staticPods = undefined;
    this.#runner = undefined;
    this.#journal.clear();
    this.#place.leave();
  }
}
