import type { Endpoint, EndpointSlice, ServicePort } from '../../kubernetes/model/generated/objects.ts';

/** Where a Service's port leads. */
export interface Backend {
  readonly address: string;
  readonly port: number;
}

/**
 * Who answers for a port of a Service: its ready endpoints, else those on their way out that still serve. With a node, of those on that
 * node only, as the traffic policy `Local` wants it (pkg/proxy/topology.go CategorizeEndpoints).
 */
export function backendsOf(
  slices: readonly EndpointSlice[],
  { name = '', protocol = 'TCP' }: Pick<ServicePort, 'name' | 'protocol'>,
  node?: string,
): readonly Backend[] {
  const all = slices.flatMap((slice) => {
    const port = (slice.ports ?? []).find(
      (one) => (one.name ?? '') === name && (one.protocol ?? 'TCP') === protocol,
    )?.port;
    if (port === undefined || port === 0) return [];
    const near = (slice.endpoints ?? []).filter(({ nodeName }) => node === undefined || nodeName === node);
    return near.map((endpoint) => ({ endpoint, port }));
  });
  const ready = all.filter(({ endpoint }) => endpoint.conditions?.ready !== false);
  const chosen = ready.length > 0 ? ready : all.filter(({ endpoint }) => isLeaving(endpoint));
  return chosen.flatMap(({ endpoint, port }) => endpoint.addresses.map((address) => ({ address, port })));
}

const isLeaving = ({ conditions }: Endpoint): boolean =>
  conditions?.serving === true && conditions.terminating === true;
