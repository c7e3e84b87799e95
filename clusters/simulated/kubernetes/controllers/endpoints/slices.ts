import type { Node, Service } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { controllerReference } from '../ownership.ts';
import { type Backends, conditionsOf, HEADLESS, headlessLabel, hostnameOf, targetRef } from './backends.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const CONTROLLER = 'endpointslice-controller.k8s.io';
/** `--max-endpoints-per-slice` */
const MOST_ENDPOINTS = 100;

/** Backends in parts that one slice may hold; there is one slice even when there are none. */
export const inParts = (groups: readonly Backends[], otherwise: Backends): readonly Backends[] =>
  groups.length === 0
    ? [otherwise]
    : groups.flatMap(({ ports, pods }) =>
        Array.from({ length: Math.ceil(pods.length / MOST_ENDPOINTS) }, (_, at) => ({
          ports,
          pods: pods.slice(at * MOST_ENDPOINTS, (at + 1) * MOST_ENDPOINTS),
        })),
      );

/** endpointslice/utils.go newEndpointSlice and podToEndpoint. */
export function sliceOf(
  service: Service,
  name: string,
  { ports, pods }: Backends,
  nodeOf: (name: string) => Node | undefined,
): KubeObject {
  const { [HEADLESS]: _, ...labels } = service.metadata.labels ?? {};
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace ?? '',
      labels: {
        ...labels,
        [MANAGED_BY]: CONTROLLER,
        [SERVICE_NAME]: service.metadata.name,
        ...headlessLabel(service),
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => {
      const { nodeName } = pod.spec;
      const zone =
        nodeName === undefined ? undefined : nodeOf(nodeName)?.metadata.labels?.['topology.kubernetes.io/zone'];
      return {
        addresses: [pod.status?.podIP ?? ''],
        conditions: conditionsOf(service, pod),
        ...hostnameOf(service, pod),
        targetRef: targetRef(pod),
        ...(nodeName === undefined ? {} : { nodeName }),
        ...(zone === undefined ? {} : { zone }),
      };
    }),
    ports: ports.map((port) => ({ name: '', ...port })),
  };
}
