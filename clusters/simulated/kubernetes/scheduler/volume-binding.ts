import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../model/generated/objects.ts';
import { keyOf } from '../controllers/controller.ts';
import { controllerOf } from '../controllers/ownership.ts';
import { volumeFor } from '../controllers/volumes/binding.ts';
import { termHolds } from './node-selection.ts';
import { type Filter, forGood, forNow, type Rejection } from './rejection.ts';
import type { VolumeView } from './snapshot.ts';

/** The node that the scheduler chose for a claim whose class waits for its first consumer. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** What has to be written before a pod may go to a node: volumes for claims, and claims whose volume is to be made there. */
export interface VolumePlan {
  readonly bind: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provision: readonly PersistentVolumeClaim[];
}

/** Names of the claims that a pod uses, those of its generic ephemeral volumes too. */
export const claimNames = ({ metadata, spec }: Pod): { name: string; isEphemeral: boolean }[] =>
  (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claimName = persistentVolumeClaim?.claimName ?? `${metadata.name}-${name}`;
    const isClaim = persistentVolumeClaim !== undefined || ephemeral !== undefined;
    return isClaim ? [{ name: claimName, isEphemeral: persistentVolumeClaim === undefined }] : [];
  });

const claimsOf = (pod: Pod, volumes: VolumeView): PersistentVolumeClaim[] =>
  claimNames(pod).flatMap(({ name }) => volumes.claim(pod.metadata.namespace ?? '', name) ?? []);

/** What keeps a pod from every node because of its claims (plugins/volumebinding PreFilter); undefined for nothing. */
export function claimProblem(pod: Pod, volumes: VolumeView): string | undefined {
  for (const { name, isEphemeral } of claimNames(pod)) {
    const claim = volumes.claim(pod.metadata.namespace ?? '', name);
    if (claim === undefined) {
      return isEphemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`;
    }
    if (isEphemeral && controllerOf(claim)?.uid !== pod.metadata.uid)
      return `PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`;
    if (claim.status?.phase === 'Lost')
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`;
    if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  }
  const isStuck = (claim: PersistentVolumeClaim): boolean => !isBound(claim) && !waits(claim, volumes);
  return claimsOf(pod, volumes).some(isStuck) ? 'pod has unbound immediate PersistentVolumeClaims' : undefined;
}

const isBound = ({ spec, status }: PersistentVolumeClaim): boolean =>
  spec.volumeName !== undefined && status?.phase === 'Bound';

const waits = ({ spec }: PersistentVolumeClaim, volumes: VolumeView): boolean =>
  volumes.storageClass(spec.storageClassName ?? '')?.volumeBindingMode === 'WaitForFirstConsumer';

const allows = ({ spec }: PersistentVolume, node: Node): boolean =>
  spec.nodeAffinity?.required?.nodeSelectorTerms.some((term) => termHolds(term, node)) ?? true;

/** plugins/volumebinding/binder.go FindPodVolumes: how the pod's claims would be met on that node, or why they cannot be. */
export function planVolumes(pod: Pod, node: Node, volumes: VolumeView): VolumePlan | Rejection {
  const bind: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
  const provision: PersistentVolumeClaim[] = [];
  const reasons = new Set<string>();
  for (const claim of claimsOf(pod, volumes)) {
    if (isBound(claim)) {
      const volume = volumes.volume(claim.spec.volumeName ?? '');
      if (volume === undefined)
        reasons.add('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
      else if (!allows(volume, node)) reasons.add("node(s) didn't match PersistentVolume's node affinity");
      continue;
    }
    const chosen = claim.metadata.annotations?.[SELECTED_NODE];
    const free = volumes
      .all()
      .filter((volume) => allows(volume, node) && bind.every((other) => other.volume !== volume));
    const volume = chosen === undefined ? volumeFor(claim, free) : undefined;
    if (volume !== undefined) bind.push({ claim, volume });
    else if ((chosen ?? node.metadata.name) === node.metadata.name && isMadeFor(claim, node, volumes))
      provision.push(claim);
    else reasons.add("node(s) didn't find available persistent volumes to bind");
  }
  return reasons.size > 0 ? forGood(...reasons) : { bind, provision };
}

/** Whether the claim's class has somebody who makes volumes, and for that node (binder.go checkVolumeProvisions). */
function isMadeFor({ spec }: PersistentVolumeClaim, node: Node, volumes: VolumeView): boolean {
  const found = volumes.storageClass(spec.storageClassName ?? '');
  if (found === undefined || found.provisioner === '' || found.provisioner === NO_PROVISIONER) return false;
  const terms = found.allowedTopologies ?? [];
  const labels = node.metadata.labels ?? {};
  return (
    terms.length === 0 ||
    terms.some(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '')),
    )
  );
}

/** plugins/volumebinding. */
export const volumeBinding: Filter = (pod, { node }, { volumes }) => {
  const plan = planVolumes(pod, node, volumes);
  return 'reasons' in plan ? plan : undefined;
};

const ZONES = [
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
];

/** plugins/volumezone: a node that tells its zone takes volumes of that zone alone. */
export const volumeZone: Filter = (pod, { node }, { volumes }) => {
  const labels = node.metadata.labels ?? {};
  if (ZONES.every((zone) => labels[zone] === undefined)) return undefined;
  const isElsewhere = (claim: PersistentVolumeClaim): boolean => {
    const ofVolume = volumes.volume(claim.spec.volumeName ?? '')?.metadata.labels ?? {};
    return ZONES.some((zone) => {
      const zones = ofVolume[zone]?.split('__');
      return zones !== undefined && !zones.includes(labels[zone] ?? '');
    });
  };
  return claimsOf(pod, volumes).some(isElsewhere) ? forGood('node(s) had no available volume zone') : undefined;
};

/** plugins/volumerestrictions: a claim for one pod alone is used by no second one, on whatever node. */
export const volumeRestrictions: Filter = (pod, _info, { nodes, volumes }) => {
  const alone = claimsOf(pod, volumes).filter(({ spec }) => spec.accessModes?.includes('ReadWriteOncePod') === true);
  const isTaken = ({ metadata }: PersistentVolumeClaim): boolean =>
    nodes.some(({ pods }) =>
      pods.some(
        (other) =>
          other.metadata.namespace === metadata.namespace &&
          claimNames(other).some(({ name }) => name === metadata.name),
      ),
    );
  return alone.some(isTaken)
    ? forNow('node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode')
    : undefined;
};
