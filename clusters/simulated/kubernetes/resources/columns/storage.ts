import type { KubeObject } from '../../object.ts';
import type { Column } from '../resource.ts';
import { AGE, NAME, column, joined } from './column.ts';

const wide = { wide: true } as const;
const integer = { type: 'integer' } as const;

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

interface StorageClass extends KubeObject {
  provisioner: string;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  allowVolumeExpansion?: boolean;
}

const isDefaultClass = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ||
  metadata.annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true';

export const STORAGE_CLASS_COLUMNS: readonly Column[] = [
  column<StorageClass>(
    'Name',
    (storageClass) => `${storageClass.metadata.name}${isDefaultClass(storageClass) ? ' (default)' : ''}`,
    { format: 'name' },
  ),
  column<StorageClass>('Provisioner', ({ provisioner }) => provisioner),
  column<StorageClass>('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  column<StorageClass>('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  column<StorageClass>('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
  AGE,
];

export const CSI_NODE_COLUMNS: readonly Column[] = [
  NAME,
  column<{ spec?: { drivers?: unknown[] } }>('Drivers', ({ spec }) => spec?.drivers?.length ?? 0, integer),
  AGE,
];

interface CsiDriver {
  spec: {
    attachRequired?: boolean;
    podInfoOnMount?: boolean;
    storageCapacity?: boolean;
    tokenRequests?: { audience?: string }[];
    requiresRepublish?: boolean;
    volumeLifecycleModes?: string[];
  };
}

export const CSI_DRIVER_COLUMNS: readonly Column[] = [
  NAME,
  column<CsiDriver>('AttachRequired', ({ spec }) => spec.attachRequired ?? true, { type: 'boolean' }),
  column<CsiDriver>('PodInfoOnMount', ({ spec }) => spec.podInfoOnMount ?? false, { type: 'boolean' }),
  column<CsiDriver>('StorageCapacity', ({ spec }) => spec.storageCapacity ?? false),
  column<CsiDriver>('TokenRequests', ({ spec }) =>
    spec.tokenRequests === undefined ? '<unset>' : spec.tokenRequests.map(({ audience }) => audience ?? '').join(','),
  ),
  column<CsiDriver>('RequiresRepublish', ({ spec }) => spec.requiresRepublish ?? false),
  column<CsiDriver>('Modes', ({ spec }) => joined(spec.volumeLifecycleModes)),
  AGE,
];

interface VolumeAttachment {
  spec: { attacher: string; source: { persistentVolumeName?: string }; nodeName: string };
  status?: { attached?: boolean };
}

export const VOLUME_ATTACHMENT_COLUMNS: readonly Column[] = [
  NAME,
  column<VolumeAttachment>('Attacher', ({ spec }) => spec.attacher, { format: 'name' }),
  column<VolumeAttachment>('PV', ({ spec }) => spec.source.persistentVolumeName ?? ''),
  column<VolumeAttachment>('Node', ({ spec }) => spec.nodeName),
  column<VolumeAttachment>('Attached', ({ status }) => status?.attached ?? false, { type: 'boolean' }),
  AGE,
];

export const VOLUME_ATTRIBUTES_CLASS_COLUMNS: readonly Column[] = [
  NAME,
  column<{ driverName: string }>('DriverName', ({ driverName }) => driverName),
  AGE,
];
