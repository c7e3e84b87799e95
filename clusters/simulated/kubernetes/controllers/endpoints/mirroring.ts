import type { Endpoints, EndpointAddress, EndpointSubset, Service } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { nameSuffix, type Randomness } from '../../randomness.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, keyOf, splitKey, watchOwn } from '../controller.ts';
import { controllerReference } from '../ownership.ts';
import { putEndpoints } from './put.ts';
import { MANAGED_BY, SERVICE_NAME } from './slices.ts';

const CONTROLLER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const NOT_COPIED = new Set([
  'control-plane.alpha.kubernetes.io/leader',
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

/** pkg/controller/endpointslicemirroring: Endpoints that somebody wrote for a Service without a selector, as slices. */
export function endpointsMirroringController(cluster: Cluster, randomness: Randomness): Controller {
  const services = cluster.resource('services');
  const endpoints = cluster.resource('endpoints');
  const slices = cluster.resource('endpointslices', 'discovery.k8s.io');
  return {
    name: 'endpoint-slice-mirroring-controller',
    watches: [watchOwn(endpoints), { resource: services, keys: ({ object }) => [keyOf(object)] }],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const found: Endpoints | undefined = cluster.get(endpoints, namespace, name);
      const service = cluster.get(services, namespace, name) as Service | undefined;
      const owned = cluster
        .list(slices, namespace)
        .filter(
          ({ metadata }) => metadata.labels?.[SERVICE_NAME] === name && metadata.labels[MANAGED_BY] === CONTROLLER,
        );
      const isMirrored = found !== undefined && service !== undefined && isWritten(found, service);
      const wanted = isMirrored ? (found.subsets ?? []).flatMap(byFamily) : [];
      for (const [at, part] of wanted.entries()) {
        const existing = owned[at]?.metadata.name ?? `${name}-${nameSuffix(randomness)}`;
        await putEndpoints(cluster, slices, mirrorOf(found as Endpoints, existing, part), ['endpoints', 'ports']);
      }
      for (const spare of owned.slice(wanted.length)) await cluster.delete(slices, namespace, spare.metadata.name);
    },
  };
}

/** Whether somebody other than a controller wrote them, for a Service that selects nothing (endpointslicemirroring/utils.go). */
const isWritten = ({ metadata }: Endpoints, { spec }: Service): boolean =>
  spec.selector === undefined &&
  metadata.deletionTimestamp === undefined &&
  metadata.labels?.[SKIP] !== 'true' &&
  metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined;

interface Part {
  readonly family: 'IPv4' | 'IPv6';
  readonly ports: NonNullable<EndpointSubset['ports']>;
  readonly addresses: readonly { readonly address: EndpointAddress; readonly ready: boolean }[];
}

/** A slice holds addresses of one family. */
function byFamily({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset): Part[] {
  const all = [
    ...addresses.map((address) => ({ address, ready: true })),
    ...notReadyAddresses.map((address) => ({ address, ready: false })),
  ];
  return (['IPv4', 'IPv6'] as const)
    .map((family) => ({
      family,
      ports,
      addresses: all.filter(({ address }) => address.ip.includes(':') === (family === 'IPv6')),
    }))
    .filter((part) => part.addresses.length > 0);
}

function mirrorOf(endpoints: Endpoints, name: string, { family, ports, addresses }: Part): KubeObject {
  const { namespace = '', labels = {}, annotations = {} } = endpoints.metadata;
  const copied = Object.entries(annotations).filter(([key]) => !NOT_COPIED.has(key));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      generateName: `${endpoints.metadata.name}-`,
      namespace,
      labels: { ...labels, [MANAGED_BY]: CONTROLLER, [SERVICE_NAME]: endpoints.metadata.name },
      ...(copied.length === 0 ? {} : { annotations: Object.fromEntries(copied) }),
      ownerReferences: [controllerReference({ ...endpoints, apiVersion: 'v1', kind: 'Endpoints' })],
    },
    addressType: family,
    endpoints: addresses.map(({ address: { ip, hostname, nodeName, targetRef }, ready }) => ({
      addresses: [ip],
      conditions: { ready },
      ...(hostname === undefined ? {} : { hostname }),
      ...(targetRef === undefined ? {} : { targetRef }),
      ...(nodeName === undefined ? {} : { nodeName }),
    })),
    ports: ports.map(({ name: port = '', ...rest }) => ({ name: port, ...rest })),
  };
}
