import { isIPv4 } from 'node:net';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { RuleTable } from './services/rule-tables.ts';

const OWN = '-m addrtype --dst-type LOCAL';

export const hasHostPorts = ({ spec }: Pod): boolean =>
  spec.hostNetwork !== true &&
  (spec.containers ?? []).some(({ ports }) => (ports ?? []).some(({ hostPort = 0 }) => hostPort > 0));

/**
 * Ports of a node that lead to one of its pods (`hostPort`), as the CNI plugin portmap keeps them in the node's iptables; a chain for each
 * pod, which portmap makes, is left out.
 */
export function hostPortTable(pods: readonly Pod[], node: string): RuleTable {
  const rules = pods
    .filter((pod) => pod.spec.nodeName === node && pod.status.phase === 'Running' && hasHostPorts(pod))
    .flatMap(({ spec, status: { podIP = '' } }) =>
      (spec.containers ?? []).flatMap(({ ports }) =>
        (ports ?? []).flatMap(({ hostPort = 0, hostIP = '', containerPort, protocol = 'TCP' }) => {
          const kind = protocol.toLowerCase();
          if (hostPort === 0 || !/^(?:tcp|udp|sctp)$/.test(kind) || !isIPv4(podIP)) return [];
          const at = isIPv4(hostIP) && hostIP !== '0.0.0.0' ? `-d ${hostIP}/32 ` : '';
          const to = `-d ${podIP}/32 -p ${kind} -m ${kind} --dport ${containerPort} -j MASQUERADE`;
          return [
            `-A CNI-HOSTPORT-DNAT ${at}-p ${kind} -m ${kind} --dport ${hostPort} -j DNAT --to-destination ${podIP}:${containerPort}`,
            // A pod would not believe a packet from its own address, nor one from that of a loopback.
            `-A CNI-HOSTPORT-MASQ -s ${podIP}/32 ${to}`,
            `-A CNI-HOSTPORT-MASQ -s 127.0.0.1/32 ${to}`,
          ];
        }),
      ),
    );
  return {
    name: 'nat',
    chains: ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-MASQ'],
    rules,
    first: [],
    last: [
      `-A PREROUTING ${OWN} -j CNI-HOSTPORT-DNAT`,
      `-A OUTPUT ${OWN} -j CNI-HOSTPORT-DNAT`,
      '-A POSTROUTING -j CNI-HOSTPORT-MASQ',
    ],
  };
}
