import type { Node, Pod, Service } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { nameSuffix, type Randomness } from '../../randomness.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, keyOf, splitKey, watchOwn } from '../controller.ts';
import {
  type Backends,
  byPorts,
  conditionsOf,
  hasAddress,
  headlessLabel,
  hostnameOf,
  portsOf,
  selects,
  targetRef,
} from './backends.ts';
import { putEndpoints } from './put.ts';
import { TriggerTimes } from './trigger-times.ts';
import { CONTROLLER, inParts, MANAGED_BY, SERVICE_NAME, sliceOf } from './slices.ts';

/** pkg/controller/endpoint and endpointslice: the addresses behind a Service, from the pods that its selector selects. */
export function endpointsController(cluster: Cluster, randomness: Randomness): Controller {
  const services = cluster.resource('services');
  const pods = cluster.resource('pods');
  const nodes = cluster.resource('nodes');
  const endpoints = cluster.resource('endpoints');
  const slices = cluster.resource('endpointslices', 'discovery.k8s.io');

  const selecting = ({ object, old }: { object: KubeObject; old?: KubeObject }): string[] =>
    (cluster.list(services, object.metadata.namespace) as Service[])
      .filter(
        (service) =>
          selects(service, object.metadata.labels) || (old !== undefined && selects(service, old.metadata.labels)),
      )
      .map(keyOf);

  const times = new TriggerTimes();
  const nodeOf = (name: string): Node | undefined => cluster.get(nodes, '', name) as Node | undefined;

  return {
    name: 'endpoints-controller',
    watches: [watchOwn(services), { resource: pods, keys: selecting }],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const service = cluster.get(services, namespace, name) as Service | undefined;
      if (service === undefined) {
        // Slices are owned by the Service; its Endpoints are not.
        await cluster.delete(endpoints, namespace, name);
        times.forget(key);
        return;
      }
      if (service.spec.selector === undefined || service.metadata.deletionTimestamp !== undefined) return;
      if (service.spec.type === 'ExternalName') return;
      const selected = (cluster.list(pods, namespace) as Pod[]).filter(
        (pod) => selects(service, pod.metadata.labels) && hasAddress(pod),
      );
      const changedAt = times.of(key, service, selected);
      const mayEnd = service.spec.publishNotReadyAddresses === true;
      const staying = selected.filter((pod) => mayEnd || pod.metadata.deletionTimestamp === undefined);
      await putEndpoints(cluster, endpoints, endpointsOf(service, byPorts(service, staying)), ['subsets'], changedAt);

      const owned = cluster
        .list(slices, namespace)
        .filter(
          ({ metadata }) => metadata.labels?.[SERVICE_NAME] === name && metadata.labels[MANAGED_BY] === CONTROLLER,
        );
      const wanted = inParts(byPorts(service, selected), { ports: portsOf(service, undefined), pods: [] });
      for (const [at, part] of wanted.entries()) {
        const existing = owned[at]?.metadata.name ?? `${name}-${nameSuffix(randomness)}`;
        await putEndpoints(
          cluster,
          slices,
          sliceOf(service, existing, part, nodeOf),
          ['endpoints', 'ports'],
          changedAt,
        );
      }
      for (const spare of owned.slice(wanted.length)) {
        await cluster.delete(slices, namespace, spare.metadata.name);
      }
    },
  };
}

/** endpoint/endpoints_controller.go: one subset for each set of ports, its ready addresses apart from the others. */
function endpointsOf(service: Service, groups: readonly Backends[]): KubeObject {
  const address = (pod: Pod): object => ({
    ip: pod.status?.podIP,
    ...hostnameOf(service, pod),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: targetRef(pod),
  });
  const subsets = groups.map(({ ports, pods }) => {
    const ready = pods.filter((pod) => conditionsOf(service, pod).ready).map(address);
    const notReady = pods.filter((pod) => !conditionsOf(service, pod).ready).map(address);
    return {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
      ...(ports.length === 0 ? {} : { ports: [...ports] }),
    };
  });
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: service.metadata.name,
      namespace: service.metadata.namespace ?? '',
      labels: {
        ...service.metadata.labels,
        'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
        ...headlessLabel(service),
      },
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}
