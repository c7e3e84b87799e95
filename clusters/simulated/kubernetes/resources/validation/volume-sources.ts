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

function needs(source: object, fields: readonly string[], path: string, found: Findings): void {
  for (const field of fields) {
    const value = (source as Readonly<Record<string, unknown>>)[field];
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
      found.push(required(`${path}.${field}`));
  }
}

function validatePartition({ partition = 0 }: { partition?: number }, path: string, found: Findings): void {
  if (partition < 0 || partition > 255) found.push(invalid(`${path}.partition`, partition, inclusiveRange(1, 255)));
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
  iscsi(source: NonNullable<Volume['iscsi']>, path: string, found: Findings) {
    needs(source, ['targetPortal', 'iqn'], path, found);
    if (source.iqn && !/^(iqn|eui|naa)/.test(source.iqn)) {
      found.push(invalid(`${path}.iqn`, source.iqn, 'must be valid format starting with iqn, eui, or naa'));
    }
    if (source.lun < 0 || source.lun > 255) found.push(invalid(`${path}.lun`, source.lun, inclusiveRange(0, 255)));
    if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef)
      found.push(required(`${path}.secretRef`));
  },
  glusterfs: (source: object, path: string, found: Findings) => needs(source, ['endpoints', 'path'], path, found),
  rbd: (source: object, path: string, found: Findings) => needs(source, ['monitors', 'image'], path, found),
  cephfs: (source: object, path: string, found: Findings) => needs(source, ['monitors'], path, found),
  cinder: (source: object, path: string, found: Findings) => needs(source, ['volumeID'], path, found),
  quobyte: (source: object, path: string, found: Findings) => needs(source, ['registry', 'volume'], path, found),
  vsphereVolume: (source: object, path: string, found: Findings) => needs(source, ['volumePath'], path, found),
  photonPersistentDisk: (source: object, path: string, found: Findings) => needs(source, ['pdID'], path, found),
  portworxVolume: (source: object, path: string, found: Findings) => needs(source, ['volumeID'], path, found),
  azureFile: (source: object, path: string, found: Findings) => needs(source, ['secretName', 'shareName'], path, found),
  azureDisk: (source: object, path: string, found: Findings) => needs(source, ['diskName', 'diskURI'], path, found),
  scaleIO: (source: object, path: string, found: Findings) =>
    needs(source, ['gateway', 'system', 'volumeName'], path, found),
  flocker(source: NonNullable<Volume['flocker']>, path: string, found: Findings) {
    if (!source.datasetName && !source.datasetUUID)
      found.push(required(path, 'one of datasetName and datasetUUID is required'));
    if (source.datasetName && source.datasetUUID) {
      found.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
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
      if (key.includes('/') && /\.(kubernetes|k8s)\.io$/.test(namespace)) {
        found.push(invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
      }
    }
  },
  storageos(source: NonNullable<Volume['storageos']>, path: string, found: Findings) {
    if (!source.volumeName) found.push(required(`${path}.volumeName`));
    else addTexts(found, `${path}.volumeName`, source.volumeName, dns1123LabelErrors(source.volumeName));
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
  if (!name) found.push(required(field));
  if ((name ?? '').length > LONGEST_DRIVER) found.push(tooLong(field, LONGEST_DRIVER));
  addTexts(found, field, name ?? '', dns1123SubdomainErrors((name ?? '').toLowerCase()));
}
