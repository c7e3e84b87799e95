import type { StorageClass, TopologySelectorTerm, VolumeAttributesClass } from '../../../model/generated/objects.ts';
import { qualifiedNameErrors } from '../../../model/names.ts';
import {
  addTexts,
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  type Findings,
} from '../field-errors.ts';
import { immutable, sameValue } from '../immutable.ts';
import { validateLabelName } from '../labels.ts';

const RECLAIM_POLICIES = ['Delete', 'Retain'];
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];
const MOST_PARAMETERS = 512;
const MOST_PARAMETER_BYTES = 256 * 1024;

/** ValidateStorageClass of pkg/apis/storage/validation. */
export function validateStorageClass(storageClass: StorageClass, found: Findings): void {
  const { provisioner, parameters, reclaimPolicy = '', volumeBindingMode, allowedTopologies = [] } = storageClass;
  validateProvisioner(provisioner, 'provisioner', found);
  validateParameters(parameters, found);
  if (reclaimPolicy !== '' && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    found.push(notSupported('reclaimPolicy', reclaimPolicy, RECLAIM_POLICIES));
  }
  if (volumeBindingMode === undefined) found.push(required('volumeBindingMode'));
  else if (!BINDING_MODES.includes(volumeBindingMode)) {
    found.push(notSupported('volumeBindingMode', volumeBindingMode, BINDING_MODES));
  }
  validateTopologies(allowedTopologies, found);
}

/** ValidateStorageClassUpdate */
export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass, found: Findings): void {
  validateStorageClass(storageClass, found);
  frozen(storageClass, old, ['parameters', 'provisioner', 'reclaimPolicy'], found);
  immutable(storageClass.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode', found);
}

/** ValidateVolumeAttributesClass */
export function validateAttributesClass({ driverName, parameters }: VolumeAttributesClass, found: Findings): void {
  validateProvisioner(driverName, 'driverName', found);
  validateParameters(parameters, found);
  if (Object.keys(parameters ?? {}).length === 0) {
    found.push(required('parameters', 'must contain at least one key/value pair'));
  }
}

/** ValidateVolumeAttributesClassUpdate */
export function validateAttributesClassUpdate(
  attributes: VolumeAttributesClass,
  old: VolumeAttributesClass,
  found: Findings,
): void {
  frozen(attributes, old, ['driverName', 'parameters'], found);
  validateAttributesClass(attributes, found);
}

function frozen<T extends object>(object: T, old: T, fields: readonly (keyof T & string)[], found: Findings): void {
  for (const field of fields) {
    if (!sameValue(object[field], old[field])) found.push(forbidden(field, `updates to ${field} are forbidden.`));
  }
}

function validateProvisioner(name: string | undefined, field: string, found: Findings): void {
  if (!name) found.push(required(field));
  else addTexts(found, field, name.toLowerCase(), qualifiedNameErrors(name.toLowerCase()));
}

function validateParameters(parameters: Readonly<Record<string, string>> = {}, found: Findings): void {
  const entries = Object.entries(parameters);
  if (entries.length > MOST_PARAMETERS) return void found.push(tooLong('parameters', MOST_PARAMETERS));
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') found.push(invalid('parameters', key, 'field can not be empty.'));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > MOST_PARAMETER_BYTES) found.push(tooLong('parameters', MOST_PARAMETER_BYTES));
}

/** validateAllowedTopologies and ValidateTopologySelectorTerm. */
function validateTopologies(topologies: readonly TopologySelectorTerm[], found: Findings): void {
  const seen = new Set<string>();
  for (const [i, { matchLabelExpressions: expressions = [] }] of topologies.entries()) {
    const path = `allowedTopologies[${i}].matchLabelExpressions`;
    const values = new Map<string, string[]>();
    for (const [j, { key, values: list = [] }] of expressions.entries()) {
      const at = `${path}[${j}]`;
      if (list.length === 0) found.push(required(`${at}.values`));
      for (const [k, value] of list.entries()) {
        if (list.indexOf(value) < k) found.push(duplicate(`${at}.values[${k}]`, value));
      }
      validateLabelName(key, `${at}.key`, found);
      if (values.has(key)) found.push(duplicate(`${at}.key`, key));
      values.set(key, [...new Set(list)].sort());
    }
    const term = JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (seen.has(term)) found.push(duplicate(path, ''));
    seen.add(term);
  }
}
