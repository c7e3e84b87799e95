import type { Service, ServiceCIDR } from '../../model/generated/objects.ts';
import { ApiError } from '../../status.ts';
import type { StrategyContext } from '../resource.ts';
import { contains, parseAddress, parseCidr } from '../validation/addresses.ts';
import { invalid } from '../validation/field-errors.ts';
import { otherServices, refuse, spread } from './service-allocation.ts';

type Lists = StrategyContext['cluster'];
type Network = NonNullable<ReturnType<typeof parseCidr>>;

const KUBEADM_NETWORK = parseCidr('10.96.0.0/12')!;

/** Gives a Service its address, or refuses the one it asks for (allocIPs of pkg/registry/core/service/storage/alloc.go). */
export function allocateAddress(service: Service, cluster: Lists): void {
  const { spec } = service;
  const asked = spec.clusterIP ?? '';
  if (asked === 'None') return;
  const taken = new Set(otherServices(service, cluster).map((other) => other.spec.clusterIP));
  const networks = networksOf(cluster);
  if (asked === '') {
    spec.clusterIP = freeAddress(service, networks, taken);
    spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const address = parseAddress(asked);
  const inside = address !== undefined && networks.some((network) => contains(network, address));
  if (inside && !taken.has(asked)) return;
  const why = inside ? 'provided IP is already allocated' : 'the provided network does not match the current range';
  throw refuse(service, invalid('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${asked}: ${why}`));
}

/**
 * The ranges of the ServiceCIDRs that are ready and stay (syncAllocators of ipallocator/cidrallocator.go); of IPv4 alone. Where there is
 * none at all, kubeadm's, as the API server makes its own again.
 */
function networksOf(cluster: Lists): readonly Network[] {
  const ranges = cluster.list(cluster.resource('servicecidrs', 'networking.k8s.io')) as readonly ServiceCIDR[];
  if (ranges.length === 0) return [KUBEADM_NETWORK];
  return ranges
    .filter(({ metadata, status }) => {
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      return metadata.deletionTimestamp === undefined && (ready === undefined || ready.status === 'True');
    })
    .flatMap(({ spec }) => spec?.cidrs ?? [])
    .map(parseCidr)
    .filter((network) => network?.address.kind() === 'ipv4') as Network[];
}

const numberOf = ({ address }: Network): number =>
  address.toByteArray().reduce((number, octet) => number * 256 + octet, 0);
const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

/** The low part of a range is left, while there is any other, to addresses that are asked for (calculateRangeOffset of ipallocator.go). */
function lowBand(size: number): number {
  return size < 16 ? 0 : Math.min(256, Math.max(16, Math.floor(size / 16)));
}

function freeAddress(
  { metadata }: Service,
  networks: readonly Network[],
  taken: ReadonlySet<string | undefined>,
): string {
  const seed = `${metadata.namespace}/${metadata.name}`;
  for (const network of networks) {
    // Neither the network's own address nor that of all its members is anybody's.
    const first = numberOf(network) + 1;
    const size = 2 ** (32 - network.bits) - 2;
    const low = lowBand(size);
    const found =
      firstFree({ from: first + low, size: size - low }, seed, taken) ??
      firstFree({ from: first, size: low }, seed, taken);
    if (found !== undefined) return found;
  }
  throw new ApiError(500, 'InternalError', 'Internal error occurred: failed to allocate a serviceIP: range is full');
}

function firstFree(
  { from, size }: { from: number; size: number },
  seed: string,
  taken: ReadonlySet<string | undefined>,
): string | undefined {
  const start = size > 0 ? spread(seed, size) : 0;
  for (let step = 0; step < size; step++) {
    const address = dotted(from + ((start + step) % size));
    if (!taken.has(address)) return address;
  }
  return undefined;
}
