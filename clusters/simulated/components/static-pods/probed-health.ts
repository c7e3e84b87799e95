import type { Clock } from '../../clock.ts';
import type { KubeletEvent } from '../../kubernetes/kubelet/container-status.ts';
import type { Health } from '../../kubernetes/kubelet/probes/health.ts';
import { ProbeWorkers } from '../../kubernetes/kubelet/probes/probe-workers.ts';
import { type ProbeOutcome, probesOf } from '../../kubernetes/kubelet/probes/verdict.ts';
import type { Container, ContainerStatus, Probe } from '../../kubernetes/model/generated/objects.ts';
import type { Component, ComponentContainer } from '../component.ts';
import { probeComponent } from './component-probes.ts';
import type { StaticPod } from './static-pod-file.ts';

export interface ProbedHealthOptions {
  readonly pod: StaticPod;
  readonly spec: Container;
  readonly clock: Clock;
  /** Of its node. */
  readonly address: string;
  readonly program: () => Component | undefined;
  /** Told when a probe has changed its mind. */
  readonly changed: () => void;
}

/** What the probes have come to. */
export interface ProbeNews {
  readonly events: readonly KubeletEvent[];
  /** Whether the container is to be replaced. */
  readonly hasFailed: boolean;
}

const ILL: Health = { started: false, ready: false };
const WELL: Health = { started: true, ready: true };

/**
 * The health of a component by its container's probes. Where all succeed at once it is well at once: a lab spares its learner the initial
 * delays, and itself the timers; whatever may fail is probed as a kubelet does.
 */
export class ProbedHealth implements Disposable {
  readonly #options: ProbedHealthOptions;
  readonly #probes: ProbeWorkers;
  #health: Health = ILL;
  /** By all its probes, when it was last looked at as a whole. */
  #wasWell = false;

  constructor(options: ProbedHealthOptions) {
    this.#options = options;
    const { clock, changed } = options;
    this.#probes = new ProbeWorkers({ clock, changed, run: (_pod, _container, probe) => this.#try(probe) });
  }

  get now(): Health {
    return this.#health;
  }

  /** Looks at a program that has just started. Whether there is more to be seen by probes. */
  async begin(): Promise<boolean> {
    this.#wasWell = await this.#isWell();
    this.#health = this.#wasWell ? WELL : ILL;
    return !this.#wasWell;
  }

  /** Looks whether it is as well as it was, after something has changed around it. Whether probes have to see to it. */
  async lookAgain(isRunning: boolean): Promise<boolean> {
    const before = this.#wasWell;
    this.#wasWell = isRunning && (await this.#isWell());
    if (before === this.#wasWell || !isRunning) return false;
    this.#probes.forget(this.#options.pod.pod);
    if (this.#wasWell) this.#health = WELL;
    return !this.#wasWell;
  }

  /** Takes in what the probes of a running container have come to. */
  take(container: ComponentContainer): ProbeNews {
    const { spec } = this.#options;
    const { pod } = this.#options.pod;
    this.#health = this.#probes.health(pod, spec, this.#statusOf(container));
    const kind = this.#probes.failed(pod, container.name, container.id);
    const events = [...this.#probes.takeEvents(pod)];
    if (kind !== undefined) {
      const message = `Container ${container.name} failed ${kind.toLowerCase()} probe, will be restarted`;
      events.push({ type: 'Normal', reason: 'Killing', message, container: container.name });
    }
    return { events, hasFailed: kind !== undefined };
  }

  /** Its container has ended. */
  end(): void {
    this.#health = ILL;
  }

  [Symbol.dispose](): void {
    this.#probes[Symbol.dispose]();
  }

  #statusOf({ name, image, id, attempt, startedAt }: ComponentContainer): ContainerStatus {
    const running = { startedAt: new Date(startedAt).toISOString() };
    return { name, image, imageID: '', ...this.#health, restartCount: attempt, containerID: id, state: { running } };
  }

  async #isWell(): Promise<boolean> {
    const tries = probesOf(this.#options.spec).map(([, probe]) => this.#try(probe));
    return (await Promise.all(tries)).every((outcome) => outcome?.succeeded !== false);
  }

  async #try(probe: Probe): Promise<ProbeOutcome | undefined> {
    const { pod, address, spec, program } = this.#options;
    const its = program();
    return its && probeComponent(pod, address, spec, probe, its);
  }
}
