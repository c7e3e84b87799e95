import type {
  CSIDriver,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../model/generated/objects.ts';
import { fill } from '../defaults/fill.ts';
import { defaultClaim, defaultVolume } from '../defaults/workloads.ts';
import type { Strategy } from '../resource.ts';
import { validateClaim, validateClaimUpdate } from '../validation/claims.ts';
import {
  validateStorageClass,
  validateStorageClassUpdate,
  validateVolume,
  validateVolumeUpdate,
} from '../validation/cluster/volumes.ts';
import { checkedBy } from '../validation/hook.ts';

/** pkg/registry/core/persistentvolumeclaim/strategy.go. */
export const PERSISTENT_VOLUME_CLAIM: Partial<Strategy> = {
  defaults: (draft) => defaultClaim(draft as PersistentVolumeClaim),
  prepareForCreate: (draft) => void (draft['status'] = { phase: 'Pending' }),
  ...checkedBy<PersistentVolumeClaim>({ create: validateClaim, update: validateClaimUpdate }),
};

/** pkg/registry/core/persistentvolume/strategy.go. */
export const PERSISTENT_VOLUME: Partial<Strategy> = {
  defaults: (draft) => defaultVolume(draft as PersistentVolume),
  prepareForCreate: (draft) => void (draft['status'] = { phase: 'Pending' }),
  ...checkedBy<PersistentVolume>({ create: validateVolume, update: validateVolumeUpdate }),
};

/** pkg/apis/storage/v1/defaults.go. */
export const STORAGE_CLASS: Partial<Strategy> = {
  defaults: (draft) => fill(draft as StorageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  ...checkedBy<StorageClass>({ create: validateStorageClass, update: validateStorageClassUpdate }),
};

export const CSI_DRIVER: Partial<Strategy> = {
  defaults(draft) {
    const { spec } = draft as CSIDriver;
    if (spec === undefined) return;
    fill(spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
    });
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
  },
};
