import type { HostName } from '../../../protocol/host.ts';
import type { NetworkName } from './simulated-host.ts';

/**
 * The lab's network: the supervisor's namespace is a router with one bridge a network, and forwards without translating
 * addresses, so that a firewall or an audit log in a host sees who really called.
 */

/** The router's own addresses. */
export const ROUTER: Readonly<Record<NetworkName, string>> = { lan: '10.10.0.1', wan: '203.0.113.1' };

/** The network that nodes are on: the router's bridge, and a neighbour's address and way out. */
export const LAN = { bridge: { name: 'lan', prefix: 24 }, range: '10.10.0.0/24', gateway: ROUTER.lan } as const;

/**
 * The part of the internet that strangers call from (RFC 5737), all of which is the router's own: none of it is on a network of the lab, so
 * that a firewall against the machines of `wan` does not keep them out.
 */
const STRANGERS = '198.51.100';

/** The address of that number, from 0 on; after the 254th they come again. */
export const strangersAddress = (number: number): string => `${STRANGERS}.${(number % 254) + 1}`;

/** The first network is the one with the default route. Documentation addresses (RFC 5737) stand for the internet. */
const ADDRESSES: Readonly<Record<HostName, Readonly<Partial<Record<NetworkName, string>>>>> = {
  workstation: { lan: '10.10.0.5' },
  controlplane: { lan: '10.10.0.10' },
  node01: { lan: '10.10.0.11' },
  bastion: { lan: '10.10.0.20', wan: '203.0.113.20' },
  internet: { wan: '203.0.113.66' },
};

export function addressesOf(host: HostName): Readonly<Partial<Record<NetworkName, string>>> {
  return ADDRESSES[host];
}

function interfacesOf(host: HostName): readonly (readonly [NetworkName, string])[] {
  return Object.entries(ADDRESSES[host]) as [NetworkName, string][];
}

/** `ip -batch` lines for the router. */
export function routerBatch(): string {
  // As with 127.0.0.0/8, a whole network that stands at the loopback device is the machine's own.
  const lines = ['link set lo up', `addr add ${strangersAddress(0)}/24 dev lo`];
  for (const [network, address] of Object.entries(ROUTER)) {
    lines.push(
      `link add ${network} type bridge forward_delay 0 mcast_snooping 0`,
      `addr add ${address}/24 dev ${network}`,
      `link set ${network} up`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** `ip -batch` lines for the router: its ends of a host's cables. `{pid}` stands for the number of the host's process 1. */
export function cablesTo(host: HostName): string {
  const lines = interfacesOf(host).map(([network], i) => {
    const cable = `${host}-${i}`.slice(-15); // IFNAMSIZ
    return `link add ${cable} master ${network} up type veth peer name eth${i} netns {pid}`;
  });
  return `${lines.join('\n')}\n`;
}

/** `ip -batch` lines for the host itself. */
export function hostBatch(host: HostName): string {
  const interfaces = interfacesOf(host);
  const lines = ['link set lo up'];
  for (const [i, [, address]] of interfaces.entries()) {
    lines.push(`addr add ${address}/24 dev eth${i}`, `link set eth${i} up`);
  }
  const first = interfaces[0];
  if (first !== undefined) lines.push(`route add default via ${ROUTER[first[0]]}`);
  return `${lines.join('\n')}\n`;
}

/** A host's /etc/hosts: every host of the lab, by its address in a network that this host is in too where there is one. */
export function hostsFile(host: HostName, all: readonly HostName[]): string {
  const lines = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback'];
  for (const other of all) {
    const nearest = nearestAddress(other, networksOf(host));
    if (nearest !== undefined) lines.push(`${nearest}\t${other}`);
  }
  return `${lines.join('\n')}\n`;
}

export function networksOf(host: HostName): readonly NetworkName[] {
  return interfacesOf(host).map(([network]) => network);
}

/** A host's address for whoever is in these networks: one of theirs where it has one. */
export function nearestAddress(host: HostName, networks: readonly NetworkName[]): string | undefined {
  const interfaces = interfacesOf(host);
  return (interfaces.find(([network]) => networks.includes(network)) ?? interfaces[0])?.[1];
}
