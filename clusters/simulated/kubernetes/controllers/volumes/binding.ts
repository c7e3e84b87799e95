import type { PersistentVolume, PersistentVolumeClaim } from '../../model/generated/objects.ts';
import { matchesLabelSelector } from '../../model/labels.ts';
import { compareQuantities, parseQuantity } from '../../model/quantity.ts';

const sizeOf = (amounts: Readonly<Record<string, string>> | undefined): ReturnType<typeof parseQuantity> =>
  parseQuantity(amounts?.['storage'] ?? '0');

/** Whether a volume is reserved for that claim, or taken by it. */
export function isFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec.claimRef;
  if (reference === undefined) return false;
  const sameName = reference.namespace === metadata.namespace && reference.name === metadata.name;
  return sameName && (reference.uid === undefined || reference.uid === '' || reference.uid === metadata.uid);
}

/** Why a claim cannot have the volume that it names (persistentvolume/pv_controller.go checkVolumeSatisfyClaim); undefined when it can. */
export function mismatch({ spec }: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (compareQuantities(sizeOf(spec.capacity), sizeOf(claim.spec.resources?.requests)) < 0)
    return 'requested PV is too small';
  if ((spec.storageClassName ?? '') !== (claim.spec.storageClassName ?? '')) return 'storageClassName does not match';
  if ((spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem')) return 'incompatible volumeMode';
  const modes = claim.spec.accessModes ?? [];
  return modes.every((mode) => spec.accessModes?.includes(mode) === true) ? undefined : 'incompatible accessMode';
}

/**
 * The volume for a claim: the one that is reserved for it, or else the smallest free one that is large enough and fits in class,
 * mode, access and labels (component-helpers/storage/volume/pv_helpers.go FindMatchingVolume).
 */
export function volumeFor(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
): PersistentVolume | undefined {
  const { spec } = claim;
  const wanted = sizeOf(spec.resources?.requests);
  const fits = (volume: PersistentVolume): boolean =>
    volume.metadata.deletionTimestamp === undefined &&
    (spec.volumeName === undefined || spec.volumeName === volume.metadata.name) &&
    (volume.spec.storageClassName ?? '') === (spec.storageClassName ?? '') &&
    (volume.spec.volumeMode ?? 'Filesystem') === (spec.volumeMode ?? 'Filesystem') &&
    (spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode) === true) &&
    (spec.selector === undefined || matchesLabelSelector(spec.selector, volume.metadata.labels ?? {})) &&
    compareQuantities(sizeOf(volume.spec.capacity), wanted) >= 0;
  const reserved = volumes.find((volume) => isFor(volume, claim));
  if (reserved !== undefined) return fits(reserved) ? reserved : undefined;
  return volumes
    .filter((volume) => volume.spec.claimRef === undefined && fits(volume))
    .sort((a, b) => compareQuantities(sizeOf(a.spec.capacity), sizeOf(b.spec.capacity)))[0];
}
