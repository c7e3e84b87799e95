import ipaddr from 'ipaddr.js';
import type { NetworkPolicyPeer } from '../../kubernetes/model/generated/objects.ts';
import { matchesLabelSelector } from '../../kubernetes/model/labels.ts';
import type { AddressedPod } from './addressed-pods.ts';
import type { RuleSets } from './rule-sets.ts';

export interface PeerWorld {
  /** By namespace. */
  readonly pods: ReadonlyMap<string, readonly AddressedPod[]>;
  /** Labels by the namespace's name. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** The pods that a peer's selectors name, for a policy of that namespace (networking/v1 NetworkPolicyPeer); none for an address block. */
export function podsOf(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  namespace: string,
  { pods, namespaces }: PeerWorld,
): readonly AddressedPod[] {
  if (ipBlock !== undefined) return [];
  const near =
    namespaceSelector === undefined
      ? [namespace]
      : [...namespaces].filter(([, labels]) => matchesLabelSelector(namespaceSelector, labels)).map(([name]) => name);
  const all = near.flatMap((name) => pods.get(name) ?? []);
  return podSelector === undefined ? all : all.filter(({ labels }) => matchesLabelSelector(podSelector, labels));
}

/** nft matches, any of which lets a packet of a peer through; one that is empty matches all, no match at all matches none. */
export function peerMatches(
  peers: readonly NetworkPolicyPeer[] | undefined,
  side: 'saddr' | 'daddr',
  { namespace, world, sets }: { readonly namespace: string; readonly world: PeerWorld; readonly sets: RuleSets },
): readonly string[] {
  if (peers === undefined || peers.length === 0) return [''];
  const selected = peers.flatMap((peer) => podsOf(peer, namespace, world)).map(({ address }) => address);
  const set = sets.of('ipv4_addr', selected);
  return [...(set === undefined ? [] : [`ip ${side} ${set}`]), ...peers.flatMap((peer) => blockMatch(peer, side))];
}

function blockMatch({ ipBlock }: NetworkPolicyPeer, side: 'saddr' | 'daddr'): readonly string[] {
  const cidr = ipBlock === undefined ? undefined : version4(ipBlock.cidr);
  if (cidr === undefined) return [];
  const but = (ipBlock?.except ?? []).flatMap((except) => version4(except) ?? []);
  return [[`ip ${side} ${cidr}`, ...but.map((one) => `ip ${side} != ${one}`)].join(' ')];
}

/** A block of IPv4 addresses as nft takes it; pods of the lab have no others. */
function version4(cidr: string): string | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  return `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${ipaddr.IPv4.parseCIDR(cidr)[1]}`;
}
