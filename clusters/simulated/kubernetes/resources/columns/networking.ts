import type { Column } from '../resource.ts';
import { AGE, NAME, column, joined, labelSelectorText, labelsText } from './column.ts';

const wide = { wide: true } as const;

interface Service {
  spec: {
    type?: string;
    clusterIP?: string;
    clusterIPs?: string[];
    externalIPs?: string[];
    externalName?: string;
    ports?: { port: number; nodePort?: number; protocol?: string }[];
    selector?: Record<string, string>;
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

function externalAddress({ spec, status }: Service): string {
  switch (spec.type) {
    case 'LoadBalancer': {
      const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '');
      const all = [...new Set([...given, ...(spec.externalIPs ?? [])])].filter((address) => address !== '');
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return joined(spec.externalIPs);
  }
}

const SERVICE_SPEC = 'io.k8s.api.core.v1.ServiceSpec';

export const SERVICE_COLUMNS: readonly Column[] = [
  NAME,
  column<Service>('Type', ({ spec }) => spec.type ?? '', { field: [SERVICE_SPEC, 'type'] }),
  column<Service>('Cluster-IP', ({ spec }) => spec.clusterIPs?.[0] || spec.clusterIP || '<none>', {
    field: [SERVICE_SPEC, 'clusterIP'],
  }),
  column<Service>('External-IP', externalAddress, { field: [SERVICE_SPEC, 'externalIPs'] }),
  column<Service>(
    'Port(s)',
    ({ spec }) =>
      joined(
        (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
          nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
        ),
      ),
    { field: [SERVICE_SPEC, 'ports'] },
  ),
  AGE,
  column<Service>('Selector', ({ spec }) => labelsText(spec.selector), { ...wide, field: [SERVICE_SPEC, 'selector'] }),
];

interface Subset {
  addresses?: { ip: string }[];
  ports?: { port: number; name?: string }[];
}

/** printers.go formatEndpoints: the first three `ip:port`, then how many more. */
function endpointsText(subsets: readonly Subset[]): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
  if (all.length === 0) return '<none>';
  const shown = all.slice(0, 3).join(',');
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown;
}

export const ENDPOINTS_COLUMNS: readonly Column[] = [
  NAME,
  column<{ subsets?: Subset[] }>('Endpoints', ({ subsets }) => endpointsText(subsets ?? [])),
  AGE,
];

interface EndpointSlice {
  addressType: string;
  ports?: { port?: number }[] | null;
  endpoints?: { addresses: string[] }[] | null;
}

const firstThree = (values: readonly string[], none: string): string => {
  if (values.length === 0) return none;
  return values.length > 3 ? `${values.slice(0, 3).join(',')} + ${values.length - 3} more...` : values.join(',');
};

export const ENDPOINT_SLICE_COLUMNS: readonly Column[] = [
  NAME,
  column<EndpointSlice>('AddressType', ({ addressType }) => addressType),
  column<EndpointSlice>('Ports', ({ ports }) =>
    firstThree(
      (ports ?? []).map(({ port }) => (port === undefined ? '*' : String(port))),
      '<unset>',
    ),
  ),
  column<EndpointSlice>('Endpoints', ({ endpoints }) =>
    firstThree(
      (endpoints ?? []).flatMap(({ addresses }) => addresses),
      '<unset>',
    ),
  ),
  AGE,
];

interface Ingress {
  spec: {
    ingressClassName?: string;
    tls?: unknown[];
    rules?: { host?: string }[];
    defaultBackend?: { service?: { name: string; port?: { number?: number; name?: string } } };
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

function ingressHosts({ spec }: Ingress): string {
  const hosts = (spec.rules ?? []).map(({ host }) => host ?? '').filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',');
}

export const INGRESS_COLUMNS: readonly Column[] = [
  NAME,
  column<Ingress>('Class', ({ spec }) => spec.ingressClassName ?? '<none>'),
  column<Ingress>('Hosts', ingressHosts),
  column<Ingress>('Address', ({ status }) =>
    (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '').join(','),
  ),
  column<Ingress>('Ports', ({ spec }) => ((spec.tls?.length ?? 0) > 0 ? '80, 443' : '80')),
  AGE,
];

interface Parameters {
  spec?: { controller?: string; parameters?: { apiGroup?: string; kind: string; name: string } };
}

export const INGRESS_CLASS_COLUMNS: readonly Column[] = [
  NAME,
  column<Parameters>('Controller', ({ spec }) => spec?.controller ?? ''),
  column<Parameters>('Parameters', ({ spec }) => {
    const { apiGroup, kind, name } = spec?.parameters ?? { kind: '', name: '' };
    if (kind === '') return '<none>';
    return apiGroup ? `${kind}.${apiGroup}/${name}` : `${kind}/${name}`;
  }),
  AGE,
];

export const NETWORK_POLICY_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec?: { podSelector?: object } }>('Pod-Selector', ({ spec }) => labelSelectorText(spec?.podSelector)),
  AGE,
];

export const IP_ADDRESS_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec: { parentRef?: { group?: string; resource: string; namespace?: string; name: string } } }>(
    'ParentRef',
    ({ spec: { parentRef } }) => {
      if (parentRef === undefined) return '';
      const { group, resource, namespace, name } = parentRef;
      return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join('/');
    },
  ),
  AGE,
];

export const SERVICE_CIDR_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec: { cidrs?: string[] } }>('CIDRs', ({ spec }) => (spec.cidrs ?? []).join(',')),
  AGE,
];
