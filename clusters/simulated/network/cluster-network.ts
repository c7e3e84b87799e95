import type { EndpointSlice, Namespace, NetworkPolicy, Pod, Service } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import type { PodSandboxes } from '../pods/sandbox.ts';
import { Datagrams, type DatagramsRequest } from './datagrams.ts';
import type { ClusterObjects } from './dns/cluster-names.ts';
import { hasHostPorts } from './host-ports.ts';
import { startMetadata } from './metadata/metadata-service.ts';
import { NodeRules } from './node-rules.ts';
import type { ProxiedNode } from './proxied-node.ts';
import { isKubeProxy } from './services/proxy-rules.ts';

export interface ClusterNetworkRequest extends DatagramsRequest {
  readonly cluster: Cluster;
  readonly sandboxes: PodSandboxes;
  readonly nodes: readonly ProxiedNode[];
  readonly now: () => number;
  /** Does it after so many milliseconds. */
  readonly after: (ms: number, what: () => void) => Disposable;
  /** A word that nobody guesses, another one each time. */
  readonly newSecret: () => string;
  /** Called for each pod that has an address, and again as they change. */
  readonly seen: (pod: Pod) => void;
}

export interface ClusterNetwork extends AsyncDisposable {
  /** Resolves when what the cluster says by now is in force. */
  settled(): Promise<void>;
}

/**
 * The cluster's network once a lab has pods on it. In the network of each node, which all packets of its pods pass, kube-proxy's rules
 * follow the Services and their endpoints, and the rules of NetworkPolicies follow policies, pods and namespaces. The cloud's metadata
 * service answers at its address beside the nodes.
 */
export async function joinNetwork(request: ClusterNetworkRequest): Promise<ClusterNetwork> {
  const { cluster, sandboxes, nodes, after, log, seen } = request;
  const objects = objectsOf(cluster);
  const all = (plural: string, group?: string) => cluster.list(cluster.resource(plural, group));
  const services = () => ({
    services: objects.services(),
    slicesOf: ({ metadata }: Service) => objects.slices(metadata.namespace ?? '', metadata.name),
  });
  const policies = () => ({
    policies: all('networkpolicies', 'networking.k8s.io') as readonly NetworkPolicy[],
    pods: all('pods') as readonly Pod[],
    namespaces: all('namespaces') as readonly Namespace[],
  });
  const rules = nodes.map((node) => new NodeRules({ node, nodes, sandboxes, services, policies, after, log }));

  await using resources = new AsyncDisposableStack();
  const datagrams = resources.use(new Datagrams(request));
  for (const one of rules) resources.use(one);
  const follow = (what: 'services' | 'policies', plural: string, group?: string): void => {
    const changed = (): void => rules.forEach((one) => one[what].changed());
    resources.use(cluster.watch(cluster.resource(plural, group), changed));
  };
  await Promise.all([
    startMetadata(request).then((metadata) => resources.use(metadata)),
    ...rules.map((one) => one.begin()),
  ]);
  follow('services', 'services');
  follow('services', 'endpointslices', 'discovery.k8s.io');
  follow('policies', 'networkpolicies', 'networking.k8s.io');
  follow('policies', 'namespaces');
  follow('policies', 'pods');
  const noticed = (pod: Pod): void => {
    datagrams.serve(pod);
    seen(pod);
  };
  resources.use(
    cluster.watch(cluster.resource('pods'), ({ type, object }) => {
      if (hasHostPorts(object as Pod) || isKubeProxy(object as Pod)) rules.forEach((one) => one.services.changed());
      if (type === 'DELETED') datagrams.gone(object as Pod);
      else noticed(object as Pod);
    }),
  );
  for (const one of rules) {
    one.services.changed(); // since they were set nobody has listened
    one.policies.changed();
  }
  for (const pod of all('pods')) noticed(pod as Pod);
  const joined = resources.move();
  return {
    async settled() {
      await Promise.all(rules.flatMap((one) => [one.services.settled(), one.policies.settled()]));
    },
    [Symbol.asyncDispose]: () => joined.disposeAsync(),
  };
}

/** The cluster's objects as its names are made of them. */
export function objectsOf(cluster: Cluster): ClusterObjects {
  const services = cluster.resource('services');
  const slices = cluster.resource('endpointslices', 'discovery.k8s.io');
  const namespaces = cluster.resource('namespaces');
  return {
    service: (namespace, name) => cluster.get(services, namespace, name) as Service | undefined,
    services: () => cluster.list(services) as readonly Service[],
    slices: (namespace, service) =>
      (cluster.list(slices, namespace) as readonly EndpointSlice[]).filter(
        ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service,
      ),
    hasNamespace: (name) => cluster.get(namespaces, '', name) !== undefined,
  };
}
