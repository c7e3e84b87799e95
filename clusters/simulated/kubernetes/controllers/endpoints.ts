import { isDeepStrictEqual } from 'node:util';
import type { Pod, Service, ServicePort } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import { nameSuffix, type Randomness } from '../randomness.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, splitKey, watchOwn } from './controller.ts';
import { controllerReference } from './ownership.ts';
import { isReady } from './pods.ts';

interface Port {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
}

/** pkg/controller/endpoint and endpointslice: the addresses behind a Service, from the pods that its selector selects. */
export function endpointsController(cluster: Cluster, randomness: Randomness): Controller {
  const services = cluster.resource('services');
  const pods = cluster.resource('pods');
  const endpoints = cluster.resource('endpoints');
  const slices = cluster.resource('endpointslices', 'discovery.k8s.io');

  const selecting = ({ object, old }: { object: KubeObject; old?: KubeObject }): string[] =>
    (cluster.list(services, object.metadata.namespace) as Service[])
      .filter((service) => selects(service, object) || (old !== undefined && selects(service, old)))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

  async function put(row: typeof endpoints, wanted: KubeObject, part: readonly string[]): Promise<void> {
    const { namespace = '', name } = wanted.metadata;
    const before = cluster.get(row, namespace, name);
    if (before === undefined) {
      await cluster.create(row, wanted);
      return;
    }
    await cluster.modify(row, { namespace, name }, (draft) => {
      if (part.every((field) => isDeepStrictEqual(structuredClone(draft[field] ?? []), wanted[field] ?? [])))
        return false;
      for (const field of part) draft[field] = wanted[field];
      return true;
    });
  }

  return {
    name: 'endpoints-controller',
    watches: [watchOwn(services), { resource: pods, keys: selecting }],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const service = cluster.get(services, namespace, name) as Service | undefined;
      if (service === undefined) {
        // Slices are owned by the Service; its Endpoints are not.
        await cluster.delete(endpoints, namespace, name);
        return;
      }
      if (service.spec.selector === undefined || service.metadata.deletionTimestamp !== undefined) return;
      const selected = (cluster.list(pods, namespace) as Pod[]).filter(
        (pod) => selects(service, pod) && pod.status?.podIP !== undefined && !hasEnded(pod),
      );
      const groups = byPorts(service, selected);
      await put(endpoints, endpointsOf(service, groups), ['subsets']);

      const owned = cluster
        .list(slices, namespace)
        .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
      const wanted = groups.length === 0 ? [{ ports: portsOf(service, undefined), pods: [] }] : groups;
      for (const [i, group] of wanted.entries()) {
        const existing = owned[i]?.metadata.name ?? `${name}-${nameSuffix(randomness)}`;
        await put(slices, sliceOf(service, existing, group), ['endpoints', 'ports']);
      }
      for (const spare of owned.slice(wanted.length)) await cluster.delete(slices, namespace, spare.metadata.name);
    },
  };
}

const selects = ({ spec }: Service, { metadata }: KubeObject): boolean =>
  spec.selector !== undefined &&
  Object.keys(spec.selector).length > 0 &&
  Object.entries(spec.selector).every(([key, value]) => metadata.labels?.[key] === value);

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** The number behind a Service's port on that pod; a name is looked up in its containers (podutil.FindPort). */
function targetOf({ targetPort, port, protocol }: ServicePort, pod: Pod | undefined): number | undefined {
  if (typeof targetPort !== 'string') return targetPort ?? port;
  return pod?.spec.containers
    ?.flatMap(({ ports = [] }) => ports)
    .find((candidate) => candidate.name === targetPort && (candidate.protocol ?? 'TCP') === (protocol ?? 'TCP'))
    ?.containerPort;
}

const portsOf = ({ spec }: Service, pod: Pod | undefined): Port[] =>
  (spec.ports ?? []).flatMap((port) => {
    const target = targetOf(port, pod);
    if (target === undefined) return [];
    return [
      { ...(port.name === undefined ? {} : { name: port.name }), port: target, protocol: port.protocol ?? 'TCP' },
    ];
  });

interface Group {
  readonly ports: readonly Port[];
  readonly pods: readonly Pod[];
}

/** Pods whose named ports resolve alike share a subset. */
function byPorts(service: Service, pods: readonly Pod[]): readonly Group[] {
  const groups = new Map<string, { ports: readonly Port[]; pods: Pod[] }>();
  for (const pod of pods) {
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, pods: [] };
    group.pods.push(pod);
    groups.set(key, group);
  }
  return [...groups.values()];
}

const targetRef = ({ metadata }: Pod): object => ({
  kind: 'Pod',
  name: metadata.name,
  namespace: metadata.namespace,
  uid: metadata.uid,
});

function endpointsOf(service: Service, groups: readonly Group[]): KubeObject {
  const address = (pod: Pod): object => ({
    ip: pod.status?.podIP,
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: targetRef(pod),
  });
  const subsets = groups.map(({ ports, pods }) => {
    const ready = pods.filter((pod) => isReady(pod) || service.spec.publishNotReadyAddresses === true).map(address);
    const notReady = pods.filter((pod) => !isReady(pod) && service.spec.publishNotReadyAddresses !== true).map(address);
    return {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
      ports: [...ports],
    };
  });
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: service.metadata.name,
      namespace: service.metadata.namespace ?? '',
      labels: { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

function sliceOf(service: Service, name: string, { ports, pods }: Group): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace ?? '',
      labels: {
        ...service.metadata.labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': service.metadata.name,
        ...(service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => {
      const terminating = pod.metadata.deletionTimestamp !== undefined;
      const ready = isReady(pod);
      return {
        addresses: [pod.status?.podIP ?? ''],
        conditions: { ready: ready && !terminating, serving: ready, terminating },
        targetRef: targetRef(pod),
        ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
      };
    }),
    ports: ports.map((port) => ({ name: '', ...port })),
  };
}
