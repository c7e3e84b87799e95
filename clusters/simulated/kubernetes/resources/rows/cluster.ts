import { LEASE_COLUMNS, PRIORITY_CLASS_COLUMNS, RUNTIME_CLASS_COLUMNS } from '../columns/cluster.ts';
import { EVENT_COLUMNS } from '../columns/core.ts';
import { FLOW_SCHEMA_COLUMNS, PRIORITY_LEVEL_CONFIGURATION_COLUMNS } from '../columns/flowcontrol.ts';
import type { Resource } from '../resource.ts';
import { EVENTS_V1, LEASE, PRIORITY_CLASS, RUNTIME_CLASS } from '../strategies/cluster.ts';
import { FLOW_SCHEMA, PRIORITY_LEVEL_CONFIGURATION } from '../strategies/flowcontrol.ts';
import { rowsOf, statusOf } from './row.ts';

const coordination = rowsOf('coordination.k8s.io', 'v1', 'io.k8s.api.coordination.v1');
const events = rowsOf('events.k8s.io', 'v1', 'io.k8s.api.events.v1');
const flowcontrol = rowsOf('flowcontrol.apiserver.k8s.io', 'v1', 'io.k8s.api.flowcontrol.v1');
const node = rowsOf('node.k8s.io', 'v1', 'io.k8s.api.node.v1');
const scheduling = rowsOf('scheduling.k8s.io', 'v1', 'io.k8s.api.scheduling.v1');

const clusterScoped = true;

/** What nodes and the control plane tell and go by: pkg/registry/{coordination,events,flowcontrol,node,scheduling}/rest. */
export const CLUSTER_ROWS: readonly Resource[] = [
  coordination({ kind: 'Lease', columns: LEASE_COLUMNS, strategy: LEASE }),
  events({ kind: 'Event', shortNames: ['ev'], columns: EVENT_COLUMNS, conversion: EVENTS_V1 }),
  flowcontrol({
    kind: 'FlowSchema',
    clusterScoped,
    subresources: [statusOf('FlowSchema')],
    columns: FLOW_SCHEMA_COLUMNS,
    strategy: FLOW_SCHEMA,
  }),
  flowcontrol({
    kind: 'PriorityLevelConfiguration',
    clusterScoped,
    subresources: [statusOf('PriorityLevelConfiguration')],
    columns: PRIORITY_LEVEL_CONFIGURATION_COLUMNS,
    strategy: PRIORITY_LEVEL_CONFIGURATION,
  }),
  node({ kind: 'RuntimeClass', clusterScoped, columns: RUNTIME_CLASS_COLUMNS, strategy: RUNTIME_CLASS }),
  scheduling({
    kind: 'PriorityClass',
    shortNames: ['pc'],
    clusterScoped,
    columns: PRIORITY_CLASS_COLUMNS,
    strategy: PRIORITY_CLASS,
  }),
];
