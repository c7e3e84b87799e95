import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../model/generated/objects.ts';
import { isFractional } from './quantities.ts';

export const STORAGE_CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
export const OLD_STORAGE_CLASS = `metadata.annotations[${STORAGE_CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`;

/** GetWarningsForPersistentVolumeClaim of pkg/api/persistentvolumeclaim/util.go. */
export const claimWarnings = ({ metadata, spec }: PersistentVolumeClaim): string[] => [
  ...(metadata.annotations?.[STORAGE_CLASS_ANNOTATION] === undefined ? [] : [OLD_STORAGE_CLASS]),
  ...claimSpecWarnings(spec, 'spec'),
];

/** GetWarningsForPersistentVolumeClaimSpec */
export const claimSpecWarnings = ({ resources = {} }: PersistentVolumeClaimSpec, path: string): string[] =>
  (['requests', 'limits'] as const).flatMap((field) => {
    const amount = resources[field]?.['storage'];
    if (amount === undefined || !isFractional(amount)) return [];
    const value = JSON.stringify(amount);
    return [`${path}.resources.${field}[storage]: fractional byte value ${value} is invalid, must be an integer`];
  });
