import type { Socket } from 'node:net';
import { type Image, findImage } from '../images/image.ts';
import { serveFrom } from '../images/serving.ts';
import type { Clock } from '../clock.ts';
import type { ContainerRuntime } from '../kubernetes/kubelet/container-runtime.ts';
import type { Process } from '../kubernetes/kubelet/process.ts';
import { containerOf, statusesOf } from '../kubernetes/kubelet/container-status.ts';
import type { ProbeOutcome } from '../kubernetes/kubelet/probes/verdict.ts';
import type { Container, LifecycleHandler, Pod, PodStatus, Probe } from '../kubernetes/model/generated/objects.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import { isForetold, runsFromStart } from './for-real.ts';
import { launchOf } from './launch.ts';
import { followCluster } from './pod-network.ts';
import { type ProbedPod, tryProbe } from './probing.ts';
import { RealContainer } from './real-container.ts';
import { nodePathsOf, unmountedPath } from './node-paths.ts';
import { PodPlace } from './pod-place.ts';
import type { PodSandboxes } from './sandbox.ts';
import type { PodSources } from './sources.ts';

export interface PodRuntimeOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly images: readonly Image[];
  readonly sources: PodSources;
  /** The lab's sandboxes, started when first asked for. Rejects with `not simulated: …` where this machine has none. */
  readonly sandboxes: () => Promise<PodSandboxes>;
  readonly log: (line: string) => void;
}

interface RealPod {
  readonly key: string;
  readonly place: Promise<PodPlace>;
  readonly containers: Map<string, RealContainer>;
  /** The run before, by container. */
  readonly previous: Map<string, RealContainer>;
  /** When its volumes are to be looked after. */
  refresh: Disposable | undefined;
}

const SIGKILL = 9;

/** From a change of a ConfigMap, a Secret or a label until the files of volumes follow. */
const REFRESH_MS = 2000;

/** A hook may take its time, but not for ever: a pod's grace period ends preStop hooks, nothing else ends the others. */
const HOOK_MS = 120_000;

/** Of a probe's or a hook's command; characters. */
const MAX_COMMAND_OUTPUT = 16 * 1024;

/**
 * The containers of a lab that really run. The kubelet asks it how their processes go; whoever looks into a container makes it run
 * if it did not yet (see for-real.ts for which wait).
 */
export class PodRuntime implements ContainerRuntime, Disposable {
  readonly #options: PodRuntimeOptions;
  readonly #pods = new Map<string, RealPod>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #watching: DisposableStack;
  #sandboxes: Promise<PodSandboxes> | undefined;
  #network: Disposable | undefined;
  /** Why nothing can run on this machine; containers then go as foretold. */
  #impossible: Error | undefined;

  constructor(options: PodRuntimeOptions) {
    this.#options = options;
    const { cluster } = options;
    this.#watching = new DisposableStack();
    this.#watching.use(
      cluster.watch(cluster.resource('pods'), ({ type, object }) => {
        if (type === 'DELETED') this.#remove(object.metadata.uid ?? '');
        else this.#refreshLater(object as Pod);
      }),
    );
    for (const plural of ['configmaps', 'secrets']) {
      const changed = ({ metadata: { namespace = '' } }: KubeObject): void => {
        for (const { key } of this.#pods.values()) {
          const [of = '', name = ''] = key.split('/');
          const pod = of === namespace ? cluster.get(cluster.resource('pods'), namespace, name) : undefined;
          if (pod !== undefined) this.#refreshLater(pod as Pod);
        }
      };
      this.#watching.use(cluster.watch(cluster.resource(plural), ({ object }) => changed(object)));
    }
  }

  // ---- What the kubelet asks -----------------------------------------------------------------------------------------------------

  processOf(pod: Pod, container: Container, image: Image, containerID: string): Process | undefined {
    const real = this.#pods.get(pod.metadata.uid ?? '')?.containers.get(container.name);
    if (real?.id === containerID) {
      const { exit } = real;
      return exit === undefined ? { goes: 'on' } : { goes: 'to its end', after: 0, ...exit };
    }
    return this.#impossible === undefined && runsFromStart(container, image) ? { goes: 'on' } : undefined;
  }

  begun(pod: Pod, status: PodStatus): void {
    if (this.#impossible !== undefined) return;
    const known = new Set(statusesOf(pod.status).map(({ containerID }) => containerID));
    for (const { name, containerID, state } of statusesOf(status)) {
      if (containerID === undefined || known.has(containerID) || state?.running === undefined) continue;
      const container = containerOf(pod, name);
      const image = findImage(this.#options.images, container?.image ?? '');
      if (container === undefined || image === undefined || !runsFromStart(container, image)) continue;
      this.#begin({ ...pod, status }, container, image, containerID);
    }
  }

  signal(pod: Pod, name: string, containerID: string, signal: number): boolean {
    const real = this.#pods.get(pod.metadata.uid ?? '')?.containers.get(name);
    if (real?.id !== containerID || real.exit !== undefined) return false;
    const container = containerOf(pod, name);
    const image = findImage(this.#options.images, container?.image ?? '');
    void real.signal(signal);
    return container !== undefined && image !== undefined && runsFromStart(container, image);
  }

  async unmounted(pod: Pod): Promise<string | undefined> {
    const { sources } = this.#options;
    if (this.#impossible !== undefined || nodePathsOf(pod, sources).every(({ type }) => type === '')) return undefined;
    try {
      return await unmountedPath(pod, sources, await this.#sandboxesOf());
    } catch {
      return undefined; // where nothing can run nothing is mounted
    }
  }

  probe(pod: Pod, container: Container, probe: Probe): Promise<ProbeOutcome | undefined> | ProbeOutcome | undefined {
    if (this.#impossible !== undefined) return undefined;
    const image = findImage(this.#options.images, container.image ?? '');
    if (image === undefined || isForetold(pod, container, probe, image, this.#options.images)) return undefined;
    return this.#current(pod).then((now) =>
      now === undefined ? undefined : tryProbe(now, container, probe, this.#reach(now, container)),
    );
  }

  async hook(pod: Pod, container: Container, handler: LifecycleHandler, signal: AbortSignal): Promise<void> {
    if (this.#impossible !== undefined) return;
    const image = findImage(this.#options.images, container.image ?? '');
    const now = await this.#current(pod);
    if (image === undefined || now === undefined || isForetold(pod, container, handler, image, this.#options.images))
      return;
    const late = AbortSignal.any([signal, AbortSignal.timeout(HOOK_MS)]);
    const outcome = await tryProbe(
      now,
      container,
      { ...handler, timeoutSeconds: HOOK_MS / 1000 },
      {
        ...this.#reach(now, container),
        exec: (argv) => this.#exec(now, container.name, argv, late),
      },
    );
    if (!outcome.succeeded) throw new Error(outcome.message);
  }

  subscribe(changed: (key: string) => void): Disposable {
    this.#listeners.add(changed);
    return { [Symbol.dispose]: () => void this.#listeners.delete(changed) };
  }

  // ---- What looks into containers asks -------------------------------------------------------------------------------------------

  /** The present run of a container that its pod's status calls running; started if need be. Rejects with the reason. */
  async running(pod: Pod, name: string): Promise<RealContainer> {
    const container = containerOf(pod, name);
    const status = statusesOf(pod.status).find((one) => one.name === name);
    const image = findImage(this.#options.images, container?.image ?? '');
    if (
      container === undefined ||
      status?.containerID === undefined ||
      status.state?.running === undefined ||
      image === undefined
    )
      throw new Error(`container not found ("${name}")`);
    const real = this.#begin(pod, container, image, status.containerID);
    await real.started;
    return real;
  }

  /** That run of a container, if it really ran and is the present one or the one before; starts nothing. */
  runOf(pod: Pod, name: string, containerID: string): RealContainer | undefined {
    const real = this.#pods.get(pod.metadata.uid ?? '');
    return [real?.containers.get(name), real?.previous.get(name)].find((run) => run?.id === containerID);
  }

  /** Connects to a port inside the pod's own network; undefined when the pod has no sandbox or nothing listens there. */
  async dial(pod: Pod, port: number, signal: AbortSignal): Promise<Socket | undefined> {
    const real = this.#pods.get(pod.metadata.uid ?? '');
    if (real === undefined) return undefined;
    const place = await real.place.catch(() => undefined);
    const socket = await place?.sandbox.dial('127.0.0.1', port, signal);
    return typeof socket === 'number' ? undefined : socket;
  }

  /** Forgets everything: the lab's sandboxes are gone, and new ones are asked for when they are needed. */
  clear(): void {
    this.#network?.[Symbol.dispose]();
    this.#network = undefined;
    for (const { refresh } of this.#pods.values()) refresh?.[Symbol.dispose]();
    this.#pods.clear();
    this.#sandboxes = undefined;
    this.#impossible = undefined;
  }

  [Symbol.dispose](): void {
    this.#watching.dispose();
    this.clear();
  }

  /** The pod as it stands, with the status that it has by now. */
  #current({ metadata: { namespace = '', name, uid } }: Pod): Promise<Pod | undefined> {
    const { cluster } = this.#options;
    const now = cluster.get(cluster.resource('pods'), namespace, name) as Pod | undefined;
    return Promise.resolve(now?.metadata.uid === uid ? now : undefined);
  }

  #reach(pod: Pod, { name }: Container): ProbedPod {
    return {
      exec: (argv, signal) => this.#exec(pod, name, argv, signal),
      dial: async (address, port, signal) => {
        const { sandbox } = await this.#podOf(pod).place;
        return sandbox.dial(address, port, signal);
      },
    };
  }

  /** Runs a command in a container; both of its outputs come as one text. */
  async #exec(
    pod: Pod,
    name: string,
    argv: readonly string[],
    signal: AbortSignal,
  ): Promise<{ exitCode: number; output: string }> {
    const container = await this.running(pod, name);
    const { process, launch } = await container.started;
    signal.throwIfAborted();
    const run = await process.exec(argv, launch.env, launch.cwd, signal);
    run.stdin.end();
    let output = '';
    for (const stream of [run.stdout, run.stderr])
      stream.on('data', (bytes: Buffer) => {
        if (output.length < MAX_COMMAND_OUTPUT) output += bytes.toString('utf8');
      });
    const exitCode = await run.exited;
    signal.throwIfAborted();
    return { exitCode, output };
  }

  #begin(pod: Pod, container: Container, image: Image, containerID: string): RealContainer {
    const real = this.#podOf(pod);
    const known = real.containers.get(container.name);
    if (known?.id === containerID) return known;
    if (known !== undefined) real.previous.set(container.name, known);
    const { clock, sources } = this.#options;
    const begun = new RealContainer(
      containerID,
      () => clock.now(),
      async () => {
        const place = await real.place;
        if ((await this.#sandboxesOf()).isFull)
          throw new Error('not simulated: more than 60 running containers in a lab');
        const among = await place.among(
          pod,
          container,
          async (name) => (await (await this.running(pod, name)).started).process,
        );
        const launch = launchOf(pod, container, image, sources, place.volumes);
        return { launch, process: await place.sandbox.run(among === undefined ? launch : { ...launch, among }) };
      },
    );
    begun.started.catch(() => undefined); // whoever asks hears of it
    real.containers.set(container.name, begun);
    void begun.ended.then(() => {
      for (const changed of this.#listeners) changed(real.key);
    });
    return begun;
  }

  #podOf(pod: Pod): RealPod {
    const uid = pod.metadata.uid ?? '';
    const known = this.#pods.get(uid);
    if (known !== undefined) return known;
    const real: RealPod = {
      key: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`,
      place: this.#makePlace(pod),
      containers: new Map(),
      previous: new Map(),
      refresh: undefined,
    };
    real.place.catch(() => undefined);
    this.#pods.set(uid, real);
    return real;
  }

  async #makePlace(pod: Pod): Promise<PodPlace> {
    const { sources, clock, images } = this.#options;
    const place = await PodPlace.make(pod, { sandboxes: await this.#sandboxesOf(), sources, clock });
    for (const { image, port } of serversOf(pod, images)) {
      await place.sandbox.serve(port, (socket) => serveFrom(image, port, socket));
    }
    return place;
  }

  #sandboxesOf(): Promise<PodSandboxes> {
    this.#sandboxes ??= this.#join().catch((error: unknown) => {
      this.#impossible = error instanceof Error ? error : new Error(String(error));
      throw this.#impossible;
    });
    return this.#sandboxes;
  }

  /** Once anything runs, Services lead somewhere, and the modelled servers of the cluster are on the network too. */
  async #join(): Promise<PodSandboxes> {
    const { cluster, log } = this.#options;
    const sandboxes = await this.#options.sandboxes();
    this.#network = await followCluster(cluster, sandboxes, (pod) => this.#place(pod), log);
    return sandboxes;
  }

  #place(pod: Pod): void {
    const isUp = pod.status.podIP !== undefined && pod.status.phase === 'Running' && pod.spec.hostNetwork !== true;
    const isOurs = pod.metadata.namespace !== 'kube-system' && pod.metadata.deletionTimestamp === undefined;
    if (isUp && isOurs && serversOf(pod, this.#options.images).length > 0) this.#podOf(pod);
  }

  /** A kubelet looks after its volumes once a minute; the lab spares its learner most of that wait. */
  #refreshLater(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const real = this.#pods.get(uid);
    if (real === undefined || real.refresh !== undefined || (pod.spec.volumes ?? []).length === 0) return;
    real.refresh = this.#options.clock.after(REFRESH_MS, () => {
      real.refresh = undefined;
      void Promise.all([real.place, this.#current(pod)]).then(
        ([place, now]) => (now === undefined ? undefined : place.refresh(now)),
        () => undefined, // it has no place
      );
    });
  }

  #remove(uid: string): void {
    const real = this.#pods.get(uid);
    if (real === undefined) return;
    this.#pods.delete(uid);
    real.refresh?.[Symbol.dispose]();
    const end = async (): Promise<void> => {
      await Promise.all([...real.containers.values()].map((container) => container.signal(SIGKILL)));
      await (await real.place).sandbox[Symbol.asyncDispose]();
    };
    end().catch(() => undefined); // it never had a place
  }
}

/** The ports on which a pod's images serve by themselves. */
function serversOf({ spec }: Pod, images: readonly Image[]): readonly { image: Image; port: number }[] {
  return (spec.containers ?? []).flatMap(({ command, image: reference = '' }) => {
    const image = command === undefined ? findImage(images, reference) : undefined;
    return image === undefined ? [] : image.listens.map((port) => ({ image, port }));
  });
}
