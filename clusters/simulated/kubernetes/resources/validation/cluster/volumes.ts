import { posix } from 'node:path';
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors } from '../../../model/names.ts';
import { validateAccessModes, VOLUME_MODES } from '../claims.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { immutable, sameValue } from '../immutable.ts';
import { internalDiff } from '../internal-diff.ts';
import { internalValue } from '../internal-values.ts';
import { validateNodeSelector } from '../pods/node-selectors.ts';
import { validateBasic, validatePositive } from '../quantities.ts';
import { validateIscsi, volumeSources } from './volume-sources.ts';

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
const CORE = 'io.k8s.api.core.v1.';

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
export function validateVolume({ metadata, spec }: PersistentVolume, found: Findings): void {
  const { accessModes = [], capacity, persistentVolumeReclaimPolicy: policy, nodeAffinity } = spec;
  if (accessModes.length === 0) found.push(required('spec.accessModes'));
  validateAccessModes(accessModes, 'spec.accessModes', found);
  const amounts = Object.entries(capacity ?? {});
  if (amounts.length === 0) found.push(required('spec.capacity'));
  if (capacity?.['storage'] === undefined || amounts.length > 1) {
    found.push(notSupported('spec.capacity', capacity, ['storage']));
  }
  for (const [name, amount] of amounts) {
    validateBasic(amount, `spec.capacity[${name}]`, found);
    validatePositive(amount, `spec.capacity[${name}]`, found);
  }
  if (policy && !RECLAIM_POLICIES.includes(policy)) {
    found.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM_POLICIES));
  }
  if (nodeAffinity && !nodeAffinity.required) {
    found.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
  } else if (nodeAffinity?.required) validateNodeSelector(nodeAffinity.required, 'spec.nodeAffinity.required', found);
  validateSource(spec, metadata.name, found);
  if (spec.hostPath && posix.normalize(spec.hostPath.path) === '/' && policy === 'Recycle') {
    found.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  }
  const { storageClassName: className, volumeAttributesClassName: attributes, volumeMode } = spec;
  if (className) addTexts(found, 'spec.storageClassName', className, dns1123SubdomainErrors(className));
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    found.push(notSupported('spec.volumeMode', volumeMode, VOLUME_MODES));
  }
  if (attributes === undefined) return;
  const field = 'spec.volumeAttributesClassName';
  if (attributes === '') found.push(required(field, 'an empty string is disallowed'));
  else addTexts(found, field, attributes, dns1123SubdomainErrors(attributes));
  if (!spec.csi) found.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
}

/** Where upstream calls a source by another name: what it is when it is one too many, and what it is otherwise. */
const SURPLUS: Readonly<Record<string, string>> = { cephfs: 'cephFS' };
const FIRST: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };

function validateSource(spec: PersistentVolumeSpec, name: string, found: Findings): void {
  let first = true;
  for (const kind of SOURCES) {
    const source = spec[kind];
    if (!source) continue;
    const path = `spec.${FIRST[kind] ?? kind}`;
    // One of a flex driver is looked at beside any other.
    if (!first && kind !== 'flexVolume') {
      found.push(forbidden(`spec.${SURPLUS[kind] ?? kind}`, 'may not specify more than 1 volume type'));
      continue;
    }
    first = false;
    if (kind === 'iscsi' && spec.iscsi) validateIscsi(spec.iscsi, name, path, found);
    else volumeSources[kind]?.(source, path, found);
    if (kind === 'local' && !spec.nodeAffinity) {
      found.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
    }
  }
  if (first) found.push(required('spec', 'must specify a volume type'));
}

const sourceOf = (spec: PersistentVolumeSpec): object =>
  Object.fromEntries(SOURCES.filter((kind) => spec[kind]).map((kind) => [kind, spec[kind]]));

/** The secret for a larger volume may be named later, once. */
function withoutNewSecret(spec: PersistentVolumeSpec, { csi: before }: PersistentVolumeSpec): PersistentVolumeSpec {
  if (!before || before.controllerExpandSecretRef || !spec.csi) return spec;
  const { controllerExpandSecretRef: _, ...csi } = spec.csi;
  return { ...spec, csi };
}

/** ValidatePersistentVolumeUpdate: what it is a volume of stays. */
export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume, found: Findings): void {
  validateVolume(volume, found);
  const [after, before] = [sourceOf(withoutNewSecret(volume.spec, old.spec)), sourceOf(old.spec)];
  if (!sameValue(after, before)) {
    const text = 'spec.persistentvolumesource is immutable after creation';
    const diff = internalDiff(before, after, `${CORE}PersistentVolumeSpec`);
    found.push(forbidden('spec.persistentvolumesource', `${text}\n${diff}`));
  }
  immutable(volume.spec.volumeMode, old.spec.volumeMode, 'volumeMode', found);
  validateAffinityUpdate(volume.spec.nodeAffinity, old.spec.nodeAffinity, found);
  if (old.spec.volumeAttributesClassName !== undefined && volume.spec.volumeAttributesClassName === undefined) {
    found.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  }
}

/** What the labels of nodes were called in beta. */
const GENERAL: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

/** validatePvNodeAffinity: it is said once, but its labels may come of age. */
function validateAffinityUpdate(
  affinity: VolumeNodeAffinity | undefined,
  old: VolumeNodeAffinity | undefined,
  found: Findings,
): void {
  if (!old || sameValue(grown(affinity, old), old)) return;
  const value = internalValue(affinity, `${CORE}VolumeNodeAffinity`);
  found.push(invalid('nodeAffinity', value, 'field is immutable, except for updating from beta label to GA'));
}

/** An affinity with the old names where only the name became another. */
const grown = (affinity: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity): VolumeNodeAffinity | undefined =>
  affinity?.required && {
    ...affinity,
    required: {
      ...affinity.required,
      nodeSelectorTerms: affinity.required.nodeSelectorTerms.map((term, i) => ({
        ...term,
        matchExpressions: (term.matchExpressions ?? []).map((expression, j) => {
          const key = old.required?.nodeSelectorTerms[i]?.matchExpressions?.[j]?.key;
          return key !== undefined && GENERAL[key] === expression.key ? { ...expression, key } : expression;
        }),
      })),
    },
  };
