import type { Clock } from '../clock.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import { hostnameOf } from './launch.ts';
import type { StartedContainer } from './real-container.ts';
import type { ContainerLaunch, ContainerProcess, PodSandboxes, SandboxedPod } from './sandbox.ts';
import { sandboxIdOf } from './sandbox-id.ts';
import type { PodSources } from './sources.ts';
import { MAX_MESSAGE, messagePathOf, terminationMessage } from './termination-message.ts';
import { type PodVolumes, refreshed, volumesOf } from './volumes.ts';

export interface PlaceOptions {
  readonly sandboxes: PodSandboxes;
  readonly sources: PodSources;
  readonly clock: Clock;
}

const SIGKILL = 9;

/** Where a pod's containers run: its sandbox and its volumes. */
export class PodPlace implements AsyncDisposable {
  readonly sandbox: SandboxedPod;
  readonly #options: PlaceOptions;
  #volumes: Promise<PodVolumes> | undefined;
  #pause: Promise<ContainerProcess> | undefined;
  #started = 0;
  #refreshing: Promise<void> = Promise.resolve();

  private constructor(sandbox: SandboxedPod, options: PlaceOptions) {
    this.sandbox = sandbox;
    this.#options = options;
  }

  /** Rejects with the reason why there can be none. */
  static async make(pod: Pod, options: PlaceOptions): Promise<PodPlace> {
    const { sandboxes } = options;
    const address = pod.status.podIP ?? '';
    const { hostNetwork, hostIPC, hostPID } = pod.spec;
    const sandbox = await sandboxes.makePod({
      hostname: hostnameOf(pod),
      address,
      plug: { node: pod.spec.nodeName ?? '', gateway: address.replace(/\d+$/, '1') },
      node: pod.spec.nodeName ?? '',
      task: { namespace: 'k8s.io', id: sandboxIdOf(pod) },
      shares: [
        ...(hostNetwork === true ? (['net'] as const) : []),
        ...(hostIPC === true ? (['ipc'] as const) : []),
        ...(hostPID === true ? (['pid'] as const) : []),
      ],
    });
    return new PodPlace(sandbox, options);
  }

  /** Its volumes, made for the first of its containers that runs: what is only modelled, or listens, needs none. */
  volumes(pod: Pod): Promise<PodVolumes> {
    this.#volumes ??= this.#makeVolumes(pod).catch((error: unknown) => {
      this.#volumes = undefined; // what was in the way, such as a Secret that is missing, may be out of it the next time
      throw error;
    });
    return this.#volumes;
  }

  async #makeVolumes(pod: Pod): Promise<PodVolumes> {
    const { sources, clock } = this.#options;
    const volumes = await volumesOf(pod, sources, clock.now());
    await this.sandbox.writeVolumes(volumes.entries);
    return volumes;
  }

  /** Brings the volumes that the kubelet keeps up to date to what they would be made of now; what is missing by now stays as it was. */
  refresh(pod: Pod): Promise<void> {
    const { sources, clock } = this.#options;
    this.#refreshing = this.#refreshing
      .then(async () => {
        const before = await this.#volumes;
        if (before === undefined) return;
        const now = await volumesOf(pod, sources, clock.now());
        if (now.digest === before.digest) return;
        await this.sandbox.writeVolumes(refreshed(before, now));
        this.#volumes = Promise.resolve(now);
      })
      .catch(() => undefined);
    return this.#refreshing;
  }

  /** Starts a container's process, with a file in which it may tell why it ends. */
  async start(container: Container, launch: ContainerLaunch): Promise<StartedContainer> {
    const file = `.end-${++this.#started}`; // no volume is called so
    await this.sandbox.writeVolumes([{ kind: 'file', path: file, mode: 0o666, data: '' }]);
    const mount = { source: file, subPath: '', target: messagePathOf(container), readOnly: false };
    const process = await this.sandbox.run({ ...launch, mounts: [...launch.mounts, mount] });
    return {
      process,
      launch,
      lastWords: async (exitCode, log) => {
        const written = await this.sandbox.readVolumeFile(file, MAX_MESSAGE).catch(() => ''); // the pod went first
        return terminationMessage(container, exitCode, String(written), log);
      },
    };
  }

  /**
   * The process among whose a container's are to be: the pod's pause where its containers share their processes, the target of a
   * container of `kubectl debug --target`, else none (pkg/kubelet/kuberuntime/util/util.go PidNamespaceForPod).
   */
  async among(
    pod: Pod,
    container: Container & { readonly targetContainerName?: string },
    target: (name: string) => Promise<ContainerProcess>,
  ): Promise<ContainerProcess | undefined> {
    if (pod.spec.hostPID === true) return undefined;
    if (pod.spec.shareProcessNamespace === true) return (this.#pause ??= this.#startPause());
    const { targetContainerName = '' } = container;
    return targetContainerName === '' ? undefined : target(targetContainerName);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#pause?.catch(() => undefined))?.signal(SIGKILL);
    await this.sandbox[Symbol.asyncDispose]();
  }

  #startPause(): Promise<ContainerProcess> {
    return this.sandbox.run({
      argv: ['/pause'],
      env: {},
      cwd: '/',
      uid: 65535,
      gid: 65535,
      groups: [65535],
      capabilities: [],
      noNewPrivileges: true,
      readOnlyRoot: true,
      streams: 'placeholder',
      mounts: [],
      files: [],
    });
  }
}
