import { timestamp } from '../clock.ts';
import { equal } from '../kubernetes/model/equality.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import type { ComponentContainer } from './component.ts';
import type { StaticPod } from './manifest-folder.ts';

const MIRROR = 'kubernetes.io/config.mirror';

/** Makes the API's mirror pods agree with the static pods of a node (pkg/kubelet/pod/mirror_client.go). */
export async function mirrorStaticPods(
  cluster: Cluster,
  node: { readonly name: string; readonly address: string },
  pods: readonly StaticPod[],
  containers: readonly ComponentContainer[],
): Promise<void> {
  const resource = cluster.resource('pods');
  const owner = cluster.get(cluster.resource('nodes'), '', node.name);
  if (owner === undefined) return;
  const wanted = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}-${node.name}`, pod]));
  for (const existing of cluster.list(resource)) {
    const hash = existing.metadata.annotations?.[MIRROR];
    if (hash === undefined || (existing['spec'] as { nodeName?: string }).nodeName !== node.name) continue;
    const pod = wanted.get(`${existing.metadata.namespace}/${existing.metadata.name}`);
    if (pod?.hash === hash) continue;
    await cluster.delete(resource, existing.metadata.namespace ?? '', existing.metadata.name, {
      gracePeriodSeconds: 0,
    });
  }
  for (const pod of wanted.values()) {
    const key = { namespace: pod.namespace, name: `${pod.name}-${node.name}` };
    if (cluster.get(resource, key.namespace, key.name) === undefined) {
      await cluster.create(resource, mirrorOf(pod, node.name, owner, timestamp(cluster.clock)), {
        user: nodeUser(node.name),
        fieldManager: 'kubelet',
      });
    }
    const container = containers.find((one) => one.pod === key.name && one.namespace === pod.namespace);
    if (container === undefined) continue;
    await cluster.modify(
      resource,
      key,
      (draft) => {
        const status = statusOf(draft, container, node.address);
        if (equal(draft['status'], status)) return false;
        draft['status'] = status;
        return true;
      },
      { subresource: 'status', fieldManager: 'kubelet' },
    );
  }
}

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

function statusOf(pod: KubeObject, container: ComponentContainer, address: string): Record<string, unknown> {
  const stamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
  const startedAt = stamp(container.startedAt);
  const up = container.state === 'Running';
  const ended = {
    exitCode: container.exitCode,
    reason: 'Error',
    startedAt,
    finishedAt: stamp(container.finishedAt ?? container.startedAt),
  };
  const before = (pod['status'] ?? {}) as { qosClass?: string };
  const condition = (type: string, holds: boolean): object => ({
    type,
    status: holds ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: startedAt,
    observedGeneration: pod.metadata.generation,
    ...(holds ? {} : { reason: 'ContainersNotReady', message: `containers with unready status: [${container.name}]` }),
  });
  return {
    ...(before.qosClass === undefined ? {} : { qosClass: before.qosClass }),
    phase: 'Running',
    startTime: startedAt,
    hostIP: address,
    hostIPs: [{ ip: address }],
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: [
      condition('PodReadyToStartContainers', true),
      condition('Initialized', true),
      condition('Ready', up),
      condition('ContainersReady', up),
      condition('PodScheduled', true),
    ],
    containerStatuses: [
      {
        name: container.name,
        containerID: `containerd://${container.id}`,
        image: container.image,
        imageID: `${container.image.replace(/:[^:/]+$/, '')}@sha256:${container.sandbox}`,
        ready: up,
        started: up,
        restartCount: container.attempt,
        state: up
          ? { running: { startedAt } }
          : {
              waiting: {
                reason: 'CrashLoopBackOff',
                message: `back-off restarting failed container=${container.name}`,
              },
            },
        lastState: up ? {} : { terminated: ended },
      },
    ],
  };
}
