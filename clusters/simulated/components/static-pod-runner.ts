import type { Clock } from '../kubernetes/clock.ts';
import { MANIFESTS } from '../kubernetes/bootstrap/static-pods.ts';
import type { Randomness } from '../kubernetes/randomness.ts';
import type { Component, ComponentContainer } from './component.ts';
import { type StaticPod, readManifestFolder } from './manifest-folder.ts';
import type { NodeFiles } from './node-files.ts';

export interface StaticPodRunnerOptions {
  readonly files: NodeFiles;
  readonly clock: Clock;
  readonly randomness: Randomness;
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

interface Running {
  readonly pod: StaticPod;
  readonly sandbox: string;
  container: ComponentContainer;
  /** The container before this one, which `crictl ps -a` still shows. */
  previous: ComponentContainer | undefined;
  retry: Disposable | undefined;
}

/**
 * The part of a kubelet that keeps the pods of /etc/kubernetes/manifests running: it watches the folder, starts and stops the
 * components they name with the flags they give, and tries again what does not stay up.
 */
export class StaticPodRunner implements AsyncDisposable {
  readonly #options: StaticPodRunnerOptions;
  readonly #running = new Map<string, Running>();
  #watch: Disposable | undefined;
  #soon: Disposable | undefined;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: StaticPodRunnerOptions) {
    this.#options = options;
  }

  /** Starts what the folder holds now and follows its changes. */
  async start(): Promise<void> {
    this.#stopped = false;
    await this.sync();
    this.#watch ??= await this.#options.files.watch(MANIFESTS, () => this.#syncSoon());
  }

  /** The static pods that the folder asks for, whether they run or not. */
  get pods(): readonly StaticPod[] {
    return [...this.#running.values()].map(({ pod }) => pod);
  }

  /** Newest first, ended ones too. */
  get containers(): readonly ComponentContainer[] {
    return [...this.#running.values()].flatMap(({ container, previous }) =>
      previous === undefined ? [container] : [container, previous],
    );
  }

  /** Reads the folder again and makes what runs agree with it. */
  sync(): Promise<void> {
    this.#work = this.#work.then(() => this.#sync());
    return this.#work;
  }

  /** Ends a component and starts it again, as its manifest says. */
  restart(component: string): Promise<void> {
    this.#work = this.#work.then(async () => {
      const running = [...this.#running.values()].find(({ pod }) => pod.container === component);
      if (running === undefined || this.#stopped) return;
      await this.#end(running.pod.file);
      await this.#begin(running.pod, undefined);
    });
    return this.#work;
  }

  /** Adds a line to a running component's log. */
  log(component: string, line: string): void {
    for (const running of this.#running.values()) {
      if (running.pod.container !== component) continue;
      running.container = { ...running.container, log: [...running.container.log, line].slice(-LOG_LINES) };
    }
  }

  #syncSoon(): void {
    this.#soon?.[Symbol.dispose]();
    this.#soon = this.#options.clock.after(REPLACE_MS, () => void this.sync());
  }

  async #sync(): Promise<void> {
    if (this.#stopped) return;
    const { files, journal, changed } = this.#options;
    const { pods, complaints } = await readManifestFolder(files);
    for (const complaint of complaints) journal(complaint);
    for (const [key, { pod }] of this.#running) {
      if (!pods.some(({ hash, file }) => hash === pod.hash && file === pod.file)) await this.#end(key);
    }
    // etcd first: the API server looks for it when it starts.
    for (const pod of [...pods].sort((a, b) => a.file.localeCompare(b.file))) {
      if (!this.#running.has(pod.file)) await this.#begin(pod, undefined);
    }
    changed();
  }

  async #begin(pod: StaticPod, before: Running | undefined): Promise<void> {
    const { clock, components } = this.#options;
    const component = components[pod.container];
    const sandbox = before?.sandbox ?? this.#hex(64);
    const started = clock.now();
    const attempt = before === undefined ? 0 : before.container.attempt + 1;
    const failure =
      component === undefined
        ? `not simulated: the process of ${pod.image}`
        : await component.start(pod.argv.slice(1)).catch((error: unknown) => String(error));
    const container: ComponentContainer = {
      id: this.#hex(64),
      sandbox,
      pod: pod.name,
      namespace: pod.namespace,
      name: pod.container,
      image: pod.image,
      attempt,
      state: failure === undefined || component === undefined ? 'Running' : 'Exited',
      startedAt: started,
      finishedAt: failure === undefined || component === undefined ? undefined : clock.now(),
      log: failure === undefined ? [] : failure.split('\n'),
    };
    const running: Running = { pod, sandbox, container, previous: before?.container, retry: undefined };
    this.#running.set(pod.file, running);
    await this.#writeLog(container);
    if (container.state === 'Running') return;
    const wait = Math.min(FIRST_BACK_OFF_MS * 2 ** attempt, LAST_BACK_OFF_MS);
    this.#options.journal(
      `"Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"${pod.container}\\" with CrashLoopBackOff: ` +
        `\\"back-off ${wait / 1000}s restarting failed container=${pod.container}\\"" pod="${pod.namespace}/${pod.name}"`,
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
    if (running.container.state === 'Running') await this.#options.components[running.pod.container]?.stop();
  }

  /** The CRI log file of the container (pkg/kubelet/kuberuntime/logs). */
  async #writeLog({ namespace, pod, sandbox, name, attempt, startedAt, log }: ComponentContainer): Promise<void> {
    if (log.length === 0) return;
    const path = `/var/log/pods/${namespace}_${pod}_${sandbox.slice(0, 32)}/${name}/${attempt}.log`;
    const stamp = new Date(startedAt).toISOString();
    const text = log.map((line) => `${stamp} stderr F ${line}\n`).join('');
    // A full disk keeps the log away, not the component.
    await this.#options.files.write(path, text, 0o640).catch(() => undefined);
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
  }
}
