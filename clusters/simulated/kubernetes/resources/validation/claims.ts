import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedObjectReference,
} from '../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../model/names.ts';
import { compareQuantities } from '../../model/quantity.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from './field-errors.ts';
import { immutable, sameValue } from './immutable.ts';
import { internalDiff } from './internal-diff.ts';
import { validateLabelSelector } from './labels.ts';
import { quantityOf, validatePositive } from './quantities.ts';

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

/** The modes of a volume or a claim, in upstream's words. */
export function validateAccessModes(modes: readonly string[], field: string, found: Findings): void {
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) found.push(notSupported(field, mode, ACCESS_MODES));
  const shared = modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (shared && modes.includes('ReadWriteOncePod')) {
    found.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
  }
}

/** ValidatePersistentVolumeClaimSpec */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string, found: Findings): void {
  const { accessModes = [], resources, storageClassName, volumeMode, dataSource, dataSourceRef } = spec;
  if (accessModes.length === 0) found.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  validateLabelSelector(spec.selector, `${path}.selector`, found);
  validateAccessModes(accessModes, `${path}.accessModes`, found);
  const storage = resources?.requests?.['storage'];
  if (storage === undefined) found.push(required(`${path}.resources[storage]`));
  else validatePositive(storage, `${path}.resources[storage]`, found);
  className(storageClassName, `${path}.storageClassName`, found);
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    found.push(notSupported(`${path}.volumeMode`, volumeMode, VOLUME_MODES));
  }
  if (dataSource) validateDataSource(dataSource, `${path}.dataSource`, found);
  if (dataSourceRef) validateDataSource(dataSourceRef, `${path}.dataSourceRef`, found);
  if (dataSource && dataSourceRef) {
    if (dataSourceRef.namespace) {
      found.push(invalid(path, `${path}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified'));
    } else if (!sameValue({ ...dataSource }, { ...dataSourceRef })) {
      found.push(invalid(path, `${path}.dataSource`, 'must match dataSourceRef'));
    }
  }
  className(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, found);
}

function className(name: string | undefined, field: string, found: Findings): void {
  if (name) addTexts(found, field, name, dns1123SubdomainErrors(name));
}

function validateDataSource(
  { name, kind, apiGroup, namespace }: TypedObjectReference,
  path: string,
  found: Findings,
): void {
  if (!name) found.push(required(`${path}.name`));
  if (!kind) found.push(required(`${path}.kind`));
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    found.push(invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  if (apiGroup) addTexts(found, `${path}.apiGroup`, apiGroup, dns1123SubdomainErrors(apiGroup));
  if (namespace) addTexts(found, `${path}.namespace`, namespace, dns1123LabelErrors(namespace));
}

/** ValidatePersistentVolumeClaim */
export function validateClaim({ spec }: PersistentVolumeClaim, found: Findings): void {
  validateClaimSpec(spec, 'spec', found);
}

const IMMUTABLE =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** ValidatePersistentVolumeClaimUpdate */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, found: Findings): void {
  validateClaim(claim, found);
  const before = { ...old.spec };
  const after = { ...claim.spec };
  // A volume is bound once; a claim that never said its class may say it later.
  if (!before.volumeName && after.volumeName !== undefined) before.volumeName = after.volumeName;
  if (before.storageClassName === undefined && after.storageClassName !== undefined) {
    before.storageClassName = after.storageClassName;
  }
  const bound = claim.status?.phase === 'Bound';
  if (bound) {
    const storage = before.resources?.requests?.['storage'];
    if (after.resources?.requests && storage !== undefined) {
      after.resources = { ...after.resources, requests: { ...after.resources.requests, storage } };
    }
    if (after.volumeAttributesClassName !== undefined) {
      if (before.volumeAttributesClassName === undefined) delete after.volumeAttributesClassName;
      else after.volumeAttributesClassName = before.volumeAttributesClassName;
    }
  }
  if (!sameValue(before, after)) {
    const diff = internalDiff(before, after, 'io.k8s.api.core.v1.PersistentVolumeClaimSpec');
    found.push(forbidden('spec', `${IMMUTABLE}\n${diff}`));
  }
  const size = quantityOf(claim.spec.resources?.requests?.['storage'] ?? '0');
  const oldSize = quantityOf(old.spec.resources?.requests?.['storage'] ?? '0');
  const capacity = quantityOf(old.status?.capacity?.['storage'] ?? '0');
  if (compareQuantities(size, oldSize) < 0 && compareQuantities(size, capacity) <= 0) {
    found.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  immutable(claim.spec.volumeMode, old.spec.volumeMode, 'volumeMode', found);
  const attributes = claim.spec.volumeAttributesClassName;
  if (old.spec.volumeAttributesClassName === undefined || attributes === old.spec.volumeAttributesClassName) return;
  const field = 'spec.volumeAttributesClassName';
  if (attributes === undefined) found.push(forbidden(field, 'update from non-nil value to nil is forbidden'));
  else if (attributes === '') found.push(forbidden(field, 'update from non-nil value to an empty string is forbidden'));
}
