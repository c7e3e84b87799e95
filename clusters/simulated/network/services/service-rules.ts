import type { EndpointSlice, Service } from '../../kubernetes/model/generated/objects.ts';

/** The range of cluster addresses, none of which is a machine's: what no rule below takes is refused, as kube-proxy's nftables mode does. */
export const SERVICE_RANGE = '10.96.0.0/12';

const TABLE = 'ip breachlab-services';

/**
 * kube-proxy for the lab's router as an nft rule set that replaces the one before: each port of a Service leads to one of its ready
 * endpoints by lot. The cluster's DNS is left out, whose address is the router's own. Session affinity
 * and a pod that reaches itself through a Service are not simulated.
 */
export function serviceRules(
  services: readonly Service[],
  slicesOf: (service: Service) => readonly EndpointSlice[],
  dnsAddress: string,
): string {
  const rules = services.flatMap((service) => {
    const { clusterIP = '', externalIPs = [] } = service.spec;
    if (clusterIP === '' || clusterIP === 'None' || clusterIP === dnsAddress) return [];
    return (service.spec.ports ?? []).flatMap(({ name = '', port, protocol = 'TCP' }) => {
      if (protocol === 'SCTP') return [];
      const targets = slicesOf(service).flatMap((slice) => {
        const target = (slice.ports ?? []).find(
          (one) => (one.name ?? '') === name && (one.protocol ?? 'TCP') === protocol,
        )?.port;
        const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
        return target === undefined
          ? []
          : ready.flatMap(({ addresses }) => addresses.map((address) => `${address}:${target}`));
      });
      return [clusterIP, ...externalIPs].flatMap((address) =>
        targets.map((target, i) => {
          const left = targets.length - i;
          const lot = left === 1 ? '' : `numgen random mod ${left} == 0 `;
          return `ip daddr ${address} ${protocol.toLowerCase()} dport ${port} ${lot}dnat to ${target}`;
        }),
      );
    });
  });
  return [
    `add table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    '  chain services { type nat hook prerouting priority -100;',
    ...rules.map((rule) => `    ${rule}`),
    '  }',
    '  chain nobody { type filter hook forward priority 0;',
    `    ip daddr ${SERVICE_RANGE} reject`,
    '  }',
    '}',
    '',
  ].join('\n');
}
