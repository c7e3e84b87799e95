import { componentOf } from './components/component-of.ts';
import type { ControlPlaneMachine } from './control-plane-machine.ts';
import type { UnitManager } from './daemons/systemd/unit-manager.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';

/**
 * Command lines of the modelled programs that run on a machine now, whether somebody has looked into it or not: services, the control plane's
 * static pods, and containers of its pods that name a command. Their variables are as the pod has them.
 */
export function programsOf(
  name: string,
  units: UnitManager | undefined,
  machine: ControlPlaneMachine,
): readonly (readonly string[])[] {
  const { cluster } = machine.plane;
  const ofPods = (cluster.list(cluster.resource('pods')) as readonly Pod[])
    .filter((pod) => pod.spec.nodeName === name && componentOf(pod) === undefined)
    .flatMap(({ spec, status }) =>
      (spec.containers ?? []).flatMap(({ name: container, command = [], args = [] }) => {
        const running = status.containerStatuses?.some((one) => one.name === container && one.state?.running);
        return running === true && command.length > 0 ? [[...command, ...args]] : [];
      }),
    );
  const ofControlPlane =
    name === 'controlplane'
      ? machine.containers.filter(({ state }) => state === 'Running').map(({ argv }) => argv)
      : [];
  return [...(units?.programs() ?? []), ...ofControlPlane, ...ofPods];
}
