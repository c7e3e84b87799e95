import type { Volume } from '../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../model/names.ts';
import { addTexts, invalid, notSupported, required, tooLong, type Findings } from './field-errors.ts';
import { inclusiveRange } from './numbers.ts';
import { validateDescendingPath, validateNoBacksteps } from './paths.ts';

/** A method's type, so that each kind can name its own source. */
export type SourceCheck = { of(source: object, path: string, found: Findings): void }['of'];

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export function needs(source: object, fields: readonly string[], path: string, found: Findings): void {
  for (const field of fields) {
    const value = (source as Readonly<Record<string, unknown>>)[field];
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
      found.push(required(`${path}.${field}`));
  }
}

function validatePartition({ partition = 0 }: { partition?: number }, path: string, found: Findings): void {
  if (partition < 0 || partition > 255) found.push(invalid(`${path}.partition`, partition, inclusiveRange(1, 255)));
}

/** Names of iSCSI's initiators and targets, by how they begin. */
const INITIATORS: readonly [string, RegExp][] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[a-zA-Z0-9]{16}$/],
  ['naa', /^naa.[a-zA-Z0-9]{32}$/],
];

const WRONG_INITIATOR = 'must be valid format';

function validateInitiator(name: string, field: string, otherStart: string, found: Findings): void {
  const [, pattern] = INITIATORS.find(([start]) => name.startsWith(start)) ?? [];
  if (!pattern) found.push(invalid(field, name, otherStart));
  else if (!pattern.test(name)) found.push(invalid(field, name, WRONG_INITIATOR));
}

type Iscsi = NonNullable<Volume['iscsi']>;

/** All that follows the portal. A PersistentVolume names the secret, and has but one text for what is no initiator. */
export function validateIscsiTarget(source: Iscsi, owner: 'pod' | 'volume', path: string, found: Findings): void {
  const otherStart = owner === 'pod' ? `${WRONG_INITIATOR} starting with iqn, eui, or naa` : WRONG_INITIATOR;
  needs(source, ['iqn'], path, found);
  if (source.iqn) validateInitiator(source.iqn, `${path}.iqn`, otherStart, found);
  if (source.lun < 0 || source.lun > 255) found.push(invalid(`${path}.lun`, source.lun, inclusiveRange(0, 255)));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) {
    found.push(required(`${path}.secretRef`));
  }
  if (owner === 'volume') validateSecretName(source.secretRef, path, found);
  if (source.initiatorName !== undefined) {
    validateInitiator(source.initiatorName, `${path}.initiatorname`, otherStart, found);
  }
}

const LONGEST_ISCSI_NAME = 64;
export const ISCSI_NAME =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
export const isLongIscsiName = (volume: string, portal: string): boolean =>
  `${volume}:${portal}`.length > LONGEST_ISCSI_NAME;

const HOST_PORT = 'must be a host:port pair or multiple pairs separated by commas';
const isHostPort = (text: string): boolean => /^(\[[^\]]*\]|[^:[\]]*):[^:]*$/.test(text);

const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];
const MANAGED_DISK = [
  '/subscriptions/',
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
] as const;
const BLOB_DISK = [
  'https://',
  'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd',
] as const;

function validateSecretName(secret: { name?: string } | undefined, path: string, found: Findings): void {
  if (secret && !secret.name) found.push(required(`${path}.secretRef.name`));
}

/** Checks of volume sources that pods and PersistentVolumes share (pkg/apis/core/validation), by kind. */
export const sharedSources: Readonly<Record<string, SourceCheck>> = {
  hostPath(source: NonNullable<Volume['hostPath']>, path: string, found: Findings) {
    if (!source.path) {
      found.push(required(`${path}.path`));
      return;
    }
    validateNoBacksteps(source.path, `${path}.path`, found);
    if (source.type !== undefined && !HOST_PATH_TYPES.includes(source.type)) {
      found.push(notSupported(`${path}.type`, source.type, HOST_PATH_TYPES));
    }
  },
  gitRepo(source: NonNullable<Volume['gitRepo']>, path: string, found: Findings) {
    needs(source, ['repository'], path, found);
    validateDescendingPath(source.directory ?? '', `${path}.directory`, found);
  },
  gcePersistentDisk(source: NonNullable<Volume['gcePersistentDisk']>, path: string, found: Findings) {
    needs(source, ['pdName'], path, found);
    validatePartition(source, path, found);
  },
  awsElasticBlockStore(source: NonNullable<Volume['awsElasticBlockStore']>, path: string, found: Findings) {
    needs(source, ['volumeID'], path, found);
    validatePartition(source, path, found);
  },
  nfs(source: NonNullable<Volume['nfs']>, path: string, found: Findings) {
    needs(source, ['server', 'path'], path, found);
    if (!source.path?.startsWith('/'))
      found.push(invalid(`${path}.path`, source.path ?? '', 'must be an absolute path'));
  },
  iscsi(source: Iscsi, path: string, found: Findings) {
    needs(source, ['targetPortal'], path, found);
    validateIscsiTarget(source, 'pod', path, found);
  },
  glusterfs: (source: object, path: string, found: Findings) => needs(source, ['endpoints', 'path'], path, found),
  rbd: (source: object, path: string, found: Findings) => needs(source, ['monitors', 'image'], path, found),
  cephfs: (source: object, path: string, found: Findings) => needs(source, ['monitors'], path, found),
  cinder(source: NonNullable<Volume['cinder']>, path: string, found: Findings) {
    needs(source, ['volumeID'], path, found);
    validateSecretName(source.secretRef, path, found);
  },
  quobyte(source: NonNullable<Volume['quobyte']>, path: string, found: Findings) {
    if (!source.registry) found.push(required(`${path}.registry`, HOST_PORT));
    else if ((source.tenant ?? '').length >= 65) {
      found.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
    } else {
      for (const pair of source.registry.split(',')) {
        if (!isHostPort(pair)) found.push(invalid(`${path}.registry`, source.registry, HOST_PORT));
      }
    }
    needs(source, ['volume'], path, found);
  },
  vsphereVolume: (source: object, path: string, found: Findings) => needs(source, ['volumePath'], path, found),
  photonPersistentDisk: (source: object, path: string, found: Findings) => needs(source, ['pdID'], path, found),
  portworxVolume: (source: object, path: string, found: Findings) => needs(source, ['volumeID'], path, found),
  azureFile: (source: object, path: string, found: Findings) => needs(source, ['secretName', 'shareName'], path, found),
  azureDisk(source: NonNullable<Volume['azureDisk']>, path: string, found: Findings) {
    needs(source, ['diskName', 'diskURI'], path, found);
    const { cachingMode, kind, diskURI = '' } = source as Partial<typeof source>;
    if (cachingMode !== undefined && !CACHING_MODES.includes(cachingMode)) {
      found.push(notSupported(`${path}.cachingMode`, cachingMode, CACHING_MODES));
    }
    if (kind === undefined) return;
    if (!DISK_KINDS.includes(kind)) found.push(notSupported(`${path}.kind`, kind, DISK_KINDS));
    const [start, form] = kind === 'Managed' ? MANAGED_DISK : BLOB_DISK;
    if (!diskURI.startsWith(start)) found.push(notSupported(`${path}.diskURI`, diskURI, [form]));
  },
  scaleIO: (source: object, path: string, found: Findings) =>
    needs(source, ['gateway', 'system', 'volumeName'], path, found),
  flocker(source: NonNullable<Volume['flocker']>, path: string, found: Findings) {
    if (!source.datasetName && !source.datasetUUID)
      found.push(required(path, 'one of datasetName and datasetUUID is required'));
    if (source.datasetName && source.datasetUUID) {
      found.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
    }
    if (source.datasetName?.includes('/')) {
      found.push(invalid(`${path}.datasetName`, source.datasetName, "must not contain '/'"));
    }
  },
  fc(source: NonNullable<Volume['fc']>, path: string, found: Findings) {
    const { targetWWNs = [], wwids = [], lun } = source;
    if (targetWWNs.length === 0 && wwids.length === 0) {
      found.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
    }
    if (targetWWNs.length > 0 && wwids.length > 0) {
      found.push(invalid(`${path}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
    }
    if (targetWWNs.length === 0) return;
    if (lun === undefined) found.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'));
    else if (lun < 0 || lun > 255) found.push(invalid(`${path}.lun`, lun, inclusiveRange(0, 255)));
  },
  flexVolume(source: NonNullable<Volume['flexVolume']>, path: string, found: Findings) {
    needs(source, ['driver'], path, found);
    for (const key of Object.keys(source.options ?? {})) {
      const namespace = `.${(key.split('/')[0] ?? '').toLowerCase()}`;
      if (/\.(kubernetes|k8s)\.io$/.test(namespace)) {
        found.push(invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
      }
    }
  },
  storageos(source: NonNullable<Volume['storageos']>, path: string, found: Findings) {
    if (!source.volumeName) found.push(required(`${path}.volumeName`));
    else addTexts(found, `${path}.volumeName`, source.volumeName, dns1123LabelErrors(source.volumeName));
    const { volumeNamespace: namespace } = source;
    if (namespace) addTexts(found, `${path}.volumeNamespace`, namespace, dns1123LabelErrors(namespace));
    validateSecretName(source.secretRef, path, found);
  },
  csi(source: NonNullable<Volume['csi']>, path: string, found: Findings) {
    validateCsiDriverName(source.driver, `${path}.driver`, found);
    const secret = source.nodePublishSecretRef;
    if (!secret) return;
    if (!secret.name) found.push(required(`${path}.nodePublishSecretRef.name`));
    else addTexts(found, `${path}.name`, secret.name, dns1123SubdomainErrors(secret.name));
  },
};

const LONGEST_DRIVER = 63;

/** ValidateCSIDriverName */
export function validateCsiDriverName(name: string | undefined, field: string, found: Findings): void {
  if (!name) return void found.push(required(field));
  if (name.length > LONGEST_DRIVER) found.push(tooLong(field, LONGEST_DRIVER));
  addTexts(found, field, name, dns1123SubdomainErrors(name.toLowerCase()));
}
