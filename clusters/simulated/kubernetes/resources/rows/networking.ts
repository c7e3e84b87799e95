import {
  ENDPOINT_SLICE_COLUMNS,
  INGRESS_CLASS_COLUMNS,
  INGRESS_COLUMNS,
  IP_ADDRESS_COLUMNS,
  NETWORK_POLICY_COLUMNS,
  SERVICE_CIDR_COLUMNS,
} from '../columns/networking.ts';
import type { Resource } from '../resource.ts';
import {
  ENDPOINT_SLICE,
  INGRESS,
  INGRESS_CLASS,
  IP_ADDRESS,
  NETWORK_POLICY,
  SERVICE_CIDR,
} from '../strategies/networking.ts';
import { rowsOf, statusOf } from './row.ts';

const networking = rowsOf('networking.k8s.io', 'v1', 'io.k8s.api.networking.v1');
const discovery = rowsOf('discovery.k8s.io', 'v1', 'io.k8s.api.discovery.v1');

const clusterScoped = true;

/** Networks: pkg/registry/networking/rest, pkg/registry/discovery/rest. */
export const NETWORKING_ROWS: readonly Resource[] = [
  networking({
    kind: 'IngressClass',
    clusterScoped,
    columns: INGRESS_CLASS_COLUMNS,
    strategy: INGRESS_CLASS,
  }),
  networking({
    kind: 'Ingress',
    shortNames: ['ing'],
    subresources: [statusOf('Ingress')],
    storagePrefix: '/registry/ingress',
    columns: INGRESS_COLUMNS,
    strategy: INGRESS,
  }),
  networking({
    kind: 'IPAddress',
    plural: 'ipaddresses',
    shortNames: ['ip'],
    clusterScoped,
    columns: IP_ADDRESS_COLUMNS,
    strategy: IP_ADDRESS,
  }),
  networking({
    kind: 'NetworkPolicy',
    shortNames: ['netpol'],
    columns: NETWORK_POLICY_COLUMNS,
    strategy: NETWORK_POLICY,
  }),
  networking({
    kind: 'ServiceCIDR',
    clusterScoped,
    subresources: [statusOf('ServiceCIDR')],
    columns: SERVICE_CIDR_COLUMNS,
    strategy: SERVICE_CIDR,
  }),
  discovery({ kind: 'EndpointSlice', columns: ENDPOINT_SLICE_COLUMNS, strategy: ENDPOINT_SLICE }),
];
