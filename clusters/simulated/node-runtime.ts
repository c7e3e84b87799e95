import { componentOf } from './components/component-of.ts';
import type { ControlPlaneMachine } from './control-plane-machine.ts';
import type { CriContainer, CriRuntime } from './daemons/crictl/crictl.ts';
import { imageIdOf } from './images/digest.ts';
import { findImage } from './images/image.ts';
import { IMAGES } from './images/table.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';

/** The containers of a node for crictl: its pods' by their status, and the control plane's own by their runner. */
export function runtimeOf(node: string, machine: ControlPlaneMachine): CriRuntime {
  const created = (time: string | undefined): Date => new Date(Date.parse(time ?? '') || 0);
  const { cluster } = machine.plane;
  const list = (): CriContainer[] => {
    const ofPods = (cluster.list(cluster.resource('pods')) as readonly Pod[])
      .filter((pod) => pod.spec.nodeName === node && componentOf(pod) === undefined)
      .flatMap((pod) =>
        (pod.status.containerStatuses ?? []).flatMap((status): CriContainer[] => {
          const id = status.containerID?.replace('containerd://', '');
          if (id === undefined) return [];
          const sandbox = {
            id: (pod.metadata.uid ?? '').replaceAll('-', '').padEnd(64, '0'),
            name: pod.metadata.name,
            namespace: pod.metadata.namespace ?? '',
            attempt: 0,
            ready: true,
            created: created(pod.status.startTime),
          };
          const { running, terminated } = status.state ?? {};
          return [
            {
              id,
              sandbox,
              name: status.name,
              image: status.image,
              state: running === undefined ? 'Exited' : 'Running',
              exitCode: terminated?.exitCode ?? 0,
              attempt: status.restartCount,
              created: created(running?.startedAt ?? terminated?.startedAt),
            },
          ];
        }),
      );
    if (node !== 'controlplane') return ofPods;
    const ofRunner = machine.containers.map((container): CriContainer => ({
      id: container.id,
      sandbox: {
        id: container.sandbox,
        name: container.pod,
        namespace: container.namespace,
        attempt: 0,
        ready: true,
        created: new Date(container.startedAt),
      },
      name: container.name,
      image: container.image,
      state: container.state,
      exitCode: container.exitCode,
      attempt: container.attempt,
      created: new Date(container.startedAt),
    }));
    return [...ofRunner, ...ofPods];
  };
  return {
    containers: () => Promise.resolve(list()),
    configure: (handlers) => machine.runtimes.configure(node, handlers),
    sandboxes: () => Promise.resolve([...new Map(list().map(({ sandbox }) => [sandbox.id, sandbox])).values()]),
    images: () =>
      Promise.resolve(
        [...new Map(list().map(({ image }) => [image, image])).keys()].map((reference) => ({
          id: imageIdOf(reference),
          reference,
          bytes: findImage(IMAGES, reference)?.bytes ?? 0,
        })),
      ),
    async logs(id) {
      const ofRunner = machine.containers.find((container) => container.id.startsWith(id));
      if (ofRunner !== undefined) return ofRunner.log.map((line) => `${line}\n`).join('');
      for (const pod of cluster.list(cluster.resource('pods')) as readonly Pod[]) {
        const found = pod.status.containerStatuses?.find(({ containerID }) =>
          containerID?.startsWith(`containerd://${id}`),
        );
        if (pod.spec.nodeName === node && found !== undefined)
          return machine.inPods.log(pod, found.name).catch(() => '');
      }
      return undefined;
    },
  };
}
