import {
  COMPONENT_STATUS_COLUMNS,
  CONFIG_MAP_COLUMNS,
  EVENT_COLUMNS,
  LIMIT_RANGE_COLUMNS,
  NAMESPACE_COLUMNS,
  NODE_COLUMNS,
  RESOURCE_QUOTA_COLUMNS,
  SECRET_COLUMNS,
} from '../columns/core.ts';
import { ENDPOINTS_COLUMNS, SERVICE_COLUMNS } from '../columns/networking.ts';
import { PERSISTENT_VOLUME_CLAIM_COLUMNS, PERSISTENT_VOLUME_COLUMNS } from '../columns/storage.ts';
import { POD_COLUMNS } from '../columns/pods.ts';
import { POD_TEMPLATE_COLUMNS, REPLICATION_CONTROLLER_COLUMNS } from '../columns/workloads.ts';
import type { Resource, Subresource } from '../resource.ts';
import {
  CONFIG_MAP,
  ENDPOINTS,
  EVENT,
  LIMIT_RANGE,
  NAMESPACE,
  NODE,
  RESOURCE_QUOTA,
  SECRET,
  SERVICE_ACCOUNT,
} from '../strategies/core.ts';
import { POD, POD_TEMPLATE } from '../strategies/pods.ts';
import { SERVICE } from '../strategies/services.ts';
import { PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM } from '../strategies/volumes.ts';
import { REPLICATION_CONTROLLER } from '../strategies/workloads.ts';
import { SCALE, rowsOf, statusOf } from './row.ts';

const row = rowsOf('', 'v1', 'io.k8s.api.core.v1');

const proxy = (kind: string): Subresource => ({
  name: 'proxy',
  kind,
  verbs: ['create', 'delete', 'get', 'patch', 'update'],
});

const stream = (name: string, kind: string): Subresource => ({ name, kind, verbs: ['create', 'get'] });

/** pkg/registry/core/rest/storage_core.go. */
export const CORE_ROWS: readonly Resource[] = [
  row({ kind: 'Binding', verbs: ['create'] }),
  row({
    kind: 'ComponentStatus',
    plural: 'componentstatuses',
    shortNames: ['cs'],
    clusterScoped: true,
    verbs: ['get', 'list'],
    columns: COMPONENT_STATUS_COLUMNS,
    strategy: { warnings: () => ['v1 ComponentStatus is deprecated in v1.19+'] },
  }),
  row({ kind: 'ConfigMap', shortNames: ['cm'], columns: CONFIG_MAP_COLUMNS, strategy: CONFIG_MAP }),
  row({
    kind: 'Endpoints',
    plural: 'endpoints',
    shortNames: ['ep'],
    storagePrefix: '/registry/services/endpoints',
    columns: ENDPOINTS_COLUMNS,
    strategy: ENDPOINTS,
  }),
  row({ kind: 'Event', shortNames: ['ev'], columns: EVENT_COLUMNS, strategy: EVENT }),
  row({ kind: 'LimitRange', shortNames: ['limits'], columns: LIMIT_RANGE_COLUMNS, strategy: LIMIT_RANGE }),
  row({
    kind: 'Namespace',
    shortNames: ['ns'],
    clusterScoped: true,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }, statusOf('Namespace')],
    columns: NAMESPACE_COLUMNS,
    strategy: NAMESPACE,
  }),
  row({
    kind: 'Node',
    shortNames: ['no'],
    clusterScoped: true,
    subresources: [proxy('NodeProxyOptions'), statusOf('Node')],
    storagePrefix: '/registry/minions',
    columns: NODE_COLUMNS,
    strategy: NODE,
  }),
  row({
    kind: 'PersistentVolumeClaim',
    shortNames: ['pvc'],
    subresources: [statusOf('PersistentVolumeClaim')],
    columns: PERSISTENT_VOLUME_CLAIM_COLUMNS,
    strategy: PERSISTENT_VOLUME_CLAIM,
  }),
  row({
    kind: 'PersistentVolume',
    shortNames: ['pv'],
    clusterScoped: true,
    subresources: [statusOf('PersistentVolume')],
    columns: PERSISTENT_VOLUME_COLUMNS,
    strategy: PERSISTENT_VOLUME,
  }),
  row({
    kind: 'Pod',
    shortNames: ['po'],
    categories: ['all'],
    subresources: [
      stream('attach', 'PodAttachOptions'),
      { name: 'binding', kind: 'Binding', verbs: ['create'] },
      { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
      { name: 'eviction', group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
      stream('exec', 'PodExecOptions'),
      { name: 'log', kind: 'Pod', verbs: ['get'] },
      stream('portforward', 'PodPortForwardOptions'),
      proxy('PodProxyOptions'),
      { name: 'resize', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
      statusOf('Pod'),
    ],
    columns: POD_COLUMNS,
    strategy: POD,
  }),
  row({ kind: 'PodTemplate', columns: POD_TEMPLATE_COLUMNS, strategy: POD_TEMPLATE }),
  row({
    kind: 'ReplicationController',
    shortNames: ['rc'],
    categories: ['all'],
    subresources: [SCALE, statusOf('ReplicationController')],
    storagePrefix: '/registry/controllers',
    columns: REPLICATION_CONTROLLER_COLUMNS,
    strategy: REPLICATION_CONTROLLER,
  }),
  row({
    kind: 'ResourceQuota',
    shortNames: ['quota'],
    subresources: [statusOf('ResourceQuota')],
    columns: RESOURCE_QUOTA_COLUMNS,
    strategy: RESOURCE_QUOTA,
  }),
  row({ kind: 'Secret', columns: SECRET_COLUMNS, strategy: SECRET }),
  row({
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    subresources: [
      { name: 'token', group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
    ],
    strategy: SERVICE_ACCOUNT,
  }),
  row({
    kind: 'Service',
    shortNames: ['svc'],
    categories: ['all'],
    subresources: [proxy('ServiceProxyOptions'), statusOf('Service')],
    storagePrefix: '/registry/services/specs',
    columns: SERVICE_COLUMNS,
    strategy: SERVICE,
  }),
];
