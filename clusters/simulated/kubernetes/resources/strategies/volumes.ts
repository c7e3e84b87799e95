import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
} from '../../model/generated/objects.ts';
import { timestamp, type Clock } from '../../../clock.ts';
import type { KubeObject } from '../../object.ts';
import { defaultClaim, defaultVolume } from '../defaults/workloads.ts';
import type { Strategy } from '../resource.ts';
import { claimWarnings } from '../validation/claim-warnings.ts';
import { validateClaim, validateClaimStatus, validateClaimUpdate } from '../validation/claims.ts';
import { volumeWarnings } from '../validation/cluster/volume-warnings.ts';
import { validateVolume, validateVolumeUpdate } from '../validation/cluster/volumes.ts';
import { checkedBy } from '../validation/hook.ts';

/** pkg/registry/core/persistentvolumeclaim/strategy.go. */
export const PERSISTENT_VOLUME_CLAIM: Partial<Strategy> = {
  defaults: (draft) => defaultClaim(draft as PersistentVolumeClaim),
  prepareForCreate(draft) {
    draft['status'] = { phase: 'Pending' };
    settleSources(specOf(draft), undefined);
  },
  prepareForUpdate(draft, old, { subresource }) {
    if (subresource === '') settleSources(specOf(draft), specOf(old));
  },
  ...checkedBy<PersistentVolumeClaim>({
    create: validateClaim,
    update: validateClaimUpdate,
    parts: { status: validateClaimStatus },
  }),
  warnings: (claim) => (specOf(claim) ? claimWarnings(claim as PersistentVolumeClaim) : []),
};

const specOf = ({ spec }: KubeObject): PersistentVolumeClaimSpec | undefined =>
  spec as PersistentVolumeClaimSpec | undefined;

const SNAPSHOTS = 'snapshot.storage.k8s.io';

/**
 * What pkg/api/persistentvolumeclaim/util.go makes of a claim's two sources: one of another namespace is not served, the old field may
 * only name claims and snapshots, and each of them says what the other does.
 */
function settleSources(spec: PersistentVolumeClaimSpec | undefined, old: PersistentVolumeClaimSpec | undefined): void {
  if (!spec) return;
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const { kind, apiGroup = '' } = spec.dataSource ?? {};
  const known =
    (kind === 'PersistentVolumeClaim' && apiGroup === '') || (kind === 'VolumeSnapshot' && apiGroup === SNAPSHOTS);
  if (!known && !spec.dataSourceRef && !old?.dataSource && !old?.dataSourceRef) delete spec.dataSource;
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...source } = dataSourceRef;
    spec.dataSource = source;
  }
}

/** pkg/registry/core/persistentvolume/strategy.go. */
export const PERSISTENT_VOLUME: Partial<Strategy> = {
  defaults: (draft) => defaultVolume(draft as PersistentVolume),
  prepareForCreate: (draft, { clock }) =>
    void (draft['status'] = { phase: 'Pending', lastPhaseTransitionTime: timestamp(clock) }),
  prepareForUpdate(draft, old, { subresource, clock }) {
    if (subresource === 'status') datePhase(draft as PersistentVolume, old as PersistentVolume, clock);
  },
  ...checkedBy<PersistentVolume>({ create: validateVolume, update: validateVolumeUpdate }),
  warnings: (volume) => (volume['spec'] ? volumeWarnings(volume as PersistentVolume) : []),
};

/** Since when a volume is in its phase, where whoever writes it does not say. */
function datePhase(volume: PersistentVolume, { status: old }: PersistentVolume, clock: Clock): void {
  const { phase, lastPhaseTransitionTime: since } = volume.status ?? {};
  const before = old?.lastPhaseTransitionTime;
  const date = (at: string): void => void (volume.status = { ...volume.status, lastPhaseTransitionTime: at });
  if (phase !== old?.phase) {
    if (since === undefined || since === before) date(timestamp(clock));
  } else if (since === undefined && before !== undefined) date(before);
}
