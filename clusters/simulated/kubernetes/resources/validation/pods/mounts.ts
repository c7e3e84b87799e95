import type { Container, VolumeMount } from '../../../model/generated/objects.ts';
import { forbidden, invalid, notFound, notSupported, required, type Findings } from '../field-errors.ts';
import { validateDescendingPath } from '../paths.ts';
import type { PodContext } from './pod-context.ts';

type Mounting = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>;

/** ValidateVolumeMounts and ValidateVolumeDevices of pkg/apis/core/validation. Some paths lack the index there, so here too. */
export function validateMounts(container: Mounting, { volumes }: PodContext, path: string, found: Findings): void {
  const { volumeMounts = [], volumeDevices = [] } = container;
  const devices = new Map(volumeDevices.map(({ name, devicePath }) => [name, devicePath]));
  const mounts = new Map(volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
  const devicePaths = new Set(devices.values());
  const list = `${path}.volumeMounts`;
  const seen = new Set<string>();
  for (const [i, mount] of volumeMounts.entries()) {
    const at = `${list}[${i}]`;
    const { name = '', mountPath = '' } = mount as Partial<typeof mount>;
    if (!name) found.push(required(`${at}.name`));
    if (!volumes.has(name)) found.push(notFound(`${at}.name`, name));
    if (!mountPath) found.push(required(`${at}.mountPath`));
    if (seen.has(mountPath)) found.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'));
    seen.add(mountPath);
    if (devices.has(name)) found.push(invalid(`${at}.name`, name, 'must not already exist in volumeDevices'));
    if (devicePaths.has(mountPath)) {
      found.push(invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    }
    if (mount.subPath) validateDescendingPath(mount.subPath, `${list}.subPath`, found);
    if (mount.subPathExpr) {
      if (mount.subPath) {
        found.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      }
      validateDescendingPath(mount.subPathExpr, `${list}.subPathExpr`, found);
    }
    validatePropagation(mount, container.securityContext?.privileged === true, `${list}.mountPropagation`, found);
    validateRecursiveReadOnly(mount, `${list}.recursiveReadOnly`, found);
  }
  validateDevices(volumeDevices, { volumes, mounts }, `${path}.volumeDevices`, found);
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];

function validatePropagation(
  { mountPropagation }: VolumeMount,
  privileged: boolean,
  field: string,
  found: Findings,
): void {
  if (mountPropagation === undefined) return;
  if (!PROPAGATIONS.includes(mountPropagation)) found.push(notSupported(field, mountPropagation, PROPAGATIONS));
  if (mountPropagation === 'Bidirectional' && !privileged) {
    found.push(forbidden(field, 'Bidirectional mount propagation is available only to privileged containers'));
  }
}

const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible'];

function validateRecursiveReadOnly(mount: VolumeMount, field: string, found: Findings): void {
  const { recursiveReadOnly, readOnly, mountPropagation } = mount;
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  if (!RECURSIVE.includes(recursiveReadOnly)) return void found.push(notSupported(field, recursiveReadOnly, RECURSIVE));
  if (readOnly !== true) found.push(forbidden(field, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    found.push(forbidden(field, 'may only be specified when mountPropagation is None or not specified'));
  }
}

interface Around {
  readonly volumes: PodContext['volumes'];
  /** Paths of mounts by volume. */
  readonly mounts: ReadonlyMap<string, string>;
}

function validateDevices(
  devices: readonly { name: string; devicePath: string }[],
  { volumes, mounts }: Around,
  list: string,
  found: Findings,
): void {
  const paths = new Set<string>();
  const names = new Set<string>();
  const mountPaths = new Set(mounts.values());
  for (const [i, { name = '', devicePath = '' }] of devices.entries()) {
    const at = `${list}[${i}]`;
    const volume = volumes.get(name);
    if (!name) found.push(required(`${at}.name`));
    if (names.has(name)) found.push(invalid(`${at}.name`, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      const why = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      found.push(invalid(`${at}.name`, name, why));
    }
    if (!volume) found.push(notFound(`${at}.name`, name));
    if (!devicePath) found.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) found.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'));
    if (devicePath.split('/').includes('..')) {
      found.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    } else paths.add(devicePath);
    if (mounts.has(name)) found.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
    if (mountPaths.has(devicePath)) {
      found.push(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    if (name) names.add(name);
  }
}
