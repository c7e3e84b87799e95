import type { Clock } from '../../clock.ts';
import type { Image } from '../../images/image.ts';
import { backOff } from '../../kubernetes/kubelet/back-off.ts';
import type { KubeletEvent } from '../../kubernetes/kubelet/container-status.ts';
import type { Health } from '../../kubernetes/kubelet/probes/health.ts';
import type { Container } from '../../kubernetes/model/generated/objects.ts';
import { containerId, type Randomness } from '../../kubernetes/randomness.ts';
import type { HostDaemon } from '../../hosts/host-daemon.ts';
import type { Component, ComponentContainer } from '../component.ts';
import { ComponentLogs } from '../logs/component-logs.ts';
import { processOf } from './component-process.ts';
import { newRun } from './component-run.ts';
import { ContainerHold, type Hold } from './container-hold.ts';
import type { NodeFiles } from '../node/node-files.ts';
import { backOffText, type NamedPod, syncTrouble } from '../node/pod-trouble.ts';
import { ProbedHealth } from './probed-health.ts';
import type { StaticPod } from './static-pod-file.ts';

export interface ComponentPodOptions {
  readonly files: NodeFiles;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly images: readonly Image[];
  readonly node: { readonly address: string };
  readonly components: Readonly<Record<string, Component>>;
  /** The component by name. */
  readonly program: string;
  readonly journal: (severity: 'I' | 'E', place: string, message: string) => void;
  readonly record: (pod: StaticPod, events: readonly KubeletEvent[]) => void;
  readonly changed: () => void;
  /** Takes a container whose time is over. */
  readonly ended: (container: ComponentContainer) => void;
  /** Does something later, when nothing else happens to static pods. */
  readonly again: (work: () => Promise<void>) => void;
}

const LOG_LINES = 500;

/**
 * A static pod whose container's program is one of the control plane's: what keeps the container from being made, its runs one after
 * another, and its probes (pkg/kubelet/kuberuntime/kuberuntime_manager.go SyncPod).
 */
export class ComponentPod implements AsyncDisposable {
  readonly pod: StaticPod;
  readonly #options: ComponentPodOptions;
  readonly #spec: Container;
  readonly #sandbox: string;
  readonly #hold: ContainerHold;
  readonly #logs: ComponentLogs;
  readonly #health: ProbedHealth;
  #container: ComponentContainer | undefined;
  /** By which its node shows its program. */
  #daemon: HostDaemon | undefined;
  #held: Hold | undefined;
  #retry: Disposable | undefined;
  #isOver = false;

  constructor(pod: StaticPod, options: ComponentPodOptions) {
    this.pod = pod;
    this.#options = options;
    this.#spec = pod.pod.spec.containers[0] ?? { name: pod.container };
    this.#sandbox = containerId(options.randomness);
    this.#hold = new ContainerHold(pod, this.#spec);
    this.#logs = new ComponentLogs(options.files, options.clock);
    this.#health = new ProbedHealth({
      pod,
      spec: this.#spec,
      clock: options.clock,
      address: options.node.address,
      program: () => this.#program,
      changed: () => options.again(() => this.#look()),
    });
  }

  /** Undefined until there has been one. */
  get container(): ComponentContainer | undefined {
    return this.#container;
  }

  /** Why there is no container yet. */
  get waiting(): Hold['waiting'] | undefined {
    return this.#held?.waiting;
  }

  get health(): Health {
    return this.#health.now;
  }

  /** Makes the container if nothing keeps it from being made, and starts its program. */
  async begin(): Promise<void> {
    const { files, images, clock, journal, record } = this.#options;
    this.#held = await this.#hold.look(files, images, clock.now());
    if (this.#held === undefined) return this.#make();
    const { line, waiting, events } = this.#held;
    if (line !== undefined) journal('E', line.place, line.message);
    else if (waiting.message !== undefined) this.#journalTrouble(waiting.reason ?? '', waiting.message);
    if (events.length > 0) record(this.pod, events);
    this.#beginAfter(this.#held.again);
  }

  /** Starts the program anew within the container. */
  async relaunch(): Promise<void> {
    if (this.#container === undefined) return;
    this.#retry?.[Symbol.dispose]();
    await this.#stop();
    this.#container = { ...this.#container, state: 'Running', exitCode: 0, finishedAt: undefined };
    await this.#launch();
  }

  /** Looks whether it is as well as it was, after something has changed around it. */
  async lookAgain(): Promise<void> {
    if (await this.#health.lookAgain(this.#container?.state === 'Running')) await this.#look();
  }

  /** Adds a line to the log of the container while it runs. */
  log(line: string): void {
    if (this.#container?.state !== 'Running') return;
    this.#container = { ...this.#container, log: [...this.#container.log, line].slice(-LOG_LINES) };
    this.#logs.append(this.#container, [line]);
  }

  /** Its node has come after it: writes what was logged before there was a disk to keep it, and shows what runs. */
  async enter(): Promise<void> {
    if (this.#container !== undefined) this.#logs.begin(this.#container);
    this.#daemon = this.#options.files.newDaemon();
    if (this.#daemon === undefined || this.#container?.state !== 'Running') return;
    await this.#program?.enter?.(this.#daemon, this.pod.argv.slice(1));
    await this.#appear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#retry?.[Symbol.dispose]();
    this.#health[Symbol.dispose]();
    if (this.#container?.state === 'Running') await this.#stop();
    if (this.#container !== undefined) this.#options.ended(this.#endedNow(0));
    await this.#logs.written();
  }

  get #program(): Component | undefined {
    return this.#options.components[this.#options.program];
  }

  async #make(): Promise<void> {
    const { clock, randomness, ended } = this.#options;
    const attempt = this.#container === undefined ? 0 : this.#container.attempt + 1;
    if (this.#container !== undefined) ended(this.#container);
    const run = { id: containerId(randomness), sandbox: this.#sandbox, attempt, at: clock.now() };
    this.#container = newRun(this.pod, this.#spec.name, run);
    this.#logs.begin(this.#container);
    await this.#launch();
  }

  async #launch(): Promise<void> {
    const log = (line: string): void => this.log(line);
    this.#daemon = this.#options.files.newDaemon();
    const starting = this.#program?.start(this.pod.argv.slice(1), log, this.#daemon);
    const failure = await starting?.catch((error: unknown) => String(error));
    if (failure === undefined) {
      await this.#appear();
      if (await this.#health.begin()) await this.#look();
      return;
    }
    await this.#daemon?.leave();
    for (const line of failure.split('\n')) log(line);
    this.#container = this.#endedNow(1);
    this.#health.end();
    this.#backOff();
  }

  async #stop(): Promise<void> {
    await this.#daemon?.leave();
    await this.#program?.stop();
  }

  /** Shows its process on its node. */
  async #appear(): Promise<void> {
    const { pod, argv } = this.pod;
    const daemon = this.#daemon;
    const ended = (exitCode: number): void =>
      this.#options.again(async () => {
        if (this.#daemon === daemon) await this.#restart(exitCode);
      });
    await daemon?.appear(processOf(pod, this.#spec, argv, ended));
  }

  /** What the kubelet does about a container that has ended: another at once the first time, later ones after a while. */
  async #restart(exitCode: number): Promise<void> {
    const container = this.#container;
    if (this.#isOver || container?.state !== 'Running') return;
    await this.#stop();
    this.#container = this.#endedNow(exitCode);
    this.#health.end();
    if (container.attempt === 0) await this.begin();
    else this.#backOff();
    this.#options.changed();
  }

  #endedNow(exitCode: number): ComponentContainer {
    const container = this.#container as ComponentContainer;
    if (container.state === 'Exited') return container;
    return { ...container, state: 'Exited', exitCode, finishedAt: this.#options.clock.now() };
  }

  #backOff(): void {
    const attempt = this.#container?.attempt ?? 0;
    this.#journalTrouble('CrashLoopBackOff', backOffText(this.#named, this.#spec.name, attempt));
    this.#beginAfter(backOff(attempt));
  }

  /** `wait` in milliseconds. */
  #beginAfter(wait: number): void {
    const { clock, changed, again } = this.#options;
    this.#retry = clock.after(wait, () =>
      again(async () => {
        if (this.#isOver) return;
        await this.begin();
        changed();
      }),
    );
  }

  #journalTrouble(reason: string, message: string): void {
    const line = syncTrouble(this.#named, this.#spec.name, reason, message);
    this.#options.journal('E', 'pod_workers.go:1324', line);
  }

  get #named(): NamedPod {
    const { name, namespace = '' } = this.pod.pod.metadata;
    return { name, namespace, uid: this.pod.hash };
  }

  /** Takes in what the probes have come to. */
  async #look(): Promise<void> {
    const { record, changed } = this.#options;
    if (this.#isOver || this.#container?.state !== 'Running') return;
    const { events, hasFailed } = this.#health.take(this.#container);
    if (events.length > 0) record(this.pod, events);
    if (hasFailed) await this.#restart(0);
    else changed();
  }
}
