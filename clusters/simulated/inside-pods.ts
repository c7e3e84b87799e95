import type { Clock } from './clock.ts';
import { IMAGES } from './images/table.ts';
import type { Dial } from './kubernetes/callout/https-call.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import type { Line } from './pods/log-ring.ts';
import { followedPodLog, type LogSources, wholePodLog } from './pods/pod-logs.ts';
import type { PodRuntime } from './pods/pod-runtime.ts';
import type { StartedContainer } from './pods/real-container.ts';

/** What a kubelet and its API server reach in the containers of pods. */
export class InsidePods {
  readonly #runtime: PodRuntime;
  readonly #clock: Clock;
  readonly #dialHost: Dial;

  /** `dialHost` connects to pods that are in their host's network. */
  constructor(runtime: PodRuntime, clock: Clock, dialHost: Dial) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#dialHost = dialHost;
  }

  /** Runs a command in a container; both of its outputs as one text. Rejects with the reason why it cannot run. */
  run(pod: Pod, container: string, argv: readonly string[], signal: AbortSignal): Promise<string> {
    return this.#runtime.exec(pod, container, argv, signal).then(({ output }) => output);
  }

  /** The process of a container that its pod's status calls running; begun if need be. Rejects with the reason why there is none. */
  async process(pod: Pod, container: string): Promise<StartedContainer> {
    return (await this.#runtime.running(pod, container)).started;
  }

  /** What the present run of a container has written so far. Rejects with the `ApiError` of one that has not run. */
  log(pod: Pod, container: string): Promise<string> {
    return wholePodLog(this.#sources, pod, container);
  }

  /** What a run of a container writes, from its first line on, until it ends or the signal does. */
  followLog(
    pod: Pod,
    run: { readonly container: string; readonly id: string },
    signal: AbortSignal,
  ): Promise<AsyncIterable<Line>> {
    return followedPodLog(this.#sources, pod, run, signal);
  }

  /** Connects to a port of a pod. Rejects in the words of Go's net package. */
  async dial(pod: Pod, port: number, signal: AbortSignal): ReturnType<Dial> {
    const address = pod.status.podIP ?? '';
    if (pod.spec.hostNetwork === true) return this.#dialHost(address, port, signal);
    const socket = await this.#runtime.connect(pod, port);
    if (socket !== undefined) return socket;
    throw new Error(`dial tcp ${address}:${port}: connect: connection refused`);
  }

  get #sources(): LogSources {
    return { runtime: this.#runtime, images: IMAGES, now: () => this.#clock.now() };
  }
}
