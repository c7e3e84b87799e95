import type { ControlPlaneMachine } from '../control-plane-machine.ts';
import type { CriContainer, CriRuntime } from '../daemons/crictl/cri-runtime.ts';
import type { SimulatedHost } from '../hosts/simulated-host.ts';
import { componentsOf, containersOf, podsOf, sandboxOf } from './cri-containers.ts';
import { imagesOf } from './cri-images.ts';
import { CriProcesses } from './cri-processes.ts';

/** Containers that somebody removed by hand, of one node; the oldest is forgotten first, and would be shown again. */
const MAX_REMOVED = 1000;

/** The containers of a node for crictl and ctr: its pods' by their status, and the control plane's own by their runner. */
export function runtimeOf(node: string, machine: ControlPlaneMachine, host: SimulatedHost): CriRuntime {
  const removed = new Set<string>();
  const processes = new CriProcesses(machine, host);
  const list = (): readonly CriContainer[] =>
    [...componentsOf(node, machine), ...podsOf(node, machine).flatMap(containersOf)]
      .filter(({ id }) => !removed.has(id))
      .map((container) => processes.asItIs(container));
  return {
    configure: (handlers) => machine.runtimes.configure(node, handlers),
    containers: () => Promise.resolve(list()),
    sandboxes() {
      const ofPods = podsOf(node, machine).filter(({ status }) => status.podIP !== undefined);
      const all = [...list().map(({ sandbox }) => sandbox), ...ofPods.map(sandboxOf)];
      return Promise.resolve([...new Map(all.map((sandbox) => [sandbox.id, sandbox])).values()]);
    },
    ...imagesOf(node, machine.images),
    log: (container, follow, signal) => processes.log(container, follow, signal),
    process: (container) => processes.process(container),
    pidOf: (container) => processes.pidOf(container),
    stop: (container, patience) => processes.stop(container, patience),
    remove({ id }) {
      removed.add(id);
      const [oldest] = removed;
      if (removed.size > MAX_REMOVED && oldest !== undefined) removed.delete(oldest);
    },
  };
}
