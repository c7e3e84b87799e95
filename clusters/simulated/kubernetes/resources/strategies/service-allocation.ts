import type { Service, ServiceSpec } from '../../model/generated/objects.ts';
import { ApiError, invalid as refused, type FieldError } from '../../status.ts';
import type { StrategyContext } from '../resource.ts';
import { isIPv6 } from '../validation/addresses.ts';
import { invalid } from '../validation/field-errors.ts';
import { needsHealthCheck } from '../validation/network/services.ts';

/** `--service-node-port-range`; the first 86 are left to ports that were asked for (pkg/registry/core/service/portallocator). */
const LOWEST_NODE_PORT = 30_000;
const FIRST_DYNAMIC_PORT = 30_086;
const LAST_NODE_PORT = 32_767;
const OUT_OF_RANGE = `provided port is not in the valid range. The range of valid ports is ${LOWEST_NODE_PORT}-${LAST_NODE_PORT}`;
const PORT_TAKEN = 'provided port is already allocated';

type Lists = StrategyContext['cluster'];

export const refuse = ({ metadata }: Service, ...errors: FieldError[]): ApiError =>
  refused({ group: '', kind: 'Service' }, metadata.name, errors);

export const otherServices = (service: Service, cluster: Lists): readonly Service[] =>
  (cluster.list(cluster.resource('services')) as readonly Service[]).filter(
    ({ metadata }) => metadata.name !== service.metadata.name || metadata.namespace !== service.metadata.namespace,
  );

/** A number that spreads over the range and depends on the name alone, so that a seeded cluster always looks the same. */
export function spread(text: string, size: number): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash % size;
}

/** initIPFamilyFields of pkg/registry/core/service/storage/alloc.go, on a cluster of IPv4 alone. */
export function settleFamilies(service: Service): void {
  const { spec } = service;
  const families = spec.ipFamilies ?? [];
  if (families.includes('IPv6')) {
    throw refuse(
      service,
      invalid(`spec.ipFamilies[${families.indexOf('IPv6')}]`, 'IPv6', 'not configured on this cluster'),
    );
  }
  const [first] = spec.clusterIPs ?? [];
  if (first !== undefined && first !== 'None' && isIPv6(first)) {
    const text = 'may not be IPv6 because the cluster is not configured for IPv6 services';
    throw refuse(service, invalid('spec.clusterIPs[0]', spec.clusterIPs, text));
  }
  if (first === 'None' && Object.keys(spec.selector ?? {}).length === 0 && spec.ipFamilyPolicy === undefined) {
    // Endpoints that somebody else keeps may be of both families.
    spec.ipFamilyPolicy = 'RequireDualStack';
    spec.ipFamilies = ['IPv4', 'IPv6'];
    return;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const text = 'this cluster is not configured for dual-stack services';
    throw refuse(service, invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, text));
  }
  spec.ipFamilies = ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
}

/** Node ports of all other Services, health check ports included: both come from one range. */
function takenPorts(service: Service, cluster: Lists): Set<string> {
  const taken = new Set<string>();
  for (const { spec } of otherServices(service, cluster)) {
    for (const { nodePort, protocol } of spec.ports ?? [])
      if (nodePort !== undefined) taken.add(`${protocol}/${nodePort}`);
    if (spec.healthCheckNodePort !== undefined) taken.add(`TCP/${spec.healthCheckNodePort}`);
  }
  return taken;
}

/** Gives each port of a NodePort or LoadBalancer Service its node port, or refuses one that is taken or out of range. */
export function allocateNodePorts(service: Service, held: ReadonlySet<number>, cluster: Lists): void {
  const { spec, metadata } = service;
  const own = spec.type !== 'LoadBalancer' || spec.allocateLoadBalancerNodePorts !== false;
  const taken = takenPorts(service, cluster);
  for (const [i, port] of (spec.ports ?? []).entries()) {
    const { nodePort = 0, protocol = 'TCP' } = port;
    if (nodePort !== 0 && !held.has(nodePort)) {
      const inRange = nodePort >= LOWEST_NODE_PORT && nodePort <= LAST_NODE_PORT;
      if (!inRange || taken.has(`${protocol}/${nodePort}`)) {
        throw refuse(service, invalid(`spec.ports[${i}].nodePort`, nodePort, inRange ? PORT_TAKEN : OUT_OF_RANGE));
      }
    }
    // One number for the same port in several protocols, such as DNS has.
    const twin = spec.ports?.find((other) => other.port === port.port && other.protocol !== protocol)?.nodePort;
    if (nodePort === 0 && own) {
      const shared = twin !== undefined && twin !== 0 && !taken.has(`${protocol}/${twin}`);
      port.nodePort = shared ? twin : freePort(`${metadata.namespace}/${metadata.name}/${i}`, protocol, taken);
    }
  }
  for (const { protocol, nodePort } of spec.ports ?? []) taken.add(`${protocol}/${nodePort}`);
  allocateHealthCheck(spec, taken, service, held);
}

function allocateHealthCheck(
  spec: ServiceSpec,
  taken: ReadonlySet<string>,
  service: Service,
  held: ReadonlySet<number>,
): void {
  if (!needsHealthCheck(spec)) return;
  const { healthCheckNodePort: port = 0 } = spec;
  if (port === 0) {
    spec.healthCheckNodePort = freePort(`${service.metadata.namespace}/${service.metadata.name}/health`, 'TCP', taken);
  } else if (!held.has(port) && (taken.has(`TCP/${port}`) || port < LOWEST_NODE_PORT || port > LAST_NODE_PORT)) {
    const why = taken.has(`TCP/${port}`) ? PORT_TAKEN : OUT_OF_RANGE;
    throw refuse(
      service,
      invalid('spec.healthCheckNodePort', port, `failed to allocate requested HealthCheck NodePort ${port}: ${why}`),
    );
  }
}

function freePort(seed: string, protocol: string, taken: ReadonlySet<string>): number {
  const size = LAST_NODE_PORT - FIRST_DYNAMIC_PORT + 1;
  const start = spread(seed, size);
  for (let step = 0; step < size; step++) {
    const port = FIRST_DYNAMIC_PORT + ((start + step) % size);
    if (!taken.has(`${protocol}/${port}`)) return port;
  }
  throw new ApiError(500, 'InternalError', 'Internal error occurred: failed to allocate a nodePort: range is full');
}
