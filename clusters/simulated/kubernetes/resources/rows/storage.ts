import {
  CSI_DRIVER_COLUMNS,
  CSI_NODE_COLUMNS,
  STORAGE_CLASS_COLUMNS,
  VOLUME_ATTACHMENT_COLUMNS,
  VOLUME_ATTRIBUTES_CLASS_COLUMNS,
} from '../columns/storage.ts';
import type { Resource } from '../resource.ts';
import {
  CSI_DRIVER,
  CSI_NODE,
  CSI_STORAGE_CAPACITY,
  STORAGE_CLASS,
  VOLUME_ATTACHMENT,
  VOLUME_ATTRIBUTES_CLASS,
} from '../strategies/storage.ts';
import { rowsOf, statusOf } from './row.ts';

const storage = rowsOf('storage.k8s.io', 'v1', 'io.k8s.api.storage.v1');

const clusterScoped = true;

/** Volumes, but for those of the core group: pkg/registry/storage/rest. */
export const STORAGE_ROWS: readonly Resource[] = [
  storage({ kind: 'CSIDriver', clusterScoped, columns: CSI_DRIVER_COLUMNS, strategy: CSI_DRIVER }),
  storage({ kind: 'CSINode', clusterScoped, columns: CSI_NODE_COLUMNS, strategy: CSI_NODE }),
  storage({ kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', strategy: CSI_STORAGE_CAPACITY }),
  storage({
    kind: 'StorageClass',
    shortNames: ['sc'],
    clusterScoped,
    columns: STORAGE_CLASS_COLUMNS,
    strategy: STORAGE_CLASS,
  }),
  storage({
    kind: 'VolumeAttachment',
    clusterScoped,
    subresources: [statusOf('VolumeAttachment')],
    columns: VOLUME_ATTACHMENT_COLUMNS,
    strategy: VOLUME_ATTACHMENT,
  }),
  storage({
    kind: 'VolumeAttributesClass',
    shortNames: ['vac'],
    clusterScoped,
    columns: VOLUME_ATTRIBUTES_CLASS_COLUMNS,
    strategy: VOLUME_ATTRIBUTES_CLASS,
  }),
];
