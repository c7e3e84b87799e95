import type { Clock } from '../../../clock.ts';
import type { Container, ContainerStatus, Pod, Probe } from '../../model/generated/objects.ts';
import type { KubeletEvent } from '../container-status.ts';
import type { Health } from './health.ts';
import { after, firstVerdict, type ProbeKind, type ProbeOutcome, probesOf, type Verdict } from './verdict.ts';

export interface ProbeWorkersOptions {
  readonly clock: Clock;
  /** Tries a probe once, within its own time limit. Undefined: there was nobody to try it, and it counts for nothing. */
  readonly run: (
    pod: Pod,
    container: Container,
    probe: Probe,
  ) => ProbeOutcome | undefined | Promise<ProbeOutcome | undefined>;
  /** Hears of a pod whose verdicts have changed or that has something to tell. */
  readonly changed: (pod: Pod) => void;
}

interface Worker {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  verdict: Verdict;
  timer: Disposable | undefined;
}

interface Run {
  readonly pod: Pod;
  readonly container: Container;
  readonly id: string;
  readonly startedAt: number;
  readonly workers: readonly Worker[];
  isOver: boolean;
}

/** Probes of running containers, each in its own time, as pkg/kubelet/prober has a worker for each. */
export class ProbeWorkers implements Disposable {
  readonly #options: ProbeWorkersOptions;
  /** By pod and container. */
  readonly #runs = new Map<string, Map<string, Run>>();
  readonly #events = new Map<string, KubeletEvent[]>();

  constructor(options: ProbeWorkersOptions) {
    this.#options = options;
  }

  /** How a running container stands by its probes; begins to probe a run of it that is new. */
  health(pod: Pod, container: Container, status: ContainerStatus): Health {
    if (probesOf(container).length === 0) return { started: true, ready: true };
    const { workers } = this.#runOf(pod, container, status);
    const holds = (kind: ProbeKind): boolean =>
      workers.find((worker) => worker.kind === kind)?.verdict.holds ?? workers.every((worker) => worker.kind !== kind);
    const started = holds('Startup');
    return { started, ready: started && holds('Readiness') };
  }

  /** The probe for which that run of a container is to be ended, if it is. */
  failed({ metadata: { uid = '' } }: Pod, container: string, id: string): 'Startup' | 'Liveness' | undefined {
    const run = this.#runs.get(uid)?.get(container);
    if (run?.id !== id) return undefined;
    const failed = run.workers.find(({ kind, verdict }) => kind !== 'Readiness' && verdict.holds === false);
    return failed?.kind === 'Readiness' ? undefined : failed?.kind;
  }

  /** What happened since it was asked last. */
  takeEvents({ metadata: { uid = '' } }: Pod): readonly KubeletEvent[] {
    const events = this.#events.get(uid) ?? [];
    this.#events.delete(uid);
    return events;
  }

  forget({ metadata: { uid = '' } }: Pod): void {
    for (const run of this.#runs.get(uid)?.values() ?? []) end(run);
    this.#runs.delete(uid);
    this.#events.delete(uid);
  }

  [Symbol.dispose](): void {
    for (const runs of this.#runs.values()) for (const run of runs.values()) end(run);
    this.#runs.clear();
  }

  #runOf(pod: Pod, container: Container, status: ContainerStatus): Run {
    const uid = pod.metadata.uid ?? '';
    const id = status.containerID ?? '';
    const runs = this.#runs.get(uid) ?? new Map<string, Run>();
    this.#runs.set(uid, runs);
    const known = runs.get(container.name);
    if (known?.id === id) return known;
    if (known !== undefined) end(known);
    const run: Run = {
      pod,
      container,
      id,
      startedAt: Date.parse(status.state?.running?.startedAt ?? ''),
      // A kubelet that comes to a container which was well before goes on from there.
      workers: probesOf(container).map(([kind, probe]) => ({
        kind,
        probe,
        verdict:
          (kind === 'Readiness' && status.ready) || (kind === 'Startup' && status.started === true)
            ? { ...firstVerdict(kind), holds: true }
            : firstVerdict(kind),
        timer: undefined,
      })),
      isOver: false,
    };
    runs.set(container.name, run);
    for (const worker of run.workers) this.#schedule(run, worker, 0);
    return run;
  }

  /** Tries the probe so much later, but not before its initial delay is over. A delay of nothing means now. */
  #schedule(run: Run, worker: Worker, delay: number): void {
    const { clock } = this.#options;
    const first = run.startedAt + (worker.probe.initialDelaySeconds ?? 0) * 1000 - clock.now();
    const wait = Math.max(delay, first);
    worker.timer?.[Symbol.dispose]();
    worker.timer = undefined;
    if (wait > 0) worker.timer = clock.after(wait, () => this.#tryAndTell(run, worker));
    else this.#try(run, worker);
  }

  #tryAndTell(run: Run, worker: Worker): void {
    if (this.#try(run, worker)) this.#options.changed(run.pod);
  }

  /** Whether there is something new to tell by now. */
  #try(run: Run, worker: Worker): boolean {
    const startup = run.workers.find(({ kind }) => kind === 'Startup');
    // Until it has started nothing else is probed; once it has, that is not probed any more.
    if (worker !== startup && startup !== undefined && startup.verdict.holds !== true) return false;
    if (worker === startup && worker.verdict.holds === true) return false;
    const outcome = this.#options.run(run.pod, run.container, worker.probe);
    if (!(outcome instanceof Promise)) return this.#take(run, worker, outcome);
    void outcome
      .catch(() => undefined) // an error of the kubelet's own tells nothing about the container
      .then((came) => {
        if (!run.isOver && this.#take(run, worker, came)) this.#options.changed(run.pod);
      });
    return false;
  }

  /** Whether there is something new to tell. */
  #take(run: Run, worker: Worker, outcome: ProbeOutcome | undefined): boolean {
    const before = worker.verdict.holds;
    if (outcome !== undefined) worker.verdict = after(worker.verdict, outcome.succeeded, worker.probe);
    if (outcome?.succeeded === false) this.#tell(run, worker.kind, outcome.message);
    const { holds } = worker.verdict;
    // What has failed for good waits for the next run (worker.go onHold).
    const isOver = holds === false && worker.kind !== 'Readiness';
    const isSettled = outcome?.isFinal === true && holds === outcome.succeeded;
    if (!isOver && !isSettled) {
      const period = (worker.probe.periodSeconds ?? 10) * 1000;
      worker.timer = this.#options.clock.after(period, () => this.#tryAndTell(run, worker));
    }
    if (worker.kind === 'Startup' && holds === true)
      for (const other of run.workers) if (other !== worker) this.#schedule(run, other, 0);
    return before !== holds || outcome?.succeeded === false;
  }

  #tell({ pod, container }: Run, kind: ProbeKind, why: string): void {
    const uid = pod.metadata.uid ?? '';
    const message = `${kind} probe failed: ${why}`;
    const events = this.#events.get(uid) ?? [];
    events.push({ type: 'Warning', reason: 'Unhealthy', message, container: container.name });
    this.#events.set(uid, events);
  }
}

function end(run: Run): void {
  run.isOver = true;
  for (const { timer } of run.workers) timer?.[Symbol.dispose]();
}
