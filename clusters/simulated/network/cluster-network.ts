import { DNS_SERVICE_ADDRESS } from '../kubernetes/bootstrap/cluster-plan.ts';
import type { EndpointSlice, Pod, Service } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import { answerOf, type ClusterObjects } from './dns/cluster-names.ts';
import { readQuestion, writeAnswer } from './dns/message.ts';
import type { PodSandboxes } from '../pods/sandbox.ts';
import { serviceRules } from './services/service-rules.ts';

/**
 * The cluster's network once a lab has pods on it: kube-proxy's rules in the router, follow the Services and their endpoints, and DNS
 * answers at its Service's address as long as one of its pods is ready.
 */
export async function followCluster(
  cluster: Cluster,
  sandboxes: PodSandboxes,
  /** Called for each pod that has an address, and again as they change. */
  seen: (pod: Pod) => void,
  log: (line: string) => void,
): Promise<Disposable> {
  const objects = objectsOf(cluster);
  const services = cluster.resource('services');
  const slices = cluster.resource('endpointslices', 'discovery.k8s.io');
  const pods = cluster.resource('pods');
  const resources = new DisposableStack();
  let isStale = false;
  let working: Promise<void> | undefined;
  const set = async (): Promise<void> => {
    while (isStale) {
      isStale = false;
      const all = objects.services();
      const slicesOf = ({ metadata }: Service) => objects.slices(metadata.namespace ?? '', metadata.name);
      await sandboxes.setRules(serviceRules(all, slicesOf, DNS_SERVICE_ADDRESS));
    }
  };
  const changed = (): void => {
    isStale = true;
    working ??= set()
      .catch((error: unknown) => log(`services: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => (working = undefined));
  };
  for (const resource of [services, slices]) resources.use(cluster.watch(resource, changed));
  resources.use(
    cluster.watch(pods, ({ type, object }) => {
      if (type !== 'DELETED') seen(object as Pod);
    }),
  );
  await sandboxes.serveNames(DNS_SERVICE_ADDRESS, (message) => {
    const question = readQuestion(message);
    if (question === undefined || !isServed(objects)) return undefined;
    return writeAnswer(question, answerOf(question, objects));
  });
  changed();
  await working;
  for (const pod of cluster.list(pods)) seen(pod as Pod);
  return resources;
}

/** Nobody answers when no pod of the cluster's DNS is ready. */
const isServed = (objects: ClusterObjects): boolean =>
  objects
    .slices('kube-system', 'kube-dns')
    .some(({ endpoints }) => (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false));

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
