import type { Image } from '../../images/image.ts';
import { type Controller, keyOf, splitKey } from '../controllers/controller.ts';
import type { EventRecorder } from '../controllers/events.ts';
import { writeStatus } from '../controllers/status.ts';
import type { ConfigMap, Node, Pod, Secret } from '../model/generated/objects.ts';
import type { Randomness } from '../randomness.ts';
import type { Cluster } from '../store/cluster.ts';
import { heartbeats } from './heartbeat.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { lastStatus } from './pod-end.ts';
import { nextLife, type LifeContext } from './pod-life.ts';

export interface KubeletOptions {
  readonly images: readonly Image[];
  /** The nodes whose kubelet runs in this lab; a Node object that somebody only made has none. */
  readonly nodes: readonly string[];
  readonly randomness: Randomness;
  /** Whether a node's kubelet runs now; one that was stopped leaves its pods as they are and says nothing. */
  readonly isUp: (node: string) => boolean;
  /** What really runs of containers; without it all goes as foretold. */
  readonly runtime?: ContainerRuntime | undefined;
}

/** A stopped kubelet may be started again; its pods are looked at so often. */
const DOWN_MS = 2000;

/** The kubelets of all nodes: their signs of life, and each pod that is bound to one of them, which lives by nextLife. */
export function kubelets(
  cluster: Cluster,
  record: EventRecorder,
  { images, nodes, randomness, isUp, runtime }: KubeletOptions,
): Controller[] {
  const pods = cluster.resource('pods');
  const nodeRow = cluster.resource('nodes');
  const configMaps = cluster.resource('configmaps');
  const secrets = cluster.resource('secrets');

  function source(namespace: string): LifeContext['source'] {
    return (kind, name, key) => {
      // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- without it the fields are unknown
      const found = cluster.get(kind === 'secret' ? secrets : configMaps, namespace, name) as
        | (ConfigMap & Secret)
        | undefined;
      if (found === undefined) return 'absent';
      if (key === undefined || found.data?.[key] !== undefined || found.binaryData?.[key] !== undefined) return 'found';
      return 'no such key';
    };
  }

  /** The lowest free address of the node's range; the first two are its bridge's. */
  function podIP(node: Node): string {
    const [range = '10.244.0.0'] = (node.spec?.podCIDR ?? '').split('/');
    const taken = new Set((cluster.list(pods) as Pod[]).map(({ status }) => status?.podIP));
    const prefix = range.split('.').slice(0, 3).join('.');
    for (let last = 2; last < 255; last++) if (!taken.has(`${prefix}.${last}`)) return `${prefix}.${last}`;
    throw new Error(`no pod address is left on ${node.metadata.name}`);
  }

  const pulls = new Map<string, LifeContext['pulls']>();

  function pullsOf({ metadata: { uid = '' } }: Pod): LifeContext['pulls'] {
    const known = pulls.get(uid) ?? new Map<string, { at: number; tries: number }>();
    pulls.set(uid, known);
    return known;
  }

  async function end(pod: Pod): Promise<void> {
    pulls.delete(pod.metadata.uid ?? '');
    for (const status of pod.status?.containerStatuses ?? []) {
      if (status.state?.running === undefined) continue;
      const message = `Stopping container ${status.name}`;
      const fieldPath = `spec.containers{${status.name}}`;
      await record({
        about: pod,
        type: 'Normal',
        reason: 'Killing',
        message,
        component: 'kubelet',
        host: pod.spec.nodeName ?? '',
        fieldPath,
      });
    }
    // Who holds the pod by a finalizer (a Job) learns from its status how it ended.
    if ((pod.metadata.finalizers ?? []).length > 0)
      await writeStatus(cluster, pods, pod, lastStatus(pod, images, cluster.clock.now()), 'kubelet');
    await cluster.delete(pods, pod.metadata.namespace ?? '', pod.metadata.name, {
      gracePeriodSeconds: 0,
      ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }),
    });
  }

  const podLives: Controller = {
    name: 'kubelet',
    watches: [
      { resource: pods, keys: ({ type, object }) => (type === 'DELETED' ? [] : [keyOf(object)]) },
      // A pod that waits for its configuration starts when it appears.
      ...[configMaps, secrets].map((resource) => ({
        resource,
        keys: ({ object }: { object: { metadata: { namespace?: string } } }) =>
          (cluster.list(pods, object.metadata.namespace) as Pod[])
            .filter(({ status }) =>
              status?.containerStatuses?.some(({ state }) => state?.waiting?.reason === 'CreateContainerConfigError'),
            )
            .map(keyOf),
      })),
    ],
    ...(runtime === undefined ? {} : { pokes: (look) => runtime.subscribe(look) }),
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cluster.get(pods, namespace, name) as Pod | undefined;
      const nodeName = pod?.spec.nodeName;
      if (pod === undefined || nodeName === undefined || !nodes.includes(nodeName)) return undefined;
      if (!isUp(nodeName)) return DOWN_MS;
      // A mirror pod only tells of a static pod, which has a runner of its own.
      if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return undefined;
      const node = cluster.get(nodeRow, '', nodeName) as Node | undefined;
      if (node === undefined) return undefined;
      if (pod.metadata.deletionTimestamp !== undefined) return runtime?.ending(pod) ?? end(pod);
      const life = nextLife(pod, {
        ...(runtime === undefined ? {} : { runtime }),
        images,
        source: source(namespace),
        now: cluster.clock.now(),
        hostIP: node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
        podIP: () => podIP(node),
        pulls: pullsOf(pod),
        newContainerId: () => Array.from({ length: 64 }, () => randomness.int(16).toString(16)).join(''),
      });
      for (const { container, ...event } of life.events) {
        const fieldPath = container === undefined ? {} : { fieldPath: `spec.containers{${container}}` };
        await record({ about: pod, ...event, component: 'kubelet', host: nodeName, ...fieldPath });
      }
      await writeStatus(cluster, pods, pod, life.status, 'kubelet');
      runtime?.begun(pod, life.status);
      return life.again;
    },
  };
  return [heartbeats(cluster, nodes, isUp), podLives];
}
