import { timestamp } from '../../clock.ts';
import { imageOf, stamp, waiting } from '../../kubernetes/kubelet/container-status.ts';
import { writeStatus } from '../../kubernetes/controllers/status.ts';
import { conditionsOf } from '../../kubernetes/kubelet/pod-conditions.ts';
import type { Health } from '../../kubernetes/kubelet/probes/health.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../kubernetes/model/generated/objects.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import type { ComponentContainer } from '../component.ts';
import { componentOf } from '../component-of.ts';
import { backOffText } from '../node/pod-trouble.ts';
import type { ComponentPod } from './component-pod.ts';
import type { StaticPod } from './static-pod-file.ts';

const MIRROR = 'kubernetes.io/config.mirror';

/** A static pod as its node knows it. */
export interface MirroredPod {
  readonly pod: StaticPod;
  /** How its container stands where the node runs it as a component; else its mirror pod is run as any pod is (kubernetes/kubelet). */
  readonly component: Pick<ComponentPod, 'container' | 'waiting' | 'health'> | undefined;
}

/** Makes the API's mirror pods agree with the static pods of a node (pkg/kubelet/pod/mirror_client.go). */
export async function mirrorStaticPods(
  cluster: Cluster,
  node: { readonly name: string; readonly address: string },
  pods: readonly MirroredPod[],
): Promise<void> {
  const resource = cluster.resource('pods');
  const owner = cluster.get(cluster.resource('nodes'), '', node.name);
  if (owner === undefined) return;
  const wanted = new Map(pods.map((one) => [`${one.pod.namespace}/${one.pod.pod.metadata.name}`, one]));
  for (const existing of cluster.list(resource)) {
    if (!isMirrorOf(existing, node.name)) continue;
    const { namespace = '', name, annotations, deletionTimestamp } = existing.metadata;
    const one = wanted.get(`${namespace}/${name}`);
    if (one?.pod.hash === annotations?.[MIRROR] && deletionTimestamp === undefined) continue;
    // Where the kubelet runs a pod by its mirror, its processes end in their own time; the pod that comes after it waits for that.
    const isComponent = componentOf(existing as Pod) !== undefined;
    if (isComponent) await cluster.delete(resource, namespace, name, { gracePeriodSeconds: 0 });
    else if (deletionTimestamp === undefined) await cluster.delete(resource, namespace, name);
  }
  for (const { pod, component } of wanted.values()) {
    const mirror =
      cluster.get(resource, pod.namespace, pod.pod.metadata.name) ??
      (await cluster.create(resource, mirrorOf(pod, node.name, owner, timestamp(cluster.clock)), {
        user: nodeUser(node.name),
        fieldManager: 'kubelet',
      }));
    if (component === undefined || (component.container === undefined && component.waiting === undefined)) continue;
    const status = statusOf(mirror, { pod, component }, node.address, cluster.clock.now());
    await writeStatus(cluster, resource, mirror, status, 'kubelet');
  }
}

/** Whether an object is the mirror pod of a static pod of that node. */
export const isMirrorOf = ({ metadata, spec }: KubeObject & { spec?: unknown }, node: string): boolean =>
  metadata.annotations?.[MIRROR] !== undefined && (spec as { nodeName?: string }).nodeName === node;

const nodeUser = (name: string) => ({
  username: `system:node:${name}`,
  groups: ['system:nodes', 'system:authenticated'],
  extra: {},
});

function mirrorOf(pod: StaticPod, node: string, owner: KubeObject, seen: string): KubeObject {
  const { metadata, spec } = structuredClone(pod.object);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name: `${pod.name}-${node}`,
      namespace: pod.namespace,
      annotations: {
        ...metadata.annotations,
        'kubernetes.io/config.hash': pod.hash,
        [MIRROR]: pod.hash,
        'kubernetes.io/config.seen': seen,
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [
        { apiVersion: 'v1', controller: true, kind: 'Node', name: node, uid: owner.metadata.uid ?? '' },
      ],
    },
    spec: {
      ...(spec as object),
      nodeName: node,
      tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
    },
  };
}

function statusOf(
  mirror: KubeObject,
  { pod, component }: MirroredPod & { readonly component: NonNullable<MirroredPod['component']> },
  address: string,
  now: number,
): PodStatus {
  const before = mirror as Pod;
  const { container } = component;
  const status =
    container === undefined ? heldStatus(pod, component.waiting) : containerStatus(pod, container, component.health);
  const phase = container === undefined ? 'Pending' : 'Running';
  const hasSandbox = component.waiting?.reason !== 'ContainerCreating';
  return {
    ...(before.status?.qosClass === undefined ? {} : { qosClass: before.status.qosClass }),
    phase,
    startTime: before.status?.startTime ?? stamp(container?.startedAt ?? now),
    hostIP: address,
    hostIPs: [{ ip: address }],
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: conditionsOf(before, [status], { initialized: true, phase, hasSandbox }, container?.startedAt ?? now),
    containerStatuses: [status],
  };
}

const heldStatus = (
  { container, image }: StaticPod,
  why: NonNullable<ContainerStatus['state']>['waiting'],
): ContainerStatus => ({
  ...waiting({ name: container, image }, 'ContainerCreating'),
  ...(why === undefined ? {} : { state: { waiting: why } }),
});

function containerStatus(
  { pod, hash, image }: StaticPod,
  container: ComponentContainer,
  { started, ready }: Health,
): ContainerStatus {
  const startedAt = stamp(container.startedAt);
  const containerID = `containerd://${container.id}`;
  const isUp = container.state === 'Running';
  const { name, namespace = '' } = pod.metadata;
  const message = backOffText({ name, namespace, uid: hash }, container.name, container.attempt);
  const terminated = {
    exitCode: container.exitCode,
    reason: container.exitCode === 0 ? 'Completed' : 'Error',
    startedAt,
    finishedAt: stamp(container.finishedAt ?? container.startedAt),
    containerID,
  };
  return {
    name: container.name,
    containerID,
    ...imageOf({ name: container.name, image }),
    ready: isUp && ready,
    started: isUp && started,
    restartCount: container.attempt,
    state: isUp ? { running: { startedAt } } : { waiting: { reason: 'CrashLoopBackOff', message } },
    lastState: isUp ? {} : { terminated },
  };
}
