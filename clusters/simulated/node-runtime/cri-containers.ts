import { componentOf } from '../components/component-of.ts';
import type { ComponentContainer } from '../components/component.ts';
import type { ControlPlaneMachine } from '../control-plane-machine.ts';
import type { CriContainer, CriSandbox } from '../daemons/crictl/cri-runtime.ts';
import { containerOf, imageOf, statusesOf } from '../kubernetes/kubelet/container-status.ts';
import type { ContainerStatus, Pod } from '../kubernetes/model/generated/objects.ts';
import { sandboxIdOf } from '../pods/sandbox-id.ts';
import { criImageId } from './cri-images.ts';

const date = (time: string | undefined): Date => new Date(Date.parse(time ?? '') || 0);

/** The pods of a node that are containers of its runtime; components of the control plane have another runner. */
export const podsOf = (node: string, { plane: { cluster } }: ControlPlaneMachine): readonly Pod[] =>
  (cluster.list(cluster.resource('pods')) as readonly Pod[]).filter(
    (pod) => pod.spec.nodeName === node && componentOf(pod) === undefined,
  );

/** A pod's sandbox, which lives as long as the pod. */
export function sandboxOf(pod: Pod): CriSandbox {
  const { name, namespace = '', uid = '', labels = {}, annotations = {} } = pod.metadata;
  return {
    id: sandboxIdOf(pod),
    name,
    namespace,
    uid,
    attempt: 0,
    ready: !['Succeeded', 'Failed'].includes(pod.status.phase ?? ''),
    created: date(pod.status.startTime),
    labels,
    annotations: { 'kubernetes.io/config.source': 'api', ...annotations },
    address: pod.spec.hostNetwork === true ? '' : (pod.status.podIP ?? ''),
    handler: pod.spec.runtimeClassName ?? '',
  };
}

/** Runs of a pod's containers of all kinds: the present or last ones, and those before that its status still tells of. */
export function containersOf(pod: Pod): readonly CriContainer[] {
  const sandbox = sandboxOf(pod);
  return statusesOf(pod.status).flatMap((status) => {
    const { containerID, restartCount, state, lastState } = status;
    const before = lastState?.terminated;
    const now = state?.terminated;
    const runs: CriContainer[] = [];
    if (containerID !== undefined && (state?.running ?? now) !== undefined)
      runs.push(runOf(pod, sandbox, status, { id: containerID, attempt: restartCount, ended: now }));
    // While it waits to be started again, its last run has its number.
    const attempt = runs.length > 0 ? restartCount - 1 : restartCount;
    if (before?.containerID !== undefined && before.containerID !== runs[0]?.id)
      runs.push(runOf(pod, sandbox, status, { id: before.containerID, attempt, ended: before }));
    return runs.map((run) => ({ ...run, id: run.id.replace('containerd://', '') }));
  });
}

interface Run {
  readonly id: string;
  readonly attempt: number;
  readonly ended: NonNullable<ContainerStatus['state']>['terminated'];
}

function runOf(pod: Pod, sandbox: CriSandbox, { name, state, imageID }: ContainerStatus, run: Run): CriContainer {
  const { id, attempt, ended } = run;
  const image = containerOf(pod, name)?.image ?? '';
  return {
    id,
    sandbox,
    name,
    image,
    imageId: criImageId(image),
    imageRef: imageID ?? '',
    state: ended === undefined ? 'Running' : 'Exited',
    exitCode: ended?.exitCode ?? 0,
    reason: ended?.reason ?? '',
    message: ended?.message ?? '',
    attempt,
    created: date(ended === undefined ? state?.running?.startedAt : ended.startedAt),
    finished: ended === undefined ? undefined : date(ended.finishedAt),
    logPath: `/var/log/pods/${sandbox.namespace}_${sandbox.name}_${sandbox.uid}/${name}/${attempt}.log`,
  };
}

/** The containers of the control plane's components, which only its own node has. */
export function componentsOf(
  node: string,
  { containers, plane: { cluster } }: ControlPlaneMachine,
): readonly CriContainer[] {
  if (node !== 'controlplane') return [];
  const pods = cluster.list(cluster.resource('pods')) as readonly Pod[];
  return containers.map((container) => {
    const mirror = pods.find(
      ({ metadata }) => metadata.name === container.pod && metadata.namespace === container.namespace,
    );
    return componentContainer(container, mirror?.metadata);
  });
}

function componentContainer(container: ComponentContainer, mirror: Pod['metadata'] | undefined): CriContainer {
  const { id, name, image, state, exitCode, attempt, startedAt, finishedAt, logPath, argv } = container;
  const annotations = mirror?.annotations ?? {};
  return {
    id,
    sandbox: {
      id: container.sandbox,
      name: container.pod,
      namespace: container.namespace,
      uid: annotations['kubernetes.io/config.hash'] ?? '',
      attempt: 0,
      ready: true,
      created: new Date(startedAt),
      labels: mirror?.labels ?? {},
      annotations,
      address: '',
      handler: '',
    },
    name,
    image,
    imageId: criImageId(image),
    imageRef: imageOf({ name, image }).imageID,
    state,
    exitCode,
    reason: state === 'Running' ? '' : exitCode === 0 ? 'Completed' : 'Error',
    message: '',
    attempt,
    created: new Date(startedAt),
    finished: finishedAt === undefined ? undefined : new Date(finishedAt),
    logPath,
    argv,
  };
}
