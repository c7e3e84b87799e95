import { constants } from 'node:os';
import type { Clock } from '../../clock.ts';
import { type Image, runsOwnServer } from '../../images/image.ts';
import type { Container, LifecycleHandler, Pod } from '../model/generated/objects.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import type { KubeletEvent } from './container-status.ts';
import type { Process } from './process.ts';

const { SIGKILL } = constants.signals;

/** What a hook leaves of the grace period is at least this (kuberuntime_container.go minimumGracePeriodInSeconds). */
const LEAST_AFTER_HOOK_MS = 2000;

/** What a process that nobody really runs exits with when it is asked to end: a server by itself, anything else is killed. */
const ASKED = 0;
const KILLED = 128 + SIGKILL;

export interface StopRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image | undefined;
  readonly id: string;
  /** Milliseconds. */
  readonly grace: number;
}

interface Stop extends StopRequest {
  readonly leave: AbortController;
  /** Milliseconds since 1970 by which it is killed. */
  deadline: number;
  isAsked: boolean;
  timer: Disposable | undefined;
  /** Of a process that nobody really runs. */
  end: Process | undefined;
}

/**
 * Containers that are being ended: preStop hook, signal, SIGKILL when the grace period is over (kuberuntime_container.go
 * killContainer). A process whose course is plain before it runs ends as soon as it is asked: a lab spares its learner that wait.
 */
export class ContainerStops implements Disposable {
  readonly #clock: Clock;
  readonly #runtime: ContainerRuntime | undefined;
  readonly #changed: (pod: Pod) => void;
  readonly #stops = new Map<string, Stop>();
  readonly #events = new Map<string, KubeletEvent[]>();

  constructor(clock: Clock, runtime: ContainerRuntime | undefined, changed: (pod: Pod) => void) {
    this.#clock = clock;
    this.#runtime = runtime;
    this.#changed = changed;
  }

  /** Begins to end that run of a container; asked again it can only become shorter. True when it is new. */
  begin(request: StopRequest): boolean {
    const known = this.#stops.get(request.id);
    const deadline = this.#clock.now() + request.grace;
    if (known !== undefined) {
      if (deadline < known.deadline) {
        known.deadline = deadline;
        if (known.isAsked) this.#wait(known);
        else known.leave.abort();
      }
      return false;
    }
    const stop: Stop = {
      ...request,
      leave: new AbortController(),
      deadline,
      isAsked: false,
      timer: undefined,
      end: undefined,
    };
    this.#stops.set(request.id, stop);
    const hook = request.container.lifecycle?.preStop;
    if (hook === undefined || request.grace <= 0) this.#ask(stop);
    else void this.#afterHook(stop, hook);
    return true;
  }

  /** How a container that is told to end goes, where nothing really runs. */
  processOf(id: string): Process | undefined {
    return this.#stops.get(id)?.end;
  }

  isStopping(id: string): boolean {
    return this.#stops.has(id);
  }

  takeEvents({ metadata: { uid = '' } }: Pod): readonly KubeletEvent[] {
    const events = this.#events.get(uid) ?? [];
    this.#events.delete(uid);
    return events;
  }

  forget({ metadata }: Pod): void {
    this.#events.delete(metadata.uid ?? '');
    for (const [id, stop] of this.#stops) if (stop.pod.metadata.uid === metadata.uid) this.#drop(id, stop);
  }

  [Symbol.dispose](): void {
    for (const [id, stop] of this.#stops) this.#drop(id, stop);
  }

  #drop(id: string, stop: Stop): void {
    stop.timer?.[Symbol.dispose]();
    stop.leave.abort();
    this.#stops.delete(id);
  }

  async #afterHook(stop: Stop, hook: LifecycleHandler): Promise<void> {
    const { pod, container, leave } = stop;
    const late = this.#clock.after(stop.grace, () => leave.abort());
    try {
      await runHook({
        clock: this.#clock,
        runtime: this.#runtime,
        pod,
        container,
        handler: hook,
        signal: leave.signal,
      });
    } catch {
      if (!leave.signal.aborted) this.#tell(stop, 'FailedPreStopHook', 'PreStopHook failed');
    }
    late[Symbol.dispose]();
    if (this.#stops.get(stop.id) !== stop) return;
    stop.deadline = Math.max(stop.deadline, this.#clock.now() + LEAST_AFTER_HOOK_MS);
    this.#ask(stop);
    this.#changed(pod);
  }

  #ask(stop: Stop): void {
    const { pod, container, image, id } = stop;
    stop.isAsked = true;
    const wanted = constants.signals[(container.lifecycle?.stopSignal ?? 'SIGTERM') as NodeJS.Signals] ?? 15;
    const left = stop.deadline - this.#clock.now();
    const isWaitedFor = this.#runtime?.signal(pod, container.name, id, left > 0 ? wanted : SIGKILL) === true;
    if (isWaitedFor) return this.#wait(stop);
    this.#runtime?.signal(pod, container.name, id, SIGKILL);
    const serves = image !== undefined && runsOwnServer(container, image);
    stop.end = { goes: 'to its end', after: 0, exitCode: serves && left > 0 ? ASKED : KILLED };
  }

  #wait(stop: Stop): void {
    stop.timer?.[Symbol.dispose]();
    const { pod, container, id } = stop;
    stop.timer = this.#clock.after(Math.max(0, stop.deadline - this.#clock.now()), () => {
      this.#runtime?.signal(pod, container.name, id, SIGKILL);
    });
  }

  #tell({ pod, container }: Stop, reason: string, message: string): void {
    const uid = pod.metadata.uid ?? '';
    const events = this.#events.get(uid) ?? [];
    events.push({ type: 'Warning', reason, message, container: container.name });
    this.#events.set(uid, events);
  }
}

export interface HookCall {
  readonly clock: Clock;
  readonly runtime: ContainerRuntime | undefined;
  readonly pod: Pod;
  readonly container: Container;
  readonly handler: LifecycleHandler;
  readonly signal: AbortSignal;
}

/** Runs a hook (pkg/kubelet/lifecycle/handlers.go): `sleep` is the kubelet's own. Rejects when it fails, or on abort. */
export function runHook({ clock, runtime, pod, container, handler, signal }: HookCall): Promise<void> {
  if (handler.sleep === undefined) return runtime?.hook(pod, container, handler, signal) ?? Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.after(handler.sleep.seconds * 1000, resolve);
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  if (signal.aborted) reject(signal.reason as Error);
  return promise.finally(() => timer[Symbol.dispose]());
}
