import type { Clock } from '../clock.ts';
import { MANIFESTS } from '../kubernetes/bootstrap/static-pods.ts';
import type { Randomness } from '../kubernetes/randomness.ts';
import type { Component, ComponentContainer } from './component.ts';
import { klogLine } from './klog.ts';
import { type StaticPod, readManifestFolder } from './manifest-folder.ts';
import type { NodeFiles } from './node-files.ts';

export interface StaticPodRunnerOptions {
  readonly files: NodeFiles;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Of the node, which is part of a static pod's name. */
  readonly node: string;
  /** By the container's name in the manifest: `kube-apiserver`, `etcd`, … */
  readonly components: Readonly<Record<string, Component>>;
  /** Lines for the kubelet's journal. */
  readonly journal: (line: string) => void;
  /** Told after every change of what runs. */
  readonly changed: () => void;
}

/** How long the kubelet and containerd take to replace a container; a real node takes some seconds longer. */
const REPLACE_MS = 300;
/** Back-off of a container that does not stay up (pkg/kubelet: 10 s, doubled up to 5 minutes). */
const FIRST_BACK_OFF_MS = 10_000;
const LAST_BACK_OFF_MS = 300_000;
const LOG_LINES = 500;

/** Ended containers of one name that the kubelet keeps (its `--maximum-dead-containers-per-container`, and one for show). */
const KEPT_DEAD = 2;

interface Running {
  readonly pod: StaticPod;
  readonly sandbox: string;
  container: ComponentContainer;
  retry: Disposable | undefined;
}

/**
 * The part of a kubelet that keeps the pods of /etc/kubernetes/manifests running: it watches the folder, starts and stops the
 * components they name with the flags they give, and tries again what does not stay up.
 */
export class StaticPodRunner implements AsyncDisposable {
  readonly #options: StaticPodRunnerOptions;
  readonly #running = new Map<string, Running>();
  /** By the container's name, newest first. */
  readonly #dead = new Map<string, readonly ComponentContainer[]>();
  readonly #complained = new Set<string>();
  #watch: Disposable | undefined;
  #soon: Disposable | undefined;
  #work: Promise<void> = Promise.resolve();
  #logging: Promise<void> = Promise.resolve();
  #stopped = false;
  #paused = false;

  constructor(options: StaticPodRunnerOptions) {
    this.#options = options;
  }

  /** Starts what the folder holds now and follows its changes. */
  async start(): Promise<void> {
    this.#stopped = false;
    if (this.#watch === undefined) {
      this.#watch = await this.#options.files.watch(MANIFESTS, () => this.#syncSoon());
      // What was logged before there was a disk to keep it.
      for (const container of this.containers) this.#keepLog(container);
    }
    await this.sync();
  }

  /** As when the kubelet is stopped: what runs goes on running, and edits wait until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  async resume(): Promise<void> {
    if (!this.#paused) return;
    this.#paused = false;
    await this.sync();
  }

  /** The static pods that the folder asks for, whether they run or not. */
  get pods(): readonly StaticPod[] {
    return [...this.#running.values()].map(({ pod }) => pod);
  }

  /** Ended ones too, after those of the same name that came later. */
  get containers(): readonly ComponentContainer[] {
    const now = [...this.#running.values()].map(({ container }) => container);
    return [...now, ...[...this.#dead.values()].flat()];
  }

  /** Reads the folder again and makes what runs agree with it. */
  sync(): Promise<void> {
    this.#work = this.#work.then(() => this.#sync());
    return this.#work;
  }

  /** Starts the program of a component anew within its container, after another has been put behind its name. */
  relaunch(component: string): Promise<void> {
    this.#work = this.#work.then(async () => {
      const running = [...this.#running.values()].find(({ pod }) => pod.container === component);
      if (running === undefined || this.#stopped) return;
      running.retry?.[Symbol.dispose]();
      await this.#options.components[component]?.stop();
      running.container = { ...running.container, state: 'Running', exitCode: 0, finishedAt: undefined };
      await this.#launch(running);
    });
    return this.#work;
  }

  /** Adds a line to a running component's log. */
  log(component: string, line: string): void {
    for (const running of this.#running.values()) {
      if (running.pod.container !== component || running.container.state !== 'Running') continue;
      running.container = { ...running.container, log: [...running.container.log, line].slice(-LOG_LINES) };
      this.#append(running.container, [line]);
    }
  }

  #syncSoon(): void {
    this.#soon?.[Symbol.dispose]();
    this.#soon = this.#options.clock.after(REPLACE_MS, () => void this.sync());
  }

  async #sync(): Promise<void> {
    if (this.#stopped || this.#paused) return;
    const { files, changed } = this.#options;
    const { pods, complaints } = await readManifestFolder(files);
    this.#complain(complaints);
    for (const [key, { pod }] of this.#running) {
      if (pods.some(({ hash, file }) => hash === pod.hash && file === pod.file)) continue;
      this.#journalPod('SyncLoop REMOVE', pod);
      await this.#end(key);
    }
    // etcd first: the API server looks for it when it starts.
    for (const pod of [...pods].sort((a, b) => a.file.localeCompare(b.file))) {
      if (this.#running.has(pod.file)) continue;
      this.#journalPod('SyncLoop ADD', pod);
      await this.#begin(pod, undefined);
    }
    changed();
  }

  /** Once a complaint, until it has gone: a change of another file is no reason to repeat it. */
  #complain(complaints: readonly string[]): void {
    for (const complaint of complaints)
      if (!this.#complained.has(complaint)) this.#journal('E', 'file.go:187', complaint);
    this.#complained.clear();
    for (const complaint of complaints) this.#complained.add(complaint);
  }

  #journalPod(event: string, pod: StaticPod): void {
    const name = `${pod.namespace}/${pod.name}-${this.#options.node}`;
    this.#journal('I', 'kubelet.go:2553', `"${event}" source="file" pods=["${name}"]`);
  }

  #journal(severity: 'I' | 'E', place: string, message: string): void {
    this.#options.journal(klogLine(this.#options.clock, severity, place, message));
  }

  async #begin(pod: StaticPod, before: Running | undefined): Promise<void> {
    const { clock, node } = this.#options;
    const sandbox = before?.sandbox ?? this.#hex(64);
    const attempt = before === undefined ? 0 : before.container.attempt + 1;
    if (before !== undefined) this.#bury(before.container);
    const running: Running = {
      pod,
      sandbox,
      container: {
        id: this.#hex(64),
        sandbox,
        pod: `${pod.name}-${node}`,
        namespace: pod.namespace,
        name: pod.container,
        image: pod.image,
        argv: pod.argv,
        attempt,
        state: 'Running',
        exitCode: 0,
        startedAt: clock.now(),
        finishedAt: undefined,
        log: [],
        logPath: `/var/log/pods/${pod.namespace}_${pod.name}-${node}_${pod.hash}/${pod.container}/${attempt}.log`,
      },
      retry: undefined,
    };
    this.#running.set(pod.file, running);
    this.#keepLog(running.container);
    await this.#launch(running);
  }

  async #launch(running: Running): Promise<void> {
    const { clock, components, node } = this.#options;
    const { pod } = running;
    const { attempt } = running.container;
    const component = components[pod.container];
    const log = (line: string): void => this.log(pod.container, line);
    if (component === undefined) return log(`not simulated: the process of ${pod.image}`);
    const failure = await component.start(pod.argv.slice(1), log).catch((error: unknown) => String(error));
    if (failure === undefined) return;
    for (const line of failure.split('\n')) log(line);
    running.container = { ...running.container, state: 'Exited', exitCode: 1, finishedAt: clock.now() };
    const wait = Math.min(FIRST_BACK_OFF_MS * 2 ** attempt, LAST_BACK_OFF_MS);
    this.#journal(
      'E',
      'pod_workers.go:1324',
      `"Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"${pod.container}\\" with CrashLoopBackOff: ` +
        `\\"back-off ${wait / 1000}s restarting failed container=${pod.container} pod=${pod.name}-${node}_${pod.namespace}(${pod.hash})\\"" ` +
        `pod="${pod.namespace}/${pod.name}-${node}" podUID="${pod.hash}"`,
    );
    running.retry = clock.after(wait, () => {
      this.#work = this.#work.then(async () => {
        if (this.#stopped || this.#running.get(pod.file) !== running) return;
        await this.#begin(pod, running);
        this.#options.changed();
      });
    });
  }

  async #end(file: string): Promise<void> {
    const running = this.#running.get(file);
    if (running === undefined) return;
    this.#running.delete(file);
    running.retry?.[Symbol.dispose]();
    const { container } = running;
    if (container.state === 'Running') await this.#options.components[running.pod.container]?.stop();
    this.#bury({ ...container, state: 'Exited', finishedAt: container.finishedAt ?? this.#options.clock.now() });
  }

  #bury(container: ComponentContainer): void {
    this.#dead.set(container.name, [container, ...(this.#dead.get(container.name) ?? [])].slice(0, KEPT_DEAD));
  }

  /** Makes the log file with what was logged so far, and the link under which log collectors look for it (pkg/kubelet/kuberuntime/legacy.go). */
  #keepLog(container: ComponentContainer): void {
    const { pod, namespace, name, id, logPath } = container;
    this.#append(container, container.log);
    const { files } = this.#options;
    const link = `/var/log/containers/${pod}_${namespace}_${name}-${id}.log`;
    this.#logging = this.#logging.then(() => files.link(link, logPath)).catch(() => undefined);
  }

  /** The CRI log file of the container, one write after another. A full disk keeps the log away, not the component. */
  #append({ logPath }: ComponentContainer, lines: readonly string[]): void {
    const stamp = new Date(this.#options.clock.now()).toISOString();
    const text = lines.map((line) => `${stamp} stderr F ${line}\n`).join('');
    this.#logging = this.#logging.then(() => this.#options.files.log.append(logPath, text)).catch(() => undefined);
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => this.#options.randomness.int(16).toString(16)).join('');
  }

  /** Ends everything, as `systemctl stop kubelet` would not: this is for the end of the lab. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#watch?.[Symbol.dispose]();
    this.#soon?.[Symbol.dispose]();
    await this.#work;
    for (const file of this.#running.keys()) await this.#end(file);
    await this.#logging;
  }
}
