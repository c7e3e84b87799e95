import type { KubeObject } from '../../object.ts';
import type { Column } from '../resource.ts';
import { AGE, NAME, column, joined } from './column.ts';
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
