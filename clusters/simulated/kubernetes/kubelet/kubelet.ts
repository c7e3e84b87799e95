import type { Image } from '../../images/image.ts';
import { type Controller, keyOf, splitKey } from '../controllers/controller.ts';
import type { EventRecorder } from '../controllers/events.ts';
import type { ConfigMap, Node, Pod, Secret } from '../model/generated/objects.ts';
import { containerId, type Randomness } from '../randomness.ts';
import type { Cluster } from '../store/cluster.ts';
import { heartbeats } from './heartbeat.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import type { StartContext } from './container-start.ts';
import { PodWorkers } from './pod-worker.ts';
import { PresentImages } from './present-images.ts';

export interface KubeletOptions {
  readonly images: readonly Image[];
  /** Which of them the nodes have; they begin with those that their pods have run from. */
  readonly present?: PresentImages;
  /** The nodes whose kubelet runs in this lab; a Node object that somebody only made has none. */
  readonly nodes: readonly string[];
  readonly randomness: Randomness;
  /** Whether a node's kubelet runs now; one that was stopped leaves its pods as they are and says nothing. */
  readonly isUp: (node: string) => boolean;
  /** Whether a static pod is run by something else, of which its mirror pod only tells. All of them unless said. */
  readonly isComponent?: (pod: Pod) => boolean;
  /** What really runs of containers; without it all goes as foretold. */
  readonly runtime?: ContainerRuntime | undefined;
}

/** A stopped kubelet may be started again; its pods are looked at so often. */
const DOWN_MS = 2000;

/** Addresses of a node's range that pods may have: those of a /24 without its network, its bridge and its broadcast address. */
const POD_ADDRESSES = 253;

/** Which images the nodes of a cluster have. */
export const presentImagesOf = (cluster: Cluster): PresentImages =>
  new PresentImages(() => cluster.list(cluster.resource('pods')) as readonly Pod[]);

/** The kubelets of all nodes: their signs of life, and each pod that is bound to one of them. */
export function kubelets(
  cluster: Cluster,
  record: EventRecorder,
  {
    images,
    present = presentImagesOf(cluster),
    nodes,
    randomness,
    isUp,
    isComponent = () => true,
    runtime,
  }: KubeletOptions,
): Controller[] {
  const isRunElsewhere = (pod: Pod): boolean =>
    pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined && isComponent(pod);

  const pods = cluster.resource('pods');
  const nodeRow = cluster.resource('nodes');
  const configMaps = cluster.resource('configmaps');
  const secrets = cluster.resource('secrets');

  function source(namespace: string): StartContext['source'] {
    return (kind, name, key) => {
      const found: (ConfigMap & Secret) | undefined = cluster.get(
        kind === 'secret' ? secrets : configMaps,
        namespace,
        name,
      );
      if (found === undefined) return 'absent';
      if (key === undefined || found.data?.[key] !== undefined || found.binaryData?.[key] !== undefined) return 'found';
      return 'no such key';
    };
  }

  /** The last byte of the address that was given last, by range. */
  const given = new Map<string, number>();

  /**
   * The next free address of the node's range after the one that was given last; the first two are its bridge's (the CNI plugin
   * host-local, plugins/ipam/host-local/backend/allocator/allocator.go).
   */
  function podIP(node: Node): string {
    const [range = '10.244.0.0'] = (node.spec?.podCIDR ?? '').split('/');
    const taken = new Set((cluster.list(pods) as Pod[]).map(({ status }) => status?.podIP));
    const prefix = range.split('.').slice(0, 3).join('.');
    const after = given.get(prefix) ?? 1;
    for (let step = 0; step < POD_ADDRESSES; step++) {
      const last = 2 + ((after - 1 + step) % POD_ADDRESSES);
      if (taken.has(`${prefix}.${last}`)) continue;
      given.set(prefix, last);
      return `${prefix}.${last}`;
    }
    throw new Error(`no pod address is left on ${node.metadata.name}`);
  }

  const workers = new PodWorkers({
    cluster,
    record,
    images,
    present,
    runtime,
    isUp,
    podIP,
    source,
    newContainerId: () => containerId(randomness),
  });

  const podLives: Controller = {
    name: 'kubelet',
    watches: [
      {
        resource: pods,
        keys({ type, object }) {
          if (type !== 'DELETED') return [keyOf(object)];
          workers.forget(object as Pod);
          return [];
        },
      },
      // A pod that waits for its configuration starts when it appears.
      ...[configMaps, secrets].map((resource) => ({
        resource,
        keys: ({ object }: { object: { metadata: { namespace?: string } } }) =>
          (cluster.list(pods, object.metadata.namespace) as Pod[])
            .filter(
              (pod) =>
                workers.isMounting(pod) ||
                pod.status?.containerStatuses?.some(
                  ({ state }) => state?.waiting?.reason === 'CreateContainerConfigError',
                ),
            )
            .map(keyOf),
      })),
    ],
    pokes: (look) => {
      const looking = workers.subscribe(look);
      return {
        [Symbol.dispose]() {
          looking[Symbol.dispose]();
          workers[Symbol.dispose]();
        },
      };
    },
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cluster.get(pods, namespace, name) as Pod | undefined;
      const nodeName = pod?.spec.nodeName;
      if (pod === undefined || nodeName === undefined || !nodes.includes(nodeName)) return undefined;
      if (!isUp(nodeName)) return DOWN_MS;
      if (isRunElsewhere(pod)) return undefined;
      const node = cluster.get(nodeRow, '', nodeName) as Node | undefined;
      if (node === undefined) return undefined;
      return workers.sync(pod, node);
    },
  };
  return [heartbeats(cluster, nodes, isUp), podLives];
}
