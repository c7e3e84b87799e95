import { isIPv4 } from 'node:net';
import { POD_CIDR, SERVICE_CIDR } from '../../kubernetes/bootstrap/cluster-plan.ts';
import type { EndpointSlice, Service, ServicePort } from '../../kubernetes/model/generated/objects.ts';
import { METADATA_ADDRESS } from '../metadata/metadata-address.ts';
import { type Backend, backendsOf } from './backends.ts';

const TABLE = 'ip breachlab-services';

/** A node as its kube-proxy knows it. */
export interface ProxiedNode {
  readonly name: string;
  readonly address: string;
  readonly podCIDR: string;
}

export interface ServiceWorld {
  readonly services: readonly Service[];
  readonly slicesOf: (service: Service) => readonly EndpointSlice[];
  readonly nodes: readonly ProxiedNode[];
}

/**
 * The kube-proxies of all nodes for the lab's router, as an nft rule set that replaces the one before: for pods and nodes each port of
 * a Service leads to one of its endpoints, by lot or, with session affinity, by the caller's address. Whoever is no part of the
 * cluster has no way to its addresses. Affinity does not end with its time limit, as a client may be given the same pod again.
 */
export function serviceRules(world: ServiceWorld): string {
  const { services, nodes } = world;
  const inside = `{ ${[POD_CIDR, ...nodes.map(({ address }) => address)].join(', ')} }`;
  const ports = services.flatMap((service) =>
    (service.spec.ports ?? []).map((port) => portRules(service, port, world)),
  );
  const backends = new Set(ports.flatMap(({ backends: its }) => its.map(({ address }) => address)));
  const itself = [...backends].map((address) => `${address} . ${address}`);
  return [
    `add table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    '  chain services { type nat hook prerouting priority -100;',
    `    ip saddr != ${inside} return`,
    ...ports.flatMap(({ leads }) => leads),
    '  }',
    '  chain to-itself { type nat hook postrouting priority 100;',
    // A pod would not believe a packet from its own address (kube-proxy's "hairpin" masquerading).
    ...(itself.length === 0 ? [] : [`    ip saddr . ip daddr { ${itself.join(', ')} } masquerade`]),
    '  }',
    '  chain nobody { type filter hook forward priority 0;',
    `    ct state new ip saddr != ${inside} ip daddr { ${SERVICE_CIDR}, ${POD_CIDR}, ${METADATA_ADDRESS} } reject with icmp net-unreachable`,
    ...ports.flatMap(({ drops }) => drops),
    // What no rule above takes is refused, as kube-proxy's nftables mode does, and as a pod does that nothing listens in. By a reset,
    // where upstream sends a word of ICMP, which a kernel that waits in connect() for its own answer misses the first time.
    `    ip daddr { ${SERVICE_CIDR}, ${POD_CIDR} } oifname "services" meta l4proto tcp reject with tcp reset`,
    `    ip daddr { ${SERVICE_CIDR}, ${POD_CIDR} } oifname "services" reject`,
    '  }',
    '}',
    '',
  ].join('\n');
}

interface PortRules {
  readonly leads: readonly string[];
  readonly drops: readonly string[];
  readonly backends: readonly Backend[];
}

function portRules(service: Service, port: ServicePort, { slicesOf, nodes }: ServiceWorld): PortRules {
  const { clusterIP = '', externalIPs = [], internalTrafficPolicy, sessionAffinity } = service.spec;
  const protocol = (port.protocol ?? 'TCP').toLowerCase();
  const slices = slicesOf(service);
  const all = backendsOf(slices, port).filter(({ address }) => isIPv4(address));
  const leadTo = (match: string, backends: readonly Backend[]): readonly string[] =>
    backends.map(({ address, port: target }, i) => {
      const left = backends.length - i;
      const lot =
        left === 1
          ? ''
          : sessionAffinity === 'ClientIP'
            ? `jhash ip saddr mod ${backends.length} == ${i} `
            : `numgen random mod ${left} == 0 `;
      return `    ${match} ${lot}dnat to ${address}:${target}`;
    });
  const matchOf = (address: string): string => `ip daddr ${address} ${protocol} dport ${port.port}`;
  const leads = externalIPs.filter(isIPv4).flatMap((address) => leadTo(matchOf(address), all));
  const drops: string[] = [];
  if (!isIPv4(clusterIP)) return { leads, drops, backends: all };
  if (internalTrafficPolicy !== 'Local') leads.push(...leadTo(matchOf(clusterIP), all));
  else {
    for (const { name, address, podCIDR } of nodes) {
      const from = `ip saddr { ${address}, ${podCIDR} } ${matchOf(clusterIP)}`;
      const near = backendsOf(slices, port, name);
      leads.push(...leadTo(from, near));
      // There are endpoints, but none for this node's.
      if (near.length === 0 && all.length > 0) drops.push(`    ${from} drop`);
    }
  }
  return { leads, drops, backends: all };
}
