import type { Service } from '../../model/generated/objects.ts';
import { ApiError, invalid } from '../../status.ts';
import type { StrategyContext } from '../resource.ts';

/** kubeadm's default `--service-cluster-ip-range`, 10.96.0.0/12. The lower band is left to addresses that were asked for. */
const FIRST_DYNAMIC_ADDRESS = ((10 << 24) | (96 << 16)) + 257;
const LAST_ADDRESS = ((10 << 24) | (112 << 16)) - 2;

/** `--service-node-port-range`: 30000–32767; the first 86 are left to ports that were asked for (pkg/registry/core/service/portallocator). */
const FIRST_NODE_PORT = 30_086;
const LAST_NODE_PORT = 32_767;

type Lists = StrategyContext['cluster'];

const otherServices = (service: Service, cluster: Lists): readonly Service[] =>
  (cluster.list(cluster.resource('services')) as readonly Service[]).filter(
    ({ metadata }) => metadata?.uid !== service.metadata?.uid,
  );

const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

/** A number that spreads over the range and depends on the name alone, so that a seeded cluster always looks the same. */
function spread(text: string, size: number): number {
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash % size;
}

/** Gives a Service its addresses and families, or refuses an address that another one has (pkg/registry/core/service/storage/alloc.go). */
export function allocateAddress(service: Service, cluster: Lists): void {
  const { spec, metadata } = service;
  if (spec === undefined) return;
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (spec.clusterIP === undefined || spec.clusterIP === '') {
    const asked = spec.clusterIPs?.[0];
    const taken = new Set(otherServices(service, cluster).map(({ spec }) => spec?.clusterIP));
    spec.clusterIP = asked ?? freeAddress(`${metadata?.namespace}/${metadata?.name}`, taken);
  } else if (spec.clusterIP !== 'None') {
    const wanted = spec.clusterIP;
    if (otherServices(service, cluster).some(({ spec }) => spec?.clusterIP === wanted)) {
      const message = `Invalid value: [${JSON.stringify(wanted)}]: failed to allocate IP ${wanted}: provided IP is already allocated`;
      throw invalid({ group: '', kind: 'Service' }, metadata?.name ?? '', [
        { type: 'FieldValueInvalid', field: 'spec.clusterIPs', message },
      ]);
    }
  }
  spec.clusterIPs ??= [spec.clusterIP];
}

function freeAddress(seed: string, taken: ReadonlySet<string | undefined>): string {
  const size = LAST_ADDRESS - FIRST_DYNAMIC_ADDRESS + 1;
  const start = spread(seed, size);
  for (let step = 0; step < size; step++) {
    const address = dotted(FIRST_DYNAMIC_ADDRESS + ((start + step) % size));
    if (!taken.has(address)) return address;
  }
  throw new ApiError(500, 'InternalError', 'Internal error occurred: failed to allocate a serviceIP: range is full');
}

/** Gives each port of a NodePort or LoadBalancer Service its node port, or refuses one that is taken. */
export function allocateNodePorts(service: Service, cluster: Lists): void {
  const { spec, metadata } = service;
  if (spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === false) return;
  const taken = new Set(
    otherServices(service, cluster).flatMap(({ spec }) =>
      (spec?.ports ?? []).map(({ nodePort, protocol }) => `${protocol}/${nodePort}`),
    ),
  );
  for (const [i, port] of (spec?.ports ?? []).entries()) {
    if (port.nodePort === undefined || port.nodePort === 0) {
      port.nodePort = freePort(`${metadata?.namespace}/${metadata?.name}/${i}`, `${port.protocol}`, taken);
    } else if (taken.has(`${port.protocol}/${port.nodePort}`)) {
      throw invalid({ group: '', kind: 'Service' }, metadata?.name ?? '', [
        {
          type: 'FieldValueInvalid',
          field: `spec.ports[${i}].nodePort`,
          message: `Invalid value: ${port.nodePort}: provided port is already allocated`,
        },
      ]);
    }
    taken.add(`${port.protocol}/${port.nodePort}`);
  }
}

function freePort(seed: string, protocol: string, taken: ReadonlySet<string>): number {
  const size = LAST_NODE_PORT - FIRST_NODE_PORT + 1;
  const start = spread(seed, size);
  for (let step = 0; step < size; step++) {
    const port = FIRST_NODE_PORT + ((start + step) % size);
    if (!taken.has(`${protocol}/${port}`)) return port;
  }
  throw new ApiError(500, 'InternalError', 'Internal error occurred: failed to allocate a nodePort: range is full');
}
