import { findImage, type Image } from '../images/image.ts';
import { POD_CIDR, SERVICE_CIDR } from '../kubernetes/bootstrap/cluster-plan.ts';
import type { EndpointSlice, Namespace, NetworkPolicy, Pod, Service } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import type { PlayedImage } from '../pods/played-images.ts';
import type { PodSandboxes, SandboxedPod } from '../pods/sandbox.ts';
import { answerOf, type ClusterObjects } from './dns/cluster-names.ts';
import { answerDatagrams, answerStream } from './dns/dns-server.ts';
import type { Question } from './dns/message.ts';
import { FollowedRules } from './followed-rules.ts';
import { startMetadata } from './metadata/metadata-service.ts';
import { policyRules } from './policies/policy-rules.ts';
import { type ProxiedNode, serviceRules } from './services/service-rules.ts';

export interface ClusterNetworkRequest {
  readonly cluster: Cluster;
  readonly sandboxes: PodSandboxes;
  readonly images: readonly Image[];
  readonly nodes: readonly ProxiedNode[];
  readonly now: () => number;
  /** A word that nobody guesses, another one each time. */
  readonly newSecret: () => string;
  /** The sandbox of a pod, which is made for that. */
  readonly sandboxOf: (pod: Pod) => Promise<SandboxedPod>;
  /** Takes over what an image's program answers. */
  readonly play: (repository: string, program: PlayedImage) => void;
  /** Called for each pod that has an address, and again as they change. */
  readonly seen: (pod: Pod) => void;
  readonly log: (line: string) => void;
}

const DNS_IMAGE = 'registry.k8s.io/coredns/coredns';
const DNS_PORT = 53;

/**
 * The cluster's network once a lab has pods on it. In the router that all their packets pass, kube-proxy's rules follow the Services and
 * their endpoints, and the rules of NetworkPolicies follow policies, pods and namespaces. The cluster's DNS answers in its own pods, and
 * the cloud's metadata service at its address.
 */
export async function joinNetwork(request: ClusterNetworkRequest): Promise<AsyncDisposable> {
  const { cluster, sandboxes, images, nodes, log, play, seen, sandboxOf } = request;
  const objects = objectsOf(cluster);
  const all = (plural: string, group?: string) => cluster.list(cluster.resource(plural, group));
  const set = (rules: string): Promise<void> => sandboxes.setRules(rules);
  const services = new FollowedRules({
    name: 'services',
    rules: () =>
      serviceRules({
        services: objects.services(),
        slicesOf: ({ metadata }) => objects.slices(metadata.namespace ?? '', metadata.name),
        nodes,
      }),
    set,
    log,
  });
  const policies = new FollowedRules({
    name: 'network policies',
    rules: () =>
      policyRules({
        policies: all('networkpolicies', 'networking.k8s.io') as readonly NetworkPolicy[],
        pods: all('pods') as readonly Pod[],
        namespaces: all('namespaces') as readonly Namespace[],
      }),
    set,
    log,
  });
  const answer = (question: Question): ReturnType<typeof answerOf> => answerOf(question, objects);
  const named = new Set<string>();
  let isOver = false;
  const serveNames = (pod: Pod): void => {
    const { uid = '' } = pod.metadata;
    const isDns = (pod.spec.containers ?? []).some(
      ({ image = '' }) => findImage(images, image)?.repository === DNS_IMAGE,
    );
    if (!isDns || named.has(uid) || pod.status.phase !== 'Running' || pod.status.podIP === undefined) return;
    named.add(uid);
    sandboxOf(pod)
      .then((sandbox) => sandbox.datagrams(DNS_PORT))
      .then((socket) => (socket === undefined ? undefined : answerDatagrams(socket, answer)))
      .catch((error: unknown) => {
        named.delete(uid); // the next that is heard of the pod is another try
        if (!isOver) log(`names: ${error instanceof Error ? error.message : String(error)}`);
      });
  };
  play(DNS_IMAGE, (port, socket) => {
    if (port === DNS_PORT) answerStream(socket, answer);
    else socket.end();
  });

  await using resources = new AsyncDisposableStack();
  resources.defer(() => void (isOver = true));
  resources.use(await startMetadata(request));
  const follow = (rules: FollowedRules, plural: string, group?: string): void => {
    resources.use(cluster.watch(cluster.resource(plural, group), () => rules.changed()));
  };
  follow(services, 'services');
  follow(services, 'endpointslices', 'discovery.k8s.io');
  follow(policies, 'networkpolicies', 'networking.k8s.io');
  follow(policies, 'namespaces');
  follow(policies, 'pods');
  const noticed = (pod: Pod): void => {
    serveNames(pod);
    seen(pod);
  };
  resources.use(
    cluster.watch(cluster.resource('pods'), ({ type, object }) => {
      if (type === 'DELETED') named.delete(object.metadata.uid ?? '');
      else noticed(object as Pod);
    }),
  );
  await sandboxes.keepRanges([SERVICE_CIDR, POD_CIDR]);
  await Promise.all([services.begin(), policies.begin()]);
  for (const pod of all('pods')) noticed(pod as Pod);
  return resources.move();
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
