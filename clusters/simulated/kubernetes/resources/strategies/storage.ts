import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '../../model/generated/objects.ts';
import { fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import { checkedBy } from '../validation/hook.ts';
import { sameValue } from '../validation/immutable.ts';
import { validateAttachment, validateAttachmentUpdate } from '../validation/storage/attachments.ts';
import {
  validateAttributesClass,
  validateAttributesClassUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
} from '../validation/storage/classes.ts';
import {
  validateCapacity,
  validateCapacityUpdate,
  validateDriver,
  validateDriverUpdate,
  validateNodeDrivers,
  validateNodeDriversUpdate,
} from '../validation/storage/drivers.ts';

/** pkg/apis/storage/v1/defaults.go. */
export const STORAGE_CLASS: Partial<Strategy> = {
  defaults: (draft) => fill(draft as StorageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  ...checkedBy<StorageClass>({ create: validateStorageClass, update: validateStorageClassUpdate }),
};

/** pkg/registry/storage/csidriver/strategy.go. */
export const CSI_DRIVER: Partial<Strategy> = {
  unconditionalUpdate: false,
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
  prepareForUpdate(draft, old) {
    const [{ spec }, { spec: before }] = [draft as CSIDriver, old as CSIDriver];
    if (MUTABLE.some((field) => !sameValue(spec?.[field], before?.[field]))) {
      draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
    }
  },
  ...checkedBy<CSIDriver>({ create: validateDriver, update: validateDriverUpdate }),
};

/** Fields of a driver that count as a generation; a new one has none. */
const MUTABLE = ['tokenRequests', 'requiresRepublish', 'seLinuxMount', 'nodeAllocatableUpdatePeriodSeconds'] as const;

export const CSI_NODE: Partial<Strategy> = {
  unconditionalUpdate: false,
  ...checkedBy<CSINode>({ create: validateNodeDrivers, update: validateNodeDriversUpdate }),
};

export const CSI_STORAGE_CAPACITY: Partial<Strategy> = {
  unconditionalUpdate: false,
  ...checkedBy<CSIStorageCapacity>({ create: validateCapacity, update: validateCapacityUpdate }),
};

/** pkg/registry/storage/volumeattachment/strategy.go. */
export const VOLUME_ATTACHMENT: Partial<Strategy> = {
  unconditionalUpdate: false,
  prepareForCreate: (draft) => void (draft['status'] = { attached: false }),
  ...checkedBy<VolumeAttachment>({ create: validateAttachment, update: validateAttachmentUpdate }),
};

export const VOLUME_ATTRIBUTES_CLASS: Partial<Strategy> = checkedBy<VolumeAttributesClass>({
  create: validateAttributesClass,
  update: validateAttributesClassUpdate,
});
