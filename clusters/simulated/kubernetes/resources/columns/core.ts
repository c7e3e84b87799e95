// Longer than a sitting: it is one table of columns by kind, whose rows are read one at a time.
import type { KubeObject } from '../../object.ts';
import type { Column } from '../resource.ts';
import { AGE, NAME, column, joined, labelsText } from './column.ts';
import { ageOf } from './duration.ts';

const wide = { wide: true } as const;

interface Node {
  metadata: { labels?: Record<string, string> };
  spec?: { unschedulable?: boolean };
  status?: {
    conditions?: { type: string; status: string }[];
    addresses?: { type: string; address: string }[];
    nodeInfo?: { kubeletVersion: string; osImage: string; kernelVersion: string; containerRuntimeVersion: string };
  };
}

function nodeStatus({ spec, status }: Node): string {
  const ready = (status?.conditions ?? []).find(({ type }) => type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec?.unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([label, value]) => {
    if (label.startsWith('node-role.kubernetes.io/')) return [label.slice('node-role.kubernetes.io/'.length)];
    return label === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return joined([...new Set(roles.filter((role) => role !== ''))].sort());
}

const nodeAddress = ({ status }: Node, kind: string): string =>
  (status?.addresses ?? []).find(({ type }) => type === kind)?.address ?? '<none>';

export const NODE_COLUMNS: readonly Column[] = [
  NAME,
  column<Node>('Status', nodeStatus, { description: 'The status of the node' }),
  column<Node>('Roles', nodeRoles, { description: 'The roles of the node' }),
  AGE,
  column<Node>('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  column<Node>('Internal-IP', (node) => nodeAddress(node, 'InternalIP'), wide),
  column<Node>('External-IP', (node) => nodeAddress(node, 'ExternalIP'), wide),
  column<Node>('OS-Image', ({ status }) => status?.nodeInfo?.osImage || '<unknown>', wide),
  column<Node>('Kernel-Version', ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>', wide),
  column<Node>('Container-Runtime', ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>', wide),
];

export const NAMESPACE_COLUMNS: readonly Column[] = [
  NAME,
  column<{ status?: { phase?: string } }>('Status', ({ status }) => status?.phase ?? '', {
    description: 'The status of the namespace',
  }),
  AGE,
];

export const CONFIG_MAP_COLUMNS: readonly Column[] = [
  NAME,
  column<{ data?: object; binaryData?: object }>(
    'Data',
    ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
  ),
  AGE,
];

export const SECRET_COLUMNS: readonly Column[] = [
  NAME,
  column<{ type?: string }>('Type', ({ type }) => type ?? ''),
  column<{ data?: object }>('Data', ({ data }) => Object.keys(data ?? {}).length),
  AGE,
];

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

interface Event extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  note?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  source?: { component?: string; host?: string };
  reportingComponent?: string;
  series?: { count: number; lastObservedTime: string };
  involvedObject: { kind?: string; name?: string; fieldPath?: string };
}

const firstSeen = (event: Event, now: number): string =>
  ageOf(event.firstTimestamp ?? event.eventTime ?? undefined, now);

const lastSeen = (event: Event, now: number): string =>
  event.series === undefined
    ? event.lastTimestamp
      ? ageOf(event.lastTimestamp, now)
      : firstSeen(event, now)
    : ageOf(event.series.lastObservedTime, now);

export const EVENT_COLUMNS: readonly Column[] = [
  column<Event>('Last Seen', lastSeen),
  column<Event>('Type', ({ type }) => type ?? ''),
  column<Event>('Reason', ({ reason }) => reason ?? ''),
  column<Event>('Object', ({ involvedObject: { kind, name } }) =>
    name ? `${(kind ?? '').toLowerCase()}/${name}` : (kind ?? '').toLowerCase(),
  ),
  column<Event>('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? '', wide),
  column<Event>(
    'Source',
    ({ source, reportingComponent }) =>
      [source?.component ?? reportingComponent ?? '', source?.host ?? ''].filter((part) => part !== '').join(', '),
    wide,
  ),
  column<Event>('Message', ({ message }) => (message ?? '').trim()),
  column<Event>('First Seen', firstSeen, wide),
  column<Event>(
    'Count',
    ({ count, series }) => series?.count ?? (count === undefined || count === 0 ? 1 : count),
    wide,
  ),
  { ...NAME, priority: 1 },
];

interface PersistentVolume {
  metadata: { deletionTimestamp?: string; annotations?: Record<string, string> };
  spec: {
    capacity?: { storage?: string };
    accessModes?: string[];
    persistentVolumeReclaimPolicy?: string;
    claimRef?: { namespace?: string; name?: string };
    storageClassName?: string;
    volumeAttributesClassName?: string;
    volumeMode?: string;
  };
  status?: { phase?: string; reason?: string };
}

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** Modes in the fixed order of core/v1/helper GetAccessModesAsString. */
const accessModesText = (modes: readonly string[] | undefined): string =>
  Object.entries(ACCESS_MODES)
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

export const PERSISTENT_VOLUME_COLUMNS: readonly Column[] = [
  NAME,
  column<PersistentVolume>('Capacity', ({ spec }) => spec.capacity?.storage ?? ''),
  column<PersistentVolume>('Access Modes', ({ spec }) => accessModesText(spec.accessModes)),
  column<PersistentVolume>('Reclaim Policy', ({ spec }) => spec.persistentVolumeReclaimPolicy ?? ''),
  column<PersistentVolume>('Status', ({ metadata, status }) =>
    metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
  ),
  column<PersistentVolume>('Claim', ({ spec }) =>
    spec.claimRef === undefined ? '' : `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`,
  ),
  column<PersistentVolume>(
    'StorageClass',
    ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? '',
  ),
  column<PersistentVolume>('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName || '<unset>'),
  column<PersistentVolume>('Reason', ({ status }) => status?.reason ?? ''),
  AGE,
  column<PersistentVolume>('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>', wide),
];

interface PersistentVolumeClaim {
  metadata: { deletionTimestamp?: string; annotations?: Record<string, string> };
  spec: { volumeName?: string; storageClassName?: string; volumeAttributesClassName?: string; volumeMode?: string };
  status?: { phase?: string; capacity?: { storage?: string }; accessModes?: string[] };
}

export const PERSISTENT_VOLUME_CLAIM_COLUMNS: readonly Column[] = [
  NAME,
  column<PersistentVolumeClaim>('Status', ({ metadata, status }) =>
    metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
  ),
  column<PersistentVolumeClaim>('Volume', ({ spec }) => spec.volumeName ?? ''),
  column<PersistentVolumeClaim>('Capacity', ({ spec, status }) =>
    spec.volumeName ? (status?.capacity?.storage ?? '0') : '',
  ),
  column<PersistentVolumeClaim>('Access Modes', ({ spec, status }) =>
    spec.volumeName ? accessModesText(status?.accessModes) : '',
  ),
  column<PersistentVolumeClaim>(
    'StorageClass',
    ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? '',
  ),
  column<PersistentVolumeClaim>('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName || '<unset>'),
  AGE,
  column<PersistentVolumeClaim>('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>', wide),
];

interface ResourceQuota {
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

const quotaText = ({ status }: ResourceQuota, limits: boolean): string =>
  Object.keys(status?.hard ?? {})
    .sort()
    .filter((name) => name.startsWith('limits.') === limits)
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name] ?? ''}`)
    .join(', ');

export const RESOURCE_QUOTA_COLUMNS: readonly Column[] = [
  NAME,
  column<ResourceQuota>('Request', (quota) => quotaText(quota, false)),
  column<ResourceQuota>('Limit', (quota) => quotaText(quota, true)),
  AGE,
];

export const LIMIT_RANGE_COLUMNS: readonly Column[] = [
  NAME,
  column('Created At', ({ metadata }) => metadata.creationTimestamp ?? ''),
];

interface ComponentStatus {
  conditions?: { type: string; status: string; message?: string; error?: string }[];
}

export const COMPONENT_STATUS_COLUMNS: readonly Column[] = [
  NAME,
  column<ComponentStatus>('Status', ({ conditions }) => {
    const healthy = (conditions ?? []).find(({ type }) => type === 'Healthy');
    return healthy === undefined ? 'Unknown' : healthy.status === 'True' ? 'Healthy' : 'Unhealthy';
  }),
  column<ComponentStatus>('Message', ({ conditions }) => conditions?.[0]?.message ?? ''),
  column<ComponentStatus>('Error', ({ conditions }) => conditions?.[0]?.error ?? ''),
];
