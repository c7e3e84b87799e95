import type { NetworkPolicyPort } from '../../kubernetes/model/generated/objects.ts';
import type { AddressedPod } from './addressed-pods.ts';
import type { RuleSets } from './rule-sets.ts';

const PROTOCOLS: Readonly<Record<string, string>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };

/**
 * nft matches, any of which lets a packet to such a port through (networking/v1 NetworkPolicyPort); an empty one matches all. A name
 * means, on each pod that a packet may be for, the port that this pod calls so.
 */
export function portMatches(
  ports: readonly NetworkPolicyPort[] | undefined,
  receivers: readonly AddressedPod[],
  sets: RuleSets,
): readonly string[] {
  if (ports === undefined || ports.length === 0) return [''];
  return ports.flatMap(({ protocol = 'TCP', port, endPort }) => {
    const name = PROTOCOLS[protocol];
    if (name === undefined) return [];
    if (port === undefined) return [`meta l4proto ${name}`];
    if (typeof port === 'number') return [`${name} dport ${endPort === undefined ? port : `${port}-${endPort}`}`];
    const named = receivers.flatMap((pod) =>
      pod.ports
        .filter((one) => one.name === port && one.protocol === protocol)
        .map(({ number }) => `${pod.address} . ${number}`),
    );
    const set = sets.of('ipv4_addr . inet_service', named);
    return set === undefined ? [] : [`ip daddr . ${name} dport ${set}`];
  });
}
