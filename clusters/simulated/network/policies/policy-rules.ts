import ipaddr from 'ipaddr.js';
import type { Namespace, NetworkPolicy, Pod } from '../../kubernetes/model/generated/objects.ts';
import { type AddressedPod, addressedPods } from './addressed-pods.ts';
import { peerMatches, type PeerWorld, podsOf } from './peers.ts';
import { portMatches } from './ports.ts';
import { RuleSets } from './rule-sets.ts';

const TABLE = 'ip breachlab-policies';

/** Before the other rules of the forward path: who is filtered away learns nothing from them. */
const PRIORITY = -10;

/** What NetworkPolicies are judged by; all of the cluster. */
export interface PolicyWorld {
  readonly policies: readonly NetworkPolicy[];
  readonly pods: readonly Pod[];
  readonly namespaces: readonly Namespace[];
}

type Direction = 'Ingress' | 'Egress';

/**
 * NetworkPolicies as an nft rule set for the node that has the pods of that range, which replaces the one before at once: their packets
 * are judged as they pass. Without a range it is about all pods.
 *
 * A packet that begins a connection is judged where it leaves and where it arrives (networking/v1 NetworkPolicySpec: "policyTypes",
 * rules are additive, and a pod that no policy selects in a direction takes all). Always let through is what belongs to a connection,
 * a pod's packet to itself, and what a pod and its own node send each other
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/).
 */
export function policyRules({ policies, pods: all, namespaces }: PolicyWorld, podCIDR?: string): string {
  const pods = addressedPods(all);
  const world: PeerWorld = {
    pods: Map.groupBy(pods, ({ namespace }) => namespace),
    namespaces: new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}])),
  };
  const sets = new RuleSets();
  const egress = chainsOf('Egress', policies, world, sets, podCIDR);
  const ingress = chainsOf('Ingress', policies, world, sets, podCIDR);
  const judged = ingress.verdicts.length + egress.verdicts.length > 0;
  // Without anybody to judge the rules are the same ones, however pods come and go.
  const own = judged ? sets.of('ipv4_addr . ipv4_addr', pods.flatMap(ownPairs)) : undefined;
  return [
    `add table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    ...sets.lines(),
    ...ingress.chains,
    '  chain arrives {',
    ...ingress.verdicts,
    '    accept',
    '  }',
    ...egress.chains,
    `  chain forward { type filter hook forward priority ${PRIORITY};`,
    '    ct state established,related accept',
    ...(own === undefined ? [] : [`    ip saddr . ip daddr ${own} accept`]),
    ...egress.verdicts,
    '    goto arrives',
    '  }',
    '}',
    '',
  ].join('\n');
}

function ownPairs({ address, hostAddress }: AddressedPod): readonly string[] {
  const node = hostAddress === undefined ? [] : [`${hostAddress} . ${address}`, `${address} . ${hostAddress}`];
  return [`${address} . ${address}`, ...node];
}

interface Chains {
  readonly chains: readonly string[];
  /** Who goes where. */
  readonly verdicts: readonly string[];
}

/** A chain for each policy, and one for the pods that the same policies select, at whose end a packet is lost. */
function chainsOf(
  direction: Direction,
  policies: readonly NetworkPolicy[],
  world: PeerWorld,
  sets: RuleSets,
  podCIDR: string | undefined,
): Chains {
  const range = podCIDR === undefined ? undefined : ipaddr.IPv4.parseCIDR(podCIDR);
  const chains: string[] = [];
  const judges = new Map<AddressedPod, string[]>();
  for (const [i, policy] of policies.entries()) {
    if (!affects(policy, direction)) continue;
    const selected = podsOf({ podSelector: policy.spec.podSelector ?? {} }, policy.metadata.namespace ?? '', world);
    const here = selected.filter(({ address }) => range === undefined || ipaddr.IPv4.parse(address).match(range));
    if (here.length === 0) continue;
    const chain = `${direction.toLowerCase()}-policy-${i}`;
    chains.push(`  chain ${chain} {`, ...allowances(direction, policy, selected, world, sets), '  }');
    for (const pod of here) judges.set(pod, [...(judges.get(pod) ?? []), chain]);
  }
  const groups = Map.groupBy(judges.keys(), (pod) => judges.get(pod)?.join(' ') ?? '');
  const verdicts: string[] = [];
  for (const [i, [group, pods]] of [...groups].entries()) {
    const chain = `${direction.toLowerCase()}-${i}`;
    chains.push(`  chain ${chain} {`, ...group.split(' ').map((one) => `    jump ${one}`), '    drop', '  }');
    verdicts.push(...pods.map(({ address }) => `${address} : goto ${chain}`));
  }
  if (verdicts.length === 0) return { chains, verdicts: [] };
  const side = direction === 'Egress' ? 'saddr' : 'daddr';
  return { chains, verdicts: [`    ip ${side} vmap { ${verdicts.join(', ')} }`] };
}

/** Without `policyTypes` a policy is about what arrives, and about what leaves if it says anything of it. */
function affects({ spec }: NetworkPolicy, direction: Direction): boolean {
  const types = spec.policyTypes ?? [];
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || (spec.egress ?? []).length > 0;
}

function allowances(
  direction: Direction,
  { metadata, spec }: NetworkPolicy,
  selected: readonly AddressedPod[],
  world: PeerWorld,
  sets: RuleSets,
): readonly string[] {
  const given = { namespace: metadata.namespace ?? '', world, sets };
  const rules =
    direction === 'Ingress'
      ? (spec.ingress ?? []).map(({ from, ports }) => [
          peerMatches(from, 'saddr', given),
          portMatches(ports, selected, sets),
        ])
      : (spec.egress ?? []).map(({ to, ports }) => [
          peerMatches(to, 'daddr', given),
          portMatches(ports, [...world.pods.values()].flat(), sets),
        ]);
  const verdict = direction === 'Ingress' ? 'accept' : 'goto arrives';
  return rules.flatMap(([peers = [], ports = []]) =>
    peers.flatMap((peer) =>
      ports.map((port) => `    ${[peer, port, verdict].filter((word) => word !== '').join(' ')}`),
    ),
  );
}
