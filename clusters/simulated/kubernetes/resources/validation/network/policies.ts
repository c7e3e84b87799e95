import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../../model/generated/objects.ts';
import { contains, parseCidr, validateCidr, warnAboutCidr } from '../addresses.ts';
import { forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';
import { validatePort, validatePortNumber } from '../numbers.ts';

const DIRECTIONS = ['Ingress', 'Egress'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** ValidateNetworkPolicySpec of pkg/apis/networking/validation. */
export function validateNetworkPolicy({ spec }: NetworkPolicy, found: Findings): void {
  const { ingress = [], egress = [], policyTypes = [] } = spec ?? {};
  validateLabelSelector(spec?.podSelector, 'spec.podSelector', found);
  for (const [i, { ports, from }] of ingress.entries()) {
    validateRule(ports, from, { at: `spec.ingress[${i}]`, peers: 'from' }, found);
  }
  for (const [i, { ports, to }] of egress.entries()) {
    validateRule(ports, to, { at: `spec.egress[${i}]`, peers: 'to' }, found);
  }
  if (policyTypes.length > DIRECTIONS.length) {
    found.push(invalid('spec.policyTypes', policyTypes, 'may not specify more than two policyTypes'));
    return;
  }
  for (const [i, direction] of policyTypes.entries()) {
    if (!DIRECTIONS.includes(direction)) found.push(notSupported(`spec.policyTypes[${i}]`, direction, DIRECTIONS));
  }
}

function validateRule(
  ports: readonly NetworkPolicyPort[] = [],
  peers: readonly NetworkPolicyPeer[] = [],
  where: { at: string; peers: string },
  found: Findings,
): void {
  for (const [i, port] of ports.entries()) validatePolicyPort(port, `${where.at}.ports[${i}]`, found);
  for (const [i, peer] of peers.entries()) validatePeer(peer, `${where.at}.${where.peers}[${i}]`, found);
}

function validatePolicyPort({ protocol, port, endPort }: NetworkPolicyPort, at: string, found: Findings): void {
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    found.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
  }
  if (port === undefined) {
    if (endPort !== undefined) {
      found.push(invalid(`${at}.endPort`, endPort, 'may not be specified when `port` is not specified'));
    }
    return;
  }
  if (typeof port === 'string') {
    if (endPort !== undefined) {
      found.push(invalid(`${at}.endPort`, endPort, 'may not be specified when `port` is non-numeric'));
    }
    validatePort(port, `${at}.port`, found);
    return;
  }
  validatePortNumber(port, `${at}.port`, found);
  if (endPort === undefined) return;
  // The value shown is the other port's, as upstream has it.
  if (endPort < port) found.push(invalid(`${at}.endPort`, port, 'must be greater than or equal to `port`'));
  validatePortNumber(endPort, `${at}.endPort`, found);
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  at: string,
  found: Findings,
): void {
  validateLabelSelector(podSelector, `${at}.podSelector`, found);
  validateLabelSelector(namespaceSelector, `${at}.namespaceSelector`, found);
  if (ipBlock) validateBlock(ipBlock, `${at}.ipBlock`, found);
  if (!podSelector && !namespaceSelector && !ipBlock) found.push(required(at, 'must specify a peer'));
  else if (ipBlock && (podSelector ?? namespaceSelector)) {
    found.push(forbidden(at, 'may not specify both ipBlock and another peer'));
  }
}

function validateBlock({ cidr, except = [] }: IPBlock, at: string, found: Findings): void {
  if (!cidr) return void found.push(required(`${at}.cidr`));
  validateCidr(cidr, `${at}.cidr`, found);
  const outer = parseCidr(cidr);
  if (!outer) return;
  for (const [i, range] of except.entries()) {
    validateCidr(range, `${at}.except[${i}]`, found);
    const inner = parseCidr(range);
    if (inner && (!contains(outer, inner.address) || outer.bits >= inner.bits)) {
      found.push(invalid(`${at}.except[${i}]`, range, 'must be a strict subset of `cidr`'));
    }
  }
}

/** networkPolicyWarnings of pkg/registry/networking/networkpolicy/strategy.go: ranges that could be written plainer. */
export function networkPolicyWarnings({ spec }: NetworkPolicy): string[] {
  const { ingress = [], egress = [] } = spec ?? {};
  return [
    ...ingress.flatMap(({ from = [] }, i) => peerWarnings(from, `spec.ingress[${i}].from`)),
    ...egress.flatMap(({ to = [] }, i) => peerWarnings(to, `spec.egress[${i}].to`)),
  ];
}

const peerWarnings = (peers: readonly NetworkPolicyPeer[], path: string): string[] =>
  peers.flatMap(({ ipBlock }, j) => {
    if (!ipBlock) return [];
    const at = `${path}[${j}].ipBlock`;
    return [
      ...warnAboutCidr(ipBlock.cidr, `${at}.cidr`),
      ...(ipBlock.except ?? []).flatMap((range, k) => warnAboutCidr(range, `${at}.except[${k}]`)),
    ];
  });
