import type { Clock } from '../../clock.ts';
import type { Image } from '../../images/image.ts';
import { MANIFESTS } from '../../kubernetes/bootstrap/static-pods.ts';
import type { KubeletEvent } from '../../kubernetes/kubelet/container-status.ts';
import type { Randomness } from '../../kubernetes/randomness.ts';
import type { Component, ComponentContainer } from '../component.ts';
import { componentOf } from '../component-of.ts';
import { ComponentPod } from './component-pod.ts';
import { klogLine } from '../klog.ts';
import { readManifestFolder } from './manifest-folder.ts';
import type { MirroredPod } from './mirror-pods.ts';
import type { NodeFiles } from '../node/node-files.ts';
import type { StaticPod } from './static-pod-file.ts';

export interface StaticPodRunnerOptions {
  readonly files: NodeFiles;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly images: readonly Image[];
  /** The node, whose name is part of a static pod's. */
  readonly node: { readonly name: string; readonly address: string };
  /** By the container's name in the manifest: `kube-apiserver`, `etcd`, … */
  readonly components: Readonly<Record<string, Component>>;
  /** Lines for the kubelet's journal. */
  readonly journal: (line: string) => void;
  /** Told after every change of what runs. */
  readonly changed: () => void;
  /** Takes what nobody expected. */
  readonly fault: (error: unknown) => void;
  /** Told what happens to the pod of a component. */
  readonly record: (pod: StaticPod, events: readonly KubeletEvent[]) => void;
}

/** How long the kubelet and containerd take to replace a container; a real node takes some seconds longer. */
const REPLACE_MS = 300;
/** Ended containers of one name that the kubelet keeps (its `--maximum-dead-containers-per-container`, and one for show). */
const KEPT_DEAD = 2;

/**
 * The part of a kubelet that knows the pods of its static pods' folder: it watches the folder, and starts and stops the components that
 * pods name with the flags they give. Pods of anything else are for their mirror pod to be run by (kubernetes/kubelet).
 */
export class StaticPodRunner implements AsyncDisposable {
  readonly #options: StaticPodRunnerOptions;
  /** By file. A pod that is no component's has none that runs it. */
  readonly #pods = new Map<string, MirroredPod & { readonly component: ComponentPod | undefined }>();
  /** By the container's name, newest first. */
  readonly #dead = new Map<string, readonly ComponentContainer[]>();
  readonly #complained = new Set<string>();
  #folder = MANIFESTS;
  #watch: Disposable | undefined;
  #soon: Disposable | undefined;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;
  #paused = false;

  constructor(options: StaticPodRunnerOptions) {
    this.#options = options;
  }

  /** Starts what the folder holds now and follows its changes. */
  async start(): Promise<void> {
    this.#stopped = false;
    if (this.#watch === undefined) {
      await Promise.all([this.#follow(), ...this.components.map((component) => component.enter())]);
    }
    await this.sync();
  }

  /** As when the kubelet is stopped: what runs goes on running, and edits wait until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  /** As when it is started again, with the folder that its configuration names; without one there are no static pods. */
  async resume(folder: string = this.#folder): Promise<void> {
    if (!this.#paused && folder === this.#folder) return;
    this.#paused = false;
    if (folder !== this.#folder) {
      this.#folder = folder;
      await this.#follow();
    }
    await this.sync();
  }

  /** The static pods that the folder asks for, whether they run or not. */
  get pods(): readonly MirroredPod[] {
    return [...this.#pods.values()];
  }

  /** Those that are components. */
  get components(): readonly ComponentPod[] {
    return [...this.#pods.values()].flatMap(({ component }) => component ?? []);
  }

  /** Containers of components; ended ones too, after those of the same name that came later. */
  get containers(): readonly ComponentContainer[] {
    return [...this.components.flatMap(({ container }) => container ?? []), ...[...this.#dead.values()].flat()];
  }

  /** The container of that name, if it runs. Asked before every request to the API server: it makes nothing. */
  running(name: string): ComponentContainer | undefined {
    for (const { component } of this.#pods.values()) {
      const container = component?.container;
      if (container?.name === name && container.state === 'Running') return container;
    }
    return undefined;
  }

  /** Reads the folder again and makes what runs agree with it. */
  sync(): Promise<void> {
    return this.#then(() => this.#sync());
  }

  /** Starts the program of a component anew within its container, after another has been put behind its name. */
  relaunch(component: string): Promise<void> {
    return this.#then(async () => {
      const its = this.components.find(({ pod }) => pod.container === component);
      if (!this.#stopped) await its?.relaunch();
    });
  }

  /** Adds a line to a running component's log. */
  log(component: string, line: string): void {
    for (const one of this.components) if (one.pod.container === component) one.log(line);
  }

  /** Ends everything, as `systemctl stop kubelet` would not: this is for the end of the lab. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#watch?.[Symbol.dispose]();
    this.#soon?.[Symbol.dispose]();
    await this.#work;
    for (const file of this.#pods.keys()) await this.#end(file);
  }

  #then(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work
      .then(async () => {
        if (!this.#stopped) await work();
      })
      .catch((error: unknown) => this.#options.fault(error)); // what comes after it is not to suffer
    return this.#work;
  }

  async #follow(): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    if (this.#folder !== '') this.#watch = await this.#options.files.watch(this.#folder, () => this.#syncSoon());
  }

  #syncSoon(): void {
    this.#soon?.[Symbol.dispose]();
    this.#soon = this.#options.clock.after(REPLACE_MS, () => void this.sync());
  }

  async #sync(): Promise<void> {
    if (this.#paused) return;
    const { files, node, changed } = this.#options;
    const { pods, complaints } =
      this.#folder === '' ? { pods: [], complaints: [] } : await readManifestFolder(files, node.name, this.#folder);
    this.#complain(complaints);
    for (const [file, { pod }] of this.#pods) {
      if (pods.some((one) => one.hash === pod.hash && one.file === file)) continue;
      this.#journalPod('SyncLoop REMOVE', 'kubelet.go:2563', pod);
      await this.#end(file);
    }
    // etcd first: the API server looks for it when it starts.
    for (const pod of [...pods].sort((a, b) => a.file.localeCompare(b.file))) {
      if (this.#pods.has(pod.file)) continue;
      this.#journalPod('SyncLoop ADD', 'kubelet.go:2553', pod);
      await this.#begin(pod);
    }
    for (const component of this.components) await component.lookAgain();
    changed();
  }

  /** Once a complaint, until it has gone: a change of another file is no reason to repeat it. */
  #complain(complaints: readonly string[]): void {
    for (const complaint of complaints)
      if (!this.#complained.has(complaint)) this.#journal('E', 'file.go:187', complaint);
    this.#complained.clear();
    for (const complaint of complaints) this.#complained.add(complaint);
  }

  #journalPod(event: string, place: string, { pod }: StaticPod): void {
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    this.#journal('I', place, `"${event}" source="file" pods=["${name}"]`);
  }

  #journal(severity: 'I' | 'E', place: string, message: string): void {
    this.#options.journal(klogLine(this.#options.clock, severity, place, message));
  }

  async #begin(pod: StaticPod): Promise<void> {
    const program = componentOf(pod.pod);
    if (program === undefined) {
      this.#pods.set(pod.file, { pod, component: undefined });
      return;
    }
    const component = new ComponentPod(pod, {
      ...this.#options,
      program,
      journal: (severity, place, message) => this.#journal(severity, place, message),
      ended: (container) => this.#bury(container),
      again: (work) => void this.#then(work),
    });
    this.#pods.set(pod.file, { pod, component });
    await component.begin();
  }

  async #end(file: string): Promise<void> {
    const found = this.#pods.get(file);
    this.#pods.delete(file);
    await found?.component?.[Symbol.asyncDispose]();
  }

  #bury(container: ComponentContainer): void {
    this.#dead.set(container.name, [container, ...(this.#dead.get(container.name) ?? [])].slice(0, KEPT_DEAD));
  }
}
