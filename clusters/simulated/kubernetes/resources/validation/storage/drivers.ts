import type { CSIDriver, CSINode, CSINodeDriver, CSIStorageCapacity } from '../../../model/generated/objects.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../model/names.ts';
import { compareQuantities, parseQuantity } from '../../../model/quantity.ts';
import { addTexts, duplicate, invalid, notSupported, required, tooLong, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { internalValue } from '../internal-values.ts';
import { validateLabelSelector } from '../labels.ts';
import { validateNonNegative } from '../numbers.ts';
import { quantityOf } from '../quantities.ts';

const FS_GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const LIFECYCLE_MODES = ['Persistent', 'Ephemeral'];
const LONGEST_NAME = 63;
const LONGEST_NODE_ID = 256;
/** Seconds. */
const SHORTEST_TOKEN = 600;
const LONGEST_TOKEN = 2 ** 32;
const SHORTEST_PERIOD = 10;

/** ValidateCSIDriverName of pkg/apis/core/validation. */
export function validateDriverName(name: string | undefined, field: string, found: Findings): void {
  if (!name) found.push(required(field));
  if ((name ?? '').length > LONGEST_NAME) found.push(tooLong(field, LONGEST_NAME));
  addTexts(found, field, name ?? '', dns1123SubdomainErrors((name ?? '').toLowerCase()));
}

/** ValidateCSIDriver of pkg/apis/storage/validation; what upstream requires has a default. */
export function validateDriver({ spec }: CSIDriver, found: Findings): void {
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [], nodeAllocatableUpdatePeriodSeconds } = spec;
  if (fsGroupPolicy !== undefined && !FS_GROUP_POLICIES.includes(fsGroupPolicy)) {
    found.push(notSupported('spec.fsGroupPolicy', fsGroupPolicy, FS_GROUP_POLICIES));
  }
  const audiences = new Set<string>();
  for (const [i, { audience = '', expirationSeconds: seconds }] of tokenRequests.entries()) {
    const at = `spec.tokenRequests[${i}]`;
    if (audiences.has(audience)) {
      found.push(duplicate(`${at}.audience`, audience));
      continue;
    }
    audiences.add(audience);
    const say = (why: string): void => void found.push(invalid(`${at}.expirationSeconds`, seconds, why));
    if (seconds !== undefined && seconds < SHORTEST_TOKEN) say('may not specify a duration less than 10 minutes');
    if (seconds !== undefined && seconds > LONGEST_TOKEN) say('may not specify a duration larger than 2^32 seconds');
  }
  for (const mode of volumeLifecycleModes) {
    if (!LIFECYCLE_MODES.includes(mode)) found.push(notSupported('spec.volumeLifecycleModes', mode, LIFECYCLE_MODES));
  }
  if (nodeAllocatableUpdatePeriodSeconds !== undefined && nodeAllocatableUpdatePeriodSeconds < SHORTEST_PERIOD) {
    const why = 'must be greater than or equal to 10 seconds';
    found.push(invalid('spec.nodeAllocatableUpdatePeriodSeconds', nodeAllocatableUpdatePeriodSeconds, why));
  }
}

/** ValidateCSIDriverUpdate; `attachedRequired` is upstream's path. */
export function validateDriverUpdate(driver: CSIDriver, old: CSIDriver, found: Findings): void {
  validateDriver(driver, found);
  immutable(driver.spec.attachRequired ?? false, old.spec.attachRequired ?? false, 'spec.attachedRequired', found);
  const modes = 'spec.volumeLifecycleModes';
  immutable(driver.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, modes, found);
}

/** ValidateCSINode */
export function validateNodeDrivers({ spec }: CSINode, found: Findings): void {
  const names = new Set<string>();
  for (const [i, driver] of (spec.drivers ?? []).entries()) {
    const { name, nodeID, allocatable } = driver;
    const topologyKeys = driver.topologyKeys ?? [];
    const at = `spec.drivers[${i}]`;
    validateDriverName(name, `${at}.name`, found);
    if (!nodeID) found.push(required(`${at}.nodeID`));
    else if (nodeID.length > LONGEST_NODE_ID) {
      found.push(invalid(`${at}.nodeID`, nodeID, `must be ${LONGEST_NODE_ID} characters or less`));
    }
    validateNonNegative(allocatable?.count, `${at}.allocatable.count`, found);
    if (names.has(name)) found.push(duplicate(`${at}.name`, name));
    names.add(name);
    for (const [j, key] of topologyKeys.entries()) {
      if (key === '') found.push(required(at));
      if (topologyKeys.indexOf(key) < j) found.push(duplicate(at, key));
      addTexts(found, at, key, qualifiedNameErrors(key));
    }
  }
}

/** ValidateCSINodeUpdate: a driver changes nothing but how many volumes it takes. */
export function validateNodeDriversUpdate(node: CSINode, old: CSINode, found: Findings): void {
  validateNodeDrivers(node, found);
  const fixed = (driver: CSINodeDriver): CSINodeDriver => {
    const { allocatable: _allocatable, ...rest } = driver;
    return rest;
  };
  for (const before of old.spec.drivers ?? []) {
    const after = (node.spec.drivers ?? []).find(({ name }) => name === before.name);
    if (!after) continue;
    const shown = internalValue(fixed(after), 'io.k8s.api.storage.v1.CSINodeDriver');
    immutable(fixed(after), fixed(before), 'spec.drivers', found, shown);
  }
}

/** ValidateCSIStorageCapacity */
export function validateCapacity(capacity: CSIStorageCapacity, found: Findings): void {
  const { nodeTopology, storageClassName = '', capacity: amount } = capacity as Partial<CSIStorageCapacity>;
  validateLabelSelector(nodeTopology, 'nodeTopology', found);
  addTexts(found, 'storageClassName', storageClassName, dns1123SubdomainErrors(storageClassName));
  if (amount !== undefined && compareQuantities(quantityOf(amount), parseQuantity('0')) < 0) {
    found.push(invalid('capacity', amount, 'must be greater than or equal to 0'));
  }
}

/** ValidateCSIStorageCapacityUpdate: what the driver was asked for stays. */
export function validateCapacityUpdate(capacity: CSIStorageCapacity, old: CSIStorageCapacity, found: Findings): void {
  validateCapacity(capacity, found);
  immutable(capacity.nodeTopology, old.nodeTopology, 'nodeTopology', found);
  immutable(capacity.storageClassName, old.storageClassName, 'storageClassName', found);
}
