import type { PersistentVolume } from '../../../model/generated/objects.ts';
import { OLD_STORAGE_CLASS, STORAGE_CLASS_ANNOTATION } from '../claim-warnings.ts';
import { termWarnings } from '../pods/affinity-warnings.ts';

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options';
const RECYCLE =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';

/** Only the first of them is warned of. */
const OLD_SOURCES = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;

/** GetWarningsForPersistentVolume of pkg/api/persistentvolume/util.go. */
export function volumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const { annotations = {} } = metadata;
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const old = OLD_SOURCES.find(([kind]) => spec[kind]);
  return [
    ...(annotations[STORAGE_CLASS_ANNOTATION] === undefined ? [] : [OLD_STORAGE_CLASS]),
    ...(annotations[MOUNT_OPTIONS] === undefined
      ? []
      : [`metadata.annotations[${MOUNT_OPTIONS}]: deprecated since v1.31; use "mountOptions" attribute instead`]),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [`spec.persistentVolumeReclaimPolicy: ${RECYCLE}`] : []),
    ...terms.flatMap((term, i) => termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`)),
    ...(old ? [`spec.${old[1]}: ${old[2]}`] : []),
  ];
}
