import type { ControlPlaneMachine } from '../control-plane-machine.ts';
import type { CriContainer } from '../daemons/crictl/cri-runtime.ts';
import type { SimulatedHost } from '../hosts/simulated-host.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { Line } from '../pods/log-ring.ts';
import type { StartedContainer } from '../pods/real-container.ts';

const SIGTERM = 15;
const SIGKILL = 9;

/** How often a component's log is looked at for more, milliseconds. */
const LOOK_MS = 500;
/** What a signal to a component's process may take, milliseconds. */
const SIGNAL_MS = 5000;

/** What runs in the containers of a node: pods' programs, and the control plane's, whose processes are the node's own. */
export class CriProcesses {
  readonly #machine: ControlPlaneMachine;
  readonly #host: SimulatedHost;
  /** Those that were stopped here, until their pods' status tells of it. */
  readonly #stopped = new Map<string, { readonly exitCode: number; readonly finished: Date }>();

  constructor(machine: ControlPlaneMachine, host: SimulatedHost) {
    this.#machine = machine;
    this.#host = host;
  }

  /** As a runtime knows it, who is ahead of what its pod's status tells. */
  asItIs(container: CriContainer): CriContainer {
    const stopped = this.#stopped.get(container.id);
    if (stopped === undefined) return container;
    if (container.state === 'Running') return { ...container, state: 'Exited', reason: 'Error', ...stopped };
    this.#stopped.delete(container.id);
    return container;
  }

  async log(container: CriContainer, follow: boolean, signal: AbortSignal): Promise<AsyncIterable<Line>> {
    if (container.argv !== undefined) return this.#linesOfComponent(container, follow, signal);
    const run = { container: container.name, id: `containerd://${container.id}` };
    // Who asks with a signal that has ended gets what there is so far.
    return this.#machine.inPods.followLog(this.#podOf(container), run, follow ? signal : AbortSignal.abort());
  }

  /** Rejects with the reason why nobody can look into it. */
  async process(container: CriContainer): Promise<StartedContainer> {
    if (container.argv !== undefined)
      throw new Error(`not simulated: programs in the container ${container.name}, which the lab runs itself`);
    return this.#machine.inPods.process(this.#podOf(container), container.name);
  }

  async pidOf(container: CriContainer): Promise<number | undefined> {
    if (container.argv === undefined) return (await this.process(container).catch(() => undefined))?.process.pid;
    const program = container.argv[0]?.split('/').at(-1) ?? container.name;
    const found = await this.#run(['pidof', '-s', program]);
    return Number(found) || undefined;
  }

  async stop(container: CriContainer, patience: number): Promise<void> {
    const { clock } = this.#machine.plane.cluster;
    const first = patience > 0 ? SIGTERM : SIGKILL;
    if (container.argv !== undefined) {
      const pid = await this.pidOf(container);
      if (pid !== undefined) await this.#run(['kill', `-${first}`, String(pid)]);
      return;
    }
    const { process } = await this.process(container);
    const late = first === SIGTERM ? clock.after(patience, () => void process.signal(SIGKILL)) : undefined;
    await process.signal(first);
    const exitCode = await process.exited;
    late?.[Symbol.dispose]();
    this.#stopped.set(container.id, { exitCode, finished: new Date(clock.now()) });
  }

  #podOf({ sandbox: { name, namespace } }: CriContainer): Pod {
    const { cluster } = this.#machine.plane;
    const pod = cluster.get(cluster.resource('pods'), namespace, name) as Pod | undefined;
    if (pod === undefined) throw new Error(`pod ${namespace}/${name} is gone`);
    return pod;
  }

  async #run(argv: readonly string[]): Promise<string> {
    const { stdout } = await this.#host.exec(argv, { signal: AbortSignal.timeout(SIGNAL_MS) });
    return String(stdout).trim();
  }

  /** A component's lines have no times of their own but those that they begin with. */
  async *#linesOfComponent({ id, created }: CriContainer, follow: boolean, signal: AbortSignal): AsyncGenerator<Line> {
    const { clock } = this.#machine.plane.cluster;
    let last: string | undefined;
    while (true) {
      const container = this.#machine.containers.find((one) => one.id === id);
      const lines = container?.log ?? [];
      for (const line of lines.slice(last === undefined ? 0 : lines.lastIndexOf(last) + 1)) {
        last = line;
        yield { stream: 'stderr', at: timeOf(line, created), bytes: Buffer.from(`${line}\n`), isCut: false };
      }
      if (!follow || signal.aborted || container?.state !== 'Running') return;
      await new Promise<void>((resolve) => {
        const timer = clock.after(LOOK_MS, resolve);
        signal.addEventListener('abort', () => (timer[Symbol.dispose](), resolve()), { once: true });
      });
    }
  }
}

/** By the head of a line of klog's, which leaves out the year, or of etcd's JSON; else when its container began. */
function timeOf(line: string, began: Date): number {
  const [, month, day, time] = /^[IWEF](\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d+)/.exec(line) ?? [];
  const written =
    month === undefined ? /"ts":"([^"]+)"/.exec(line)?.[1] : `${began.getUTCFullYear()}-${month}-${day}T${time}Z`;
  return Date.parse(written ?? '') || began.getTime();
}
