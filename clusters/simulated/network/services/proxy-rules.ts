import type { EndpointSlice, Pod, Service } from '../../kubernetes/model/generated/objects.ts';
import { isProxied, portRules, said } from './port-rules.ts';
import { CANARY, type RuleTable } from './rule-tables.ts';

export interface ProxyWorld {
  readonly services: readonly Service[];
  readonly slicesOf: (service: Service) => readonly EndpointSlice[];
  /** Whose kube-proxy it is. */
  readonly node: string;
}

const NEW = '-m conntrack --ctstate NEW';

/** From where the chains of every kube-proxy, and the kubelet's, are led to (proxier.go iptablesJumpChains, in its order). */
const FIRST = {
  filter: [
    '-A INPUT -j KUBE-FIREWALL',
    '-A OUTPUT -j KUBE-FIREWALL',
    `-A INPUT ${NEW} ${said('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`,
    `-A FORWARD ${NEW} ${said('kubernetes externally-visible service portals')} -j KUBE-EXTERNAL-SERVICES`,
    `-A INPUT ${said('kubernetes health check service ports')} -j KUBE-NODEPORTS`,
    `-A FORWARD ${NEW} ${said('kubernetes service portals')} -j KUBE-SERVICES`,
    `-A OUTPUT ${NEW} ${said('kubernetes service portals')} -j KUBE-SERVICES`,
    `-A FORWARD ${said('kubernetes forwarding rules')} -j KUBE-FORWARD`,
    `-A INPUT ${NEW} ${said('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`,
    `-A OUTPUT ${NEW} ${said('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`,
    `-A FORWARD ${NEW} ${said('kubernetes load balancer firewall')} -j KUBE-PROXY-FIREWALL`,
  ],
  nat: [
    `-A OUTPUT ${said('kubernetes service portals')} -j KUBE-SERVICES`,
    `-A PREROUTING ${said('kubernetes service portals')} -j KUBE-SERVICES`,
    `-A POSTROUTING ${said('kubernetes postrouting rules')} -j KUBE-POSTROUTING`,
  ],
};

const CHAINS = {
  filter: [
    CANARY,
    'KUBE-KUBELET-CANARY',
    'KUBE-EXTERNAL-SERVICES',
    'KUBE-FIREWALL',
    'KUBE-FORWARD',
    'KUBE-NODEPORTS',
    'KUBE-PROXY-FIREWALL',
    'KUBE-SERVICES',
  ],
  nat: [CANARY, 'KUBE-KUBELET-CANARY', 'KUBE-MARK-MASQ', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-SERVICES'],
};

const RULES = {
  filter: [
    `-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 ${said('block incoming localnet connections')} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
    `-A KUBE-FORWARD ${said('kubernetes forwarding rules')} -m mark --mark 0x4000/0x4000 -j ACCEPT`,
    `-A KUBE-FORWARD ${said('kubernetes forwarding conntrack rule')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  ],
  nat: [
    '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000',
    `-A KUBE-POSTROUTING ${said('kubernetes service traffic requiring SNAT')} -j MASQUERADE --random-fully`,
  ],
};

/** Chains that come and go with Services and their endpoints. */
const PASSING = /^KUBE-(?:SVC|SVL|EXT|FW|SEP)-[A-Z2-7]{16}$/;

const NODE_PORTS = `-A KUBE-SERVICES ${said('kubernetes service nodeports; NOTE: this must be the last rule in this chain')} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`;

/** Whether a pod is a kube-proxy, by its image. */
export const isKubeProxy = ({ spec }: Pod): boolean =>
  (spec.containers ?? []).some(({ image = '' }) => /(?:^|\/)kube-proxy(?:[:@]|$)/.test(image));

/** Whether one runs on that node. */
export const runsKubeProxy = (pods: readonly Pod[], node: string): boolean =>
  pods.some(
    (pod) =>
      pod.spec.nodeName === node &&
      isKubeProxy(pod) &&
      (pod.status.containerStatuses ?? []).some(({ state }) => state?.running !== undefined),
  );

/**
 * What the kube-proxy of a node keeps in its iptables, in its mode `iptables`, by pkg/proxy/iptables/proxier.go syncProxyRules: chains,
 * rules and their comments are upstream's, but for the resets of port-rules.ts.
 */
export function proxyTables({ services, slicesOf, node }: ProxyWorld): readonly RuleTable[] {
  const ports = services
    .filter(isProxied)
    .flatMap((service) => (service.spec.ports ?? []).map((port) => portRules(service, port, slicesOf(service), node)));
  return [
    {
      name: 'filter',
      chains: CHAINS.filter,
      rules: [...RULES.filter, ...ports.flatMap(({ filter }) => filter)],
      first: FIRST.filter,
      last: [],
    },
    {
      name: 'nat',
      chains: [...CHAINS.nat, ...new Set(ports.flatMap(({ chains }) => chains))],
      passing: PASSING,
      rules: [...RULES.nat, ...ports.flatMap(({ nat }) => nat), NODE_PORTS],
      first: FIRST.nat,
      last: [],
    },
  ];
}
