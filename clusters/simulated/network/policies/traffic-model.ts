import { isIPv4 } from 'node:net';
import type { NetworkPolicyPeer, NetworkPolicyPort } from '../../kubernetes/model/generated/objects.ts';

/**
 * For the truth table: who may begin a conversation with whom, written from the API's documentation of NetworkPolicy v1 one connection
 * at a time. It shares nothing with the rules that it is the measure of.
 */

export interface ModelPod {
  readonly name: string;
  /** Undefined: an address of the network that is no pod's. */
  readonly namespace: string | undefined;
  readonly labels: Labels;
  readonly address: string;
  /** Address of its node. */
  readonly node: string | undefined;
  /** Its container's ports, by name. */
  readonly named: Readonly<Record<string, { readonly port: number; readonly protocol: string }>>;
}

export interface ModelPolicy {
  readonly namespace: string;
  readonly podSelector: Selector;
  readonly policyTypes?: readonly ('Ingress' | 'Egress')[];
  readonly ingress?: readonly { readonly from?: NetworkPolicyPeer[]; readonly ports?: NetworkPolicyPort[] }[];
  readonly egress?: readonly { readonly to?: NetworkPolicyPeer[]; readonly ports?: NetworkPolicyPort[] }[];
}

export type Labels = Readonly<Record<string, string>>;
type Selector = NonNullable<NetworkPolicyPeer['podSelector']>;

export interface Conversation {
  readonly from: ModelPod;
  readonly to: ModelPod;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
}

export function isAllowed(
  talk: Conversation,
  policies: readonly ModelPolicy[],
  namespaces: Record<string, Labels>,
): boolean {
  const { from, to } = talk;
  // "Pods cannot block access to themselves, nor do they have the ability to block access from their resident node."
  if (from === to || from.address === to.node || to.address === from.node) return true;
  const leaves = judge(from, 'Egress', policies, (policy) =>
    (policy.egress ?? []).some((rule) => includes(rule.to, to, policy.namespace, namespaces) && fits(rule.ports, talk)),
  );
  const arrives = judge(to, 'Ingress', policies, (policy) =>
    (policy.ingress ?? []).some(
      (rule) => includes(rule.from, from, policy.namespace, namespaces) && fits(rule.ports, talk),
    ),
  );
  return leaves && arrives;
}

/** A pod is isolated in a direction once a policy of its namespace selects it for that; then one of those policies has to allow it. */
function judge(
  pod: ModelPod,
  direction: 'Ingress' | 'Egress',
  policies: readonly ModelPolicy[],
  allows: (policy: ModelPolicy) => boolean,
): boolean {
  const isolating = policies.filter((policy) => {
    if (pod.namespace !== policy.namespace || !selects(policy.podSelector, pod.labels)) return false;
    if (policy.policyTypes !== undefined) return policy.policyTypes.includes(direction);
    return direction === 'Ingress' ? true : (policy.egress?.length ?? 0) > 0;
  });
  return isolating.length === 0 || isolating.some(allows);
}

/** "If this field is empty or missing, this rule matches all"; else any of its peers has to match. */
function includes(
  peers: readonly NetworkPolicyPeer[] | undefined,
  pod: ModelPod,
  home: string,
  namespaces: Record<string, Labels>,
): boolean {
  if (peers === undefined || peers.length === 0) return true;
  for (const { ipBlock, podSelector, namespaceSelector } of peers) {
    if (ipBlock !== undefined) {
      if (isInBlock(pod.address, ipBlock.cidr) && !(ipBlock.except ?? []).some((one) => isInBlock(pod.address, one)))
        return true;
      continue;
    }
    if (pod.namespace === undefined) continue;
    if (namespaceSelector === undefined && pod.namespace !== home) continue;
    if (namespaceSelector !== undefined && !selects(namespaceSelector, namespaces[pod.namespace] ?? {})) continue;
    if (podSelector !== undefined && !selects(podSelector, pod.labels)) continue;
    return true;
  }
  return false;
}

/** "If this field is empty or missing, this rule matches all ports"; a name is looked up in the pod that is talked to. */
function fits(ports: readonly NetworkPolicyPort[] | undefined, { to, protocol, port }: Conversation): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some((one) => {
    if ((one.protocol ?? 'TCP') !== protocol) return false;
    if (one.port === undefined) return true;
    if (typeof one.port === 'string') {
      const named = to.named[one.port];
      return named?.port === port && named.protocol === protocol;
    }
    return port >= one.port && port <= (one.endPort ?? one.port);
  });
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  if (Object.keys(matchLabels).some((key) => labels[key] !== matchLabels[key])) return false;
  for (const { key, operator, values = [] } of matchExpressions) {
    const has = Object.hasOwn(labels, key);
    const isListed = values.includes(labels[key] ?? '\0');
    if (operator === 'In' && !isListed) return false;
    if (operator === 'NotIn' && isListed) return false;
    if (operator === 'Exists' && !has) return false;
    if (operator === 'DoesNotExist' && has) return false;
  }
  return true;
}

function isInBlock(address: string, block: string): boolean {
  const [network = '', bits = '32'] = block.split('/');
  if (!isIPv4(network)) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(network) / size);
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
