import type { PersistentVolume, PersistentVolumeSpec } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
import { validateAccessModes, VOLUME_MODES } from '../claims.ts';
import { addTexts, forbidden, notSupported, required, type Findings } from '../field-errors.ts';
import { immutable, sameValue } from '../immutable.ts';
import { internalDiff } from '../internal-diff.ts';
import { validateNoBacksteps } from '../paths.ts';
import { validateNodeSelector } from '../pods/node-selectors.ts';
import { validatePositive } from '../quantities.ts';
import { sharedSources } from '../volume-sources.ts';

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
const SPEC = 'io.k8s.api.core.v1.PersistentVolumeSpec';

/** Kinds of volumes in upstream's order. */
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const;

/** ValidatePersistentVolumeSpec of pkg/apis/core/validation. */
export function validateVolume({ spec }: PersistentVolume, found: Findings): void {
  const { accessModes = [], capacity = {}, persistentVolumeReclaimPolicy: policy, nodeAffinity } = spec;
  if (accessModes.length === 0) found.push(required('spec.accessModes'));
  validateAccessModes(accessModes, 'spec.accessModes', found);
  const amounts = Object.entries(capacity);
  if (amounts.length === 0) found.push(required('spec.capacity'));
  if (capacity['storage'] === undefined || amounts.length > 1) {
    found.push(notSupported('spec.capacity', capacity, ['storage']));
  }
  for (const [name, amount] of amounts) validatePositive(amount, `spec.capacity[${name}]`, found);
  if (policy && !RECLAIM_POLICIES.includes(policy)) {
    found.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM_POLICIES));
  }
  if (nodeAffinity && !nodeAffinity.required) {
    found.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  } else if (nodeAffinity?.required) validateNodeSelector(nodeAffinity.required, 'spec.nodeAffinity.required', found);
  validateSource(spec, found);
  if (spec.hostPath?.path === '/' && policy === 'Recycle') {
    found.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  }
  if (spec.storageClassName) {
    addTexts(found, 'spec.storageClassName', spec.storageClassName, dns1123SubdomainErrors(spec.storageClassName));
  }
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) {
    found.push(notSupported('spec.volumeMode', spec.volumeMode, VOLUME_MODES));
  }
}

function validateSource(spec: PersistentVolumeSpec, found: Findings): void {
  let first = true;
  for (const kind of SOURCES) {
    const source = spec[kind];
    if (!source) continue;
    if (!first) {
      found.push(forbidden(`spec.${kind}`, 'may not specify more than 1 volume type'));
      continue;
    }
    first = false;
    if (kind === 'local') validateLocal(spec, found);
    else sharedSources[kind]?.(source, `spec.${kind}`, found);
  }
  if (first) found.push(required('spec', 'must specify a volume type'));
}

function validateLocal({ local, nodeAffinity }: PersistentVolumeSpec, found: Findings): void {
  if (!local?.path) found.push(required('spec.local.path'));
  else validateNoBacksteps(local.path, 'spec.local.path', found);
  if (!nodeAffinity) found.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
}

const sourceOf = (spec: PersistentVolumeSpec): object =>
  Object.fromEntries(SOURCES.filter((kind) => spec[kind]).map((kind) => [kind, spec[kind]]));

/** ValidatePersistentVolumeUpdate: what it is a volume of stays. */
export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume, found: Findings): void {
  validateVolume(volume, found);
  const [after, before] = [sourceOf(volume.spec), sourceOf(old.spec)];
  if (!sameValue(after, before)) {
    const text = 'spec.persistentvolumesource is immutable after creation';
    found.push(forbidden('spec.persistentvolumesource', `${text}\n${internalDiff(before, after, SPEC)}`));
  }
  immutable(volume.spec.volumeMode, old.spec.volumeMode, 'volumeMode', found);
  if (old.spec.nodeAffinity) immutable(volume.spec.nodeAffinity, old.spec.nodeAffinity, 'nodeAffinity', found);
}
