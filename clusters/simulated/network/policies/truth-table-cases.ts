import fc from 'fast-check';
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort } from '../../kubernetes/model/generated/objects.ts';
import type { Labels, ModelPod, ModelPolicy } from './traffic-model.ts';

/** The cluster of the truth table, and the sets of policies that it is tried with. */

export const NAMESPACES: Record<string, Labels> = {
  x: { ns: 'x', team: 'red' },
  y: { ns: 'y', team: 'blue' },
  z: { ns: 'z' },
};

const NODE = '10.10.0.11';
const OTHER_NODE = '10.10.0.10';

const podsOf = (namespace: string, third: number, node: string): ModelPod[] => [
  // One name means another port on each pod, or none.
  pod('a', namespace, `10.244.${third}.2`, { tier: 'web' }, node, { web: { port: 80, protocol: 'TCP' } }),
  pod('b', namespace, `10.244.${third}.3`, { tier: 'db' }, node, {
    web: { port: 81, protocol: 'TCP' },
    dns: { port: 80, protocol: 'UDP' },
  }),
  pod('c', namespace, `10.244.${third}.130`, {}, node, {}),
];

function pod(
  name: string,
  namespace: string | undefined,
  address: string,
  labels: Labels,
  node: string | undefined,
  named: ModelPod['named'],
): ModelPod {
  return { name, namespace, address, labels: { pod: name, ...labels }, node, named };
}

/** Nine pods on two nodes, one of the nodes, and an address of the world outside. */
export const ACTORS: readonly ModelPod[] = [
  ...podsOf('x', 1, NODE),
  ...podsOf('y', 2, NODE),
  ...podsOf('z', 3, OTHER_NODE),
  pod('node', undefined, NODE, {}, undefined, {}),
  pod('outside', undefined, '192.0.2.9', {}, undefined, {}),
];

export const PORTS = [80, 81] as const;

export interface Case {
  readonly title: string;
  readonly policies: readonly ModelPolicy[];
}

const all = {};
const web = { matchLabels: { tier: 'web' } };
const one = (title: string, policy: Omit<ModelPolicy, 'namespace'>): Case => ({
  title,
  policies: [{ namespace: 'x', ...policy }],
});

/** What is most likely to be got wrong, each alone. */
const CHOSEN: readonly Case[] = [
  { title: 'no policy', policies: [] },
  one('nothing arrives', { podSelector: all }),
  one('nothing leaves', { podSelector: all, policyTypes: ['Egress'] }),
  one('neither', { podSelector: all, policyTypes: ['Ingress', 'Egress'] }),
  one('a rule without peers takes everybody', { podSelector: all, ingress: [{}] }),
  one('an empty list of peers does too', { podSelector: all, ingress: [{ from: [], ports: [] }] }),
  one('only what leaves, by the rules alone', { podSelector: all, egress: [{}] }),
  one('rules of a direction that the policy is not about', {
    podSelector: all,
    policyTypes: ['Ingress'],
    ingress: [{}],
    egress: [{ ports: [{ port: 1 }] }],
  }),
  one('pods of the same namespace', { podSelector: web, ingress: [{ from: [{ podSelector: all }] }] }),
  one('all namespaces', { podSelector: all, ingress: [{ from: [{ namespaceSelector: all }] }] }),
  one('both selectors together', {
    podSelector: all,
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'blue' } }, podSelector: web }] }],
  }),
  one('both selectors apart', {
    podSelector: all,
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'blue' } } }, { podSelector: web }] }],
  }),
  one('a block but for a part of it', {
    podSelector: all,
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['192.0.2.9/32', '10.244.2.0/25'] } }] }],
  }),
  one('a block written with bits of a host', {
    podSelector: all,
    ingress: [{ from: [{ ipBlock: { cidr: '10.244.2.77/24' } }] }],
  }),
  one('a name of a port as each pod means it', { podSelector: all, ingress: [{ ports: [{ port: 'web' }] }] }),
  one('a name of a port where the packet goes', {
    podSelector: all,
    policyTypes: ['Egress'],
    egress: [{ ports: [{ port: 'web' }, { port: 'dns', protocol: 'UDP' }] }],
  }),
  one('a name that belongs to another protocol', {
    podSelector: all,
    ingress: [{ ports: [{ port: 'dns', protocol: 'TCP' }] }],
  }),
  one('a range of ports', { podSelector: all, ingress: [{ ports: [{ port: 81, endPort: 90 }] }] }),
  one('all ports of a protocol', { podSelector: all, ingress: [{ ports: [{ protocol: 'UDP' }] }] }),
  one('SCTP alone', { podSelector: all, ingress: [{ ports: [{ protocol: 'SCTP', port: 80 }] }] }),
  {
    title: 'policies that add up',
    policies: [
      { namespace: 'x', podSelector: all },
      { namespace: 'x', podSelector: web, ingress: [{ ports: [{ port: 80 }] }] },
      { namespace: 'x', podSelector: all, ingress: [{ from: [{ podSelector: web }] }] },
    ],
  },
  {
    title: 'one side allows what the other does not',
    policies: [
      { namespace: 'x', podSelector: all, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: all }] }] },
      { namespace: 'y', podSelector: all },
    ],
  },
];

const port: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.record({ protocol: fc.constantFrom('TCP', 'UDP'), port: fc.constantFrom<number | string>(80, 81, 'web', 'dns') }),
  fc.record({ protocol: fc.constantFrom('TCP', 'UDP') }),
  fc.constantFrom({ port: 80, endPort: 81 }, { port: 70, endPort: 80 }, { protocol: 'UDP', port: 81, endPort: 200 }),
);

const podSelector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant({}),
  fc.constantFrom('a', 'b', 'c').map((name) => ({ matchLabels: { pod: name } })),
  fc.constantFrom('In', 'NotIn').map((operator) => ({
    matchExpressions: [{ key: 'pod', operator, values: ['a', 'b'] }],
  })),
  fc.constantFrom('Exists', 'DoesNotExist').map((operator) => ({ matchExpressions: [{ key: 'tier', operator }] })),
);

const namespaceSelector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant({}),
  fc.constantFrom('x', 'y', 'z').map((name) => ({ matchLabels: { ns: name } })),
  fc.constantFrom('Exists', 'DoesNotExist').map((operator) => ({ matchExpressions: [{ key: 'team', operator }] })),
);

const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record({ podSelector }),
  fc.record({ namespaceSelector }),
  fc.record({ podSelector, namespaceSelector }),
  fc.constantFrom<NetworkPolicyPeer[]>(
    { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.2.0/24', '10.244.2.0/28'] } },
    { ipBlock: { cidr: '192.0.2.0/24' } },
    { ipBlock: { cidr: '10.244.1.3/32' } },
    { ipBlock: { cidr: '0.0.0.0/0', except: ['10.244.0.128/25', '10.10.0.0/16'] } },
  ),
);

const few = <T>(what: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(what, { minLength: 1, maxLength: 2 });
const policy: fc.Arbitrary<ModelPolicy> = fc.record(
  {
    namespace: fc.constantFrom('x', 'y', 'z'),
    podSelector,
    policyTypes: fc.constantFrom<('Ingress' | 'Egress')[]>(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
    ingress: few(fc.record({ from: few(peer), ports: few(port) }, { requiredKeys: [] })),
    egress: few(fc.record({ to: few(peer), ports: few(port) }, { requiredKeys: [] })),
  },
  { requiredKeys: ['namespace', 'podSelector'] },
);

const SEED = 4;

/** Sets of up to four policies; the seed makes them the same ones each time. */
const GENERATED: readonly Case[] = fc
  .sample(fc.array(policy, { minLength: 1, maxLength: 4 }), { seed: SEED, numRuns: 40 })
  .map((policies, i) => ({ title: `generated set ${i}`, policies }));

export const CASES: readonly Case[] = [...CHOSEN, ...GENERATED];
