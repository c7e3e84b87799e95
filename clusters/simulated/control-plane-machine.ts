import type { SeedFile } from '../cluster.ts';
import type { Clock } from './clock.ts';
import { ApiServerComponent } from './components/programs/api-server.ts';
import { etcdProblem, healthOf } from './components/programs/component-health.ts';
import { controllerPrograms } from './components/programs/controller-programs.ts';
import { ControllersComponent } from './components/programs/controllers-component.ts';
import { type Component, WITHOUT_MACHINE } from './components/component.ts';
import { EarlyJournal } from './components/node/early-journal.ts';
import { componentOf } from './components/component-of.ts';
import { mountedFiles } from './components/static-pods/mounted-files.ts';
import { type NodeFiles, filesInMemory, filesOfHost, followingFiles } from './components/node/node-files.ts';
import type { StaticPodRunner } from './components/static-pods/static-pod-runner.ts';
import { StaticPods } from './components/static-pods/static-pods.ts';
import type { SimulatedHost } from './hosts/simulated-host.ts';
import { IMAGES } from './images/table.ts';
import { publishClusterInfo } from './kubernetes/bootstrap/cluster-info.ts';
import { CLUSTER_PLAN, type NodePlan } from './kubernetes/bootstrap/cluster-plan.ts';
import { type ControlPlane, createControlPlane } from './kubernetes/control-plane.ts';
import { eventRecorder } from './kubernetes/controllers/events.ts';
import { tellRelease } from './kubernetes/kubelet/heartbeat.ts';
import { kubelets } from './kubernetes/kubelet/kubelet.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import { dialFromHost } from './network/dial-from-host.ts';
import { podKubelet } from './pods/kubelet-client.ts';
import type { Line } from './pods/log-ring.ts';
import { followedPodLog, type LogSources, wholePodLog } from './pods/pod-logs.ts';
import { PodRuntime } from './pods/pod-runtime.ts';
import { podTokens } from './pods/pod-tokens.ts';
import type { PodSandboxes } from './pods/sandbox.ts';
import { sourcesOf } from './pods/sources.ts';
import type { Pki } from './kubernetes/pki/pki.ts';
import { containerId, type Randomness } from './kubernetes/randomness.ts';
import { builtInResources } from './kubernetes/resources/registry.ts';
import { secureFromFlags } from './kubernetes/secure.ts';
import { directDial, noNetworkYet, type Dial } from './kubernetes/callout/https-call.ts';
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
  readonly #options: ControlPlaneMachineOptions;
  readonly #apiServer: ApiServerComponent;
  readonly #components: Record<string, Component>;
  readonly #kubelets: ControllersComponent;
  readonly #pods: PodRuntime;
  /** Nodes whose kubelet was stopped. */
  readonly #silent = new Set<string>();
  #files: NodeFiles = filesInMemory([]);
  /** Webhooks are called from the lab's own network once it has one, so that nobody reaches this machine through them. */
  #dial: Dial;
  #staticPods: StaticPods | undefined;
  /** The controlplane's own. */
  #runner: StaticPodRunner | undefined;
  readonly #journal = new EarlyJournal();

  constructor(options: ControlPlaneMachineOptions) {
    const { clock, randomness, log, pki, apiPort } = options;
    this.#options = options;
    this.#dial = options.withHosts ? noNetworkYet : directDial;
    const onNode = followingFiles(() => this.#files);
    const inApiServer = mountedFiles(
      onNode,
      () => this.#runner?.components.find(({ pod }) => pod.container === 'kube-apiserver')?.pod,
    );
    this.plane = createControlPlane({
      clock,
      randomness,
      rows: builtInResources(),
      secure: secureFromFlags({
        read: (path) => inApiServer.read(path),
        dial: (host, port, signal) => this.#dial(host, port, signal),
        randomness,
        logFiles: inApiServer.log,
        log: (line) => this.#runner?.log('kube-apiserver', line),
      }),
      kubelet: {
        log: (...asked) => kubelet.log(...asked),
        upgrade: (...asked) => kubelet.upgrade(...asked),
      },
      componentHealth: () => healthOf(this.containers),
      network: {
        pod: (pod, port, signal) => this.#dialPod(pod as Pod, port, signal),
        ...(options.withHosts ? { machine: (...to: Parameters<Dial>): ReturnType<Dial> => this.#dial(...to) } : {}),
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
    const kubelet = podKubelet({ runtime: this.#pods, images: IMAGES, now: () => clock.now(), newId });
    const record = eventRecorder(cluster);
    this.#apiServer = new ApiServerComponent(this.plane, apiPort, clock, () => etcdProblem(this.containers));
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
      }),
    };
    this.#kubelets = new ControllersComponent(
      cluster,
      () =>
        kubelets(cluster, record, {
          images: IMAGES,
          nodes: options.nodes,
          randomness,
          isUp: (node) => !this.#silent.has(node),
          isComponent: (pod) => componentOf(pod) !== undefined,
          runtime: this.#pods.forKubelet,
        }),
      log,
    );
  }

  async #dialPod(pod: Pod, port: number, signal: AbortSignal): ReturnType<Dial> {
    const address = pod.status.podIP ?? '';
    if (pod.spec.hostNetwork === true) {
      return (this.#options.withHosts ? this.#dial : noNetworkYet)(address, port, signal);
    }
    const socket = await this.#pods.connect(pod, port);
    if (socket !== undefined) return socket;
    throw new Error(`dial tcp ${address}:${port}: connect: connection refused`);
  }

  /** Runs a command in a container of a pod; both of its outputs as one text. Rejects with the reason why it cannot run. */
  runInPod(pod: Pod, container: string, argv: readonly string[], signal: AbortSignal): Promise<string> {
    return this.#pods.exec(pod, container, argv, signal).then(({ output }) => output);
  }

  /** What the present run of a pod's container has written so far. Rejects with the `ApiError` of one that has not run. */
  logOfPod(pod: Pod, container: string): Promise<string> {
    return wholePodLog(this.#logSources, pod, container);
  }

  /** What a run of a pod's container writes, from its first line on, until it ends or the signal does. */
  followLogOfPod(
    pod: Pod,
    run: { readonly container: string; readonly id: string },
    signal: AbortSignal,
  ): Promise<AsyncIterable<Line>> {
    return followedPodLog(this.#logSources, pod, run, signal);
  }

  get #logSources(): LogSources {
    const { clock } = this.#options;
    return { runtime: this.#pods, images: IMAGES, now: () => clock.now() };
  }

  /** The cluster's part in the machines' network. */
  get network(): Pick<PodRuntime, 'join' | 'placed' | 'play' | 'sandboxes' | 'settled'> {
    return this.#pods;
  }

  /** What happens in the containers of its nodes. */
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
  setKubelet(node: string, run: { readonly staticPods: string; readonly release: string } | undefined): void {
    this.#staticPods?.setKubelet(node, run !== undefined, run?.staticPods);
    if (run === undefined) return void this.#silent.add(node);
    this.#silent.delete(node);
    void tellRelease(this.plane.cluster, node, run.release);
  }

  /** Runs the static pods of a node other than the controlplane. */
  async startStaticPods(node: NodePlan, host: SimulatedHost, journal: (line: string) => void): Promise<void> {
    await this.#staticPods?.add(node, filesOfHost(host), journal).start();
  }

  /** Starts over from a state of the store and the files that the controlplane's host is going to have. */
  async start(snapshot: StoreSnapshot, files: readonly SeedFile[]): Promise<void> {
    this.plane.restore(snapshot);
    const { certificateAuthority } = this.#options.pki;
    await publishClusterInfo(this.plane.cluster, { server: CLUSTER_PLAN.endpoint, certificateAuthority });
    this.#silent.clear();
    this.setComponent('etcd', WITHOUT_MACHINE); // the machine of before a reset is gone
    this.#files = filesInMemory(files);
    const { clock, randomness, nodes, log } = this.#options;
    this.#staticPods = new StaticPods({
      plane: this.plane,
      clock,
      randomness,
      components: this.#components,
      nodes,
      log,
    });
    const followed = followingFiles(() => this.#files);
    if (CONTROL_PLANE !== undefined)
      this.#runner = this.#staticPods.add(CONTROL_PLANE, followed, (line) => this.#journal.write(line));
    await this.#runner?.sync();
    await this.#kubelets.start();
    await this.#staticPods.mirrored();
  }

  /** From now on the host's files are the truth, and the API server listens in its network too. */
  async moveInto(host: SimulatedHost, journal: (line: string) => void): Promise<void> {
    this.#journal.moveInto(journal);
    this.#files = filesOfHost(host);
    this.#dial = dialFromHost(host);
    await this.#runner?.start();
    await this.#runner?.relaunch('etcd');
  }

  async stop(): Promise<void> {
    await this.#kubelets.stop();
    this.#pods.clear();
    await this.#staticPods?.[Symbol.asyncDispose]();
    this.#staticPods = undefined;
    this.#runner = undefined;
    this.#journal.clear();
    this.#dial = this.#options.withHosts ? noNetworkYet : directDial;
  }
}
