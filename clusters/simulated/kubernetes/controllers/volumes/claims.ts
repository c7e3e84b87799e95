import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../model/generated/objects.ts';
import { SELECTED_NODE } from '../../scheduler/volume-binding.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, keyOf, splitKey, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { writeStatus, WRITING } from '../status.ts';
import { isFor, mismatch, volumeFor } from './binding.ts';
import { claimKeys, usesClaim } from './claim-users.ts';

const component = 'persistentvolume-controller';
/** `--pvclaimbinder-sync-period`: pending claims are looked at, and told of, again. */
const RESYNC_MS = 15_000;
const PROVISIONER = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner'];
const BOUND = { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' };

/** pkg/controller/volume/persistentvolume: claims find volumes. Nobody provisions new ones here; the events say what is missing. */
export function claimBinder(cluster: Cluster, record: EventRecorder): Controller {
  const claims = cluster.resource('persistentvolumeclaims');
  const volumes = cluster.resource('persistentvolumes');
  const classes = cluster.resource('storageclasses', 'storage.k8s.io');
  const pods = cluster.resource('pods');
  const all = (): readonly PersistentVolume[] => cluster.list(volumes) as readonly PersistentVolume[];

  const pending = (): string[] =>
    (cluster.list(claims) as readonly PersistentVolumeClaim[])
      .filter(({ status }) => status.phase !== 'Bound')
      .map(keyOf);

  async function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { namespace = '', name, uid = '' } = claim.metadata;
    await cluster.modify(
      volumes,
      { namespace: '', name: volume.metadata.name },
      (draft) => {
        const { spec } = draft as PersistentVolume;
        if (isFor(volume, claim) && spec.claimRef?.uid === uid) return false;
        if (spec.claimRef === undefined) {
          const mark = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
          draft.metadata.annotations = { ...draft.metadata.annotations, ...mark };
        }
        const resourceVersion = claim.metadata.resourceVersion ?? '';
        spec.claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
        return true;
      },
      WRITING,
    );
    const bound = (await cluster.modify(
      claims,
      { namespace, name },
      (draft) => {
        draft.metadata.annotations = { ...draft.metadata.annotations, ...BOUND };
        (draft as PersistentVolumeClaim).spec.volumeName = volume.metadata.name;
      },
      WRITING,
    )) as PersistentVolumeClaim | undefined;
    if (bound === undefined) return;
    const { accessModes = [], capacity = {} } = volume.spec;
    await writeStatus(cluster, claims, bound, { ...bound.status, phase: 'Bound', accessModes, capacity });
  }

  const classOf = ({ spec }: PersistentVolumeClaim): StorageClass | undefined =>
    cluster.get(classes, '', spec.storageClassName ?? '') as StorageClass | undefined;

  /** Why a claim stays pending, as an event; whoever is to make its volume is named on it (pv_controller.go provisionClaim). */
  async function tellWaiting(claim: PersistentVolumeClaim): Promise<void> {
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
      record({ about: claim, type, reason, message, component });
    const { volumeName } = claim.spec;
    if (volumeName !== undefined) {
      // Who asks for one volume gets no other; that it is not there, or somebody else's, is told by nobody.
      const named = cluster.get(volumes, '', volumeName) as PersistentVolume | undefined;
      const why = named === undefined || named.spec.claimRef !== undefined ? undefined : mismatch(named, claim);
      const message = `Cannot bind to requested volume "${volumeName}": ${why}`;
      return why === undefined ? undefined : tell('Warning', 'VolumeMismatch', message);
    }
    const found = classOf(claim);
    if (isDelayed(claim, found)) {
      const waiting = (cluster.list(pods, claim.metadata.namespace) as readonly Pod[])
        .filter((pod) => pod.spec.nodeName === undefined && usesClaim(pod, claim.metadata.name))
        .map(({ metadata }) => metadata.name);
      if (waiting.length === 0)
        return tell('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
      const who = `pod${waiting.length > 1 ? 's' : ''} ${waiting.join(',')}`;
      return tell('Normal', 'WaitForPodScheduled', `waiting for ${who} to be scheduled`);
    }
    const name = claim.spec.storageClassName ?? '';
    if (name === '') {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      return tell('Normal', 'FailedBinding', message);
    }
    if (found === undefined)
      return tell('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${name}" not found`);
    const { provisioner } = found;
    // In-tree plug-ins are gone, and this one never made any.
    if (provisioner.startsWith('kubernetes.io/'))
      return tell('Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
    await nameProvisioner(claim, provisioner);
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system ` +
      'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
    return tell('Normal', 'ExternalProvisioning', message);
  }

  async function nameProvisioner({ metadata }: PersistentVolumeClaim, provisioner: string): Promise<void> {
    const names = Object.fromEntries(PROVISIONER.map((annotation) => [annotation, provisioner]));
    await cluster.modify(
      claims,
      { namespace: metadata.namespace ?? '', name: metadata.name },
      (draft) => {
        if (PROVISIONER.every((annotation) => draft.metadata.annotations?.[annotation] === provisioner)) return false;
        draft.metadata.annotations = { ...draft.metadata.annotations, ...names };
        return true;
      },
      WRITING,
    );
  }

  return {
    name: 'persistentvolume-binder',
    watches: [
      watchOwn(claims),
      { resource: volumes, keys: pending },
      { resource: classes, keys: pending },
      { resource: pods, keys: ({ type, object }) => (type === 'ADDED' ? claimKeys(object as Pod) : []) },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const claim = cluster.get(claims, namespace, name) as PersistentVolumeClaim | undefined;
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined;
      if (claim.status.phase === 'Bound') {
        const { volumeName = '' } = claim.spec;
        if (cluster.get(volumes, '', volumeName) !== undefined) return undefined;
        await writeStatus(cluster, claims, claim, { phase: 'Lost' });
        const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
        await record({ about: claim, type: 'Warning', reason: 'ClaimLost', message, component });
        return undefined;
      }
      if (claim.status.phase === 'Lost') return undefined;
      // Where the first consumer decides, the scheduler reserves the volume.
      const free = isDelayed(claim, classOf(claim)) ? all().filter((volume) => isFor(volume, claim)) : all();
      const volume = volumeFor(claim, free);
      if (volume === undefined) {
        await tellWaiting(claim);
        return RESYNC_MS;
      }
      await bind(claim, volume);
      return undefined;
    },
  };
}

/** Whether a pod's node decides about the claim and is not known yet (volume/persistentvolume/util ShouldDelayBinding). */
const isDelayed = ({ metadata }: PersistentVolumeClaim, found: StorageClass | undefined): boolean =>
  found?.volumeBindingMode === 'WaitForFirstConsumer' && metadata.annotations?.[SELECTED_NODE] === undefined;
