import { POD_CIDR } from '../kubernetes/bootstrap/cluster-plan.ts';
import { METADATA_ADDRESS } from './metadata/metadata-address.ts';
import type { ProxiedNode } from './proxied-node.ts';
import type { RuleTable } from './services/rule-tables.ts';

const PODS = '-m comment --comment "pods of this cluster"';

/** Ways from one node to the pods of the others, and to the cloud's metadata service beside it, for `ip -batch`. */
export function waysFrom(node: ProxiedNode, all: readonly ProxiedNode[]): string {
  const others = all.filter(({ name }) => name !== node.name);
  const ways = others.map(({ podCIDR, address }) => `route replace ${podCIDR} via ${address}`);
  return [...ways, `route replace ${METADATA_ADDRESS}/32 dev eth0`, ''].join('\n');
}

/**
 * What the lab's pod network keeps in a node's iptables, as other CNI plugins do: pods are forwarded whatever the policy of FORWARD, and
 * whom they meet outside of the cluster sees their node. An address of the node's range that no pod has refuses: it may be a pod of which
 * nothing runs yet.
 */
export function podNetworkTables({ podCIDR }: ProxiedNode, nodes: readonly ProxiedNode[]): readonly RuleTable[] {
  // By its own link a pod that there is would be reached. A reset is not missed by a connect() of the same kernel, see port-rules.ts.
  const nobody = (match: string): readonly string[] => [
    `-A ${match} -d ${podCIDR} -o eth0 -p tcp -j REJECT --reject-with tcp-reset`,
    `-A ${match} -d ${podCIDR} -o eth0 -j REJECT --reject-with icmp-port-unreachable`,
  ];
  const known = [POD_CIDR, ...nodes.map(({ address }) => `${address}/32`), `${METADATA_ADDRESS}/32`];
  return [
    {
      name: 'filter',
      chains: ['CNI-FORWARD', 'CNI-OUTPUT'],
      rules: [
        ...nobody('CNI-FORWARD'),
        `-A CNI-FORWARD -s ${POD_CIDR} -j ACCEPT`,
        `-A CNI-FORWARD -d ${POD_CIDR} -j ACCEPT`,
        // What a Service leads elsewhere is still seen on the link of its own address.
        ...nobody('CNI-OUTPUT -m conntrack ! --ctstate DNAT'),
      ],
      first: [],
      last: [`-A FORWARD ${PODS} -j CNI-FORWARD`, `-A OUTPUT ${PODS} -j CNI-OUTPUT`],
    },
    {
      name: 'nat',
      chains: ['CNI-MASQ'],
      rules: [...known.map((range) => `-A CNI-MASQ -d ${range} -j RETURN`), '-A CNI-MASQ -j MASQUERADE --random-fully'],
      first: [],
      last: [`-A POSTROUTING -s ${podCIDR} ${PODS} -j CNI-MASQ`],
    },
  ];
}
