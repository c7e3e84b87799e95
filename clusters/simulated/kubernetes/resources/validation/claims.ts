import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedObjectReference,
} from '../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, qualifiedNameErrors } from '../../model/names.ts';
import { compareQuantities } from '../../model/quantity.ts';
import { STORAGE_CLASS_ANNOTATION } from './claim-warnings.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from './field-errors.ts';
import { immutable, sameValue } from './immutable.ts';
import { internalDiff } from './internal-diff.ts';
import { validateLabelSelector } from './labels.ts';
import { quantityOf, validateAmount, validateBasic, validatePositive } from './quantities.ts';
import { isNative } from './resource-names.ts';

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
  else if (validatePositive(storage, `${path}.resources[storage]`, found)) {
    validateAmount('storage', storage, `${path}.resources[storage]`, found);
  }
  className(storageClassName, `${path}.storageClassName`, found);
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    found.push(notSupported(`${path}.volumeMode`, volumeMode, VOLUME_MODES));
  }
  if (dataSource) validateDataSource(dataSource, `${path}.dataSource`, found);
  if (dataSourceRef) validateDataSource(dataSourceRef, `${path}.dataSourceRef`, found);
  if (dataSource && dataSourceRef) {
    // The value is the path of dataSource, which has nothing to show.
    if (dataSourceRef.namespace) {
      found.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'));
    } else if (!sameValue({ ...dataSource }, { ...dataSourceRef })) {
      found.push(invalid(path, {}, 'must match dataSourceRef'));
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
  // Upstream looks twice.
  validateClaim(claim, found);
  validateClaim(claim, found);
  const before = { ...old.spec };
  const after = { ...claim.spec };
  // A volume is bound once.
  if (!before.volumeName && after.volumeName !== undefined) before.volumeName = after.volumeName;
  settleClass(claim, old, after, found);
  if (claim.status?.phase === 'Bound') {
    const storage = before.resources?.requests?.['storage'];
    if (after.resources?.requests && storage !== undefined) {
      after.resources = { ...after.resources, requests: { ...after.resources.requests, storage } };
    }
    if (before.volumeAttributesClassName === undefined) delete after.volumeAttributesClassName;
    else after.volumeAttributesClassName = before.volumeAttributesClassName;
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
  if (old.status?.currentVolumeAttributesClassName === undefined || attributes === old.spec.volumeAttributesClassName) {
    return;
  }
  const unless = 'is forbidden when status.currentVolumeAttributesClassName is not nil';
  const field = 'spec.volumeAttributesClassName';
  if (attributes === undefined) found.push(forbidden(field, `update to nil ${unless}`));
  else if (attributes === '') found.push(forbidden(field, `update to empty string ${unless}`));
}

/** A claim that never said its class may say it later; one that says it in the old annotation may move it to the field. */
function settleClass(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  after: PersistentVolumeClaimSpec,
  found: Findings,
): void {
  const name = claim.spec.storageClassName;
  const annotated = claim.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const before = old.metadata.annotations?.[STORAGE_CLASS_ANNOTATION];
  const isFirst = name !== undefined && old.spec.storageClassName === undefined;
  const isMoved = isFirst && name === before && (annotated === undefined || annotated === before);
  if (!isMoved) immutable(annotated ?? '', before ?? '', `metadata.annotations.${STORAGE_CLASS_ANNOTATION}`, found);
  if (isFirst && (before === undefined || name === before)) delete after.storageClassName;
}

const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

/** ValidatePersistentVolumeClaimStatusUpdate */
export function validateClaimStatus(
  { status }: PersistentVolumeClaim,
  _old: PersistentVolumeClaim,
  found: Findings,
): void {
  for (const [name, amount] of Object.entries(status.capacity ?? {})) {
    validateBasic(amount, `status.capacity[${name}]`, found);
  }
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    const field = 'status.allocatedResourceStatuses';
    validateResizedName(name, field, found);
    if (!RESIZE_STATUSES.includes(state)) found.push(notSupported(field, name, RESIZE_STATUSES));
  }
  for (const [name, amount] of Object.entries(status.allocatedResources ?? {})) {
    const field = 'status.allocatedResources';
    if (!validateResizedName(name, field, found)) continue;
    const wrong: Findings = [];
    validateBasic(amount, `${field}[${name}]`, wrong);
    if (wrong.length === 0) validateAmount('storage', amount, `${field}[${name}]`, wrong);
    found.push(...wrong);
  }
}

/** validatePersistentVolumeClaimResourceKey */
function validateResizedName(name: string, field: string, found: Findings): boolean {
  const texts = qualifiedNameErrors(name);
  addTexts(found, field, name, texts);
  const isForeign = texts.length === 0 && isNative(name) && name !== 'storage';
  if (isForeign) found.push(notSupported(field, name, ['storage']));
  return texts.length === 0 && !isForeign;
}
