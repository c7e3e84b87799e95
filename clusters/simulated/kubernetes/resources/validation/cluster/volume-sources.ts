import type { PersistentVolumeSpec, SecretReference } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../model/names.ts';
import { addTexts, invalid, required, type Findings } from '../field-errors.ts';
import { validateNoBacksteps } from '../paths.ts';
import {
  ISCSI_NAME,
  isLongIscsiName,
  needs,
  sharedSources,
  validateCsiDriverName,
  validateIscsiTarget,
  type SourceCheck,
} from '../volume-sources.ts';

type Source<Kind extends keyof PersistentVolumeSpec> = NonNullable<PersistentVolumeSpec[Kind]>;

/** Checks of the sources of PersistentVolumes (pkg/apis/core/validation), by kind; secrets are of any namespace. */
export const volumeSources: Readonly<Record<string, SourceCheck>> = {
  ...sharedSources,
  glusterfs(source: Source<'glusterfs'>, path: string, found: Findings) {
    needs(source, ['endpoints', 'path'], path, found);
    const { endpointsNamespace: namespace } = source;
    const field = `${path}.endpointsNamespace`;
    if (namespace === '') {
      found.push(invalid(field, namespace, 'if the endpointnamespace is set, it must be a valid namespace name'));
    } else if (namespace !== undefined) addTexts(found, field, namespace, dns1123LabelErrors(namespace));
  },
  cinder(source: Source<'cinder'>, path: string, found: Findings) {
    needs(source, ['volumeID'], path, found);
    if (source.secretRef) needs(source.secretRef, ['name', 'namespace'], `${path}.secretRef`, found);
  },
  azureFile(source: Source<'azureFile'>, path: string, found: Findings) {
    needs(source, ['secretName', 'shareName'], path, found);
    if (source.secretNamespace === '') found.push(required(`${path}.secretNamespace`));
  },
  local(source: Source<'local'>, path: string, found: Findings) {
    if (!source.path) found.push(required(`${path}.path`));
    else validateNoBacksteps(source.path, `${path}.path`, found);
  },
  storageos({ secretRef, ...source }: Source<'storageos'>, path: string, found: Findings) {
    sharedSources['storageos']?.(source, path, found);
    if (secretRef) needs(secretRef, ['name', 'namespace'], `${path}.secretRef`, found);
  },
  csi(source: Source<'csi'>, path: string, found: Findings) {
    validateCsiDriverName(source.driver, `${path}.driver`, found);
    needs(source, ['volumeHandle'], path, found);
    for (const field of CSI_SECRETS) {
      const secret = source[field];
      if (secret) validateSecret(secret, `${path}.${field}`, found);
    }
  },
};

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

/** validatePVSecretReference */
function validateSecret({ name, namespace }: SecretReference, path: string, found: Findings): void {
  if (!name) found.push(required(`${path}.name`));
  else addTexts(found, `${path}.name`, name, dns1123SubdomainErrors(name));
  if (!namespace) found.push(required(`${path}.namespace`));
  else addTexts(found, `${path}.namespace`, namespace, dns1123LabelErrors(namespace));
}

/** validateISCSIPersistentVolumeSource: the name of the volume is part of the initiator's. */
export function validateIscsi(source: Source<'iscsi'>, volume: string, path: string, found: Findings): void {
  needs(source, ['targetPortal'], path, found);
  if (source.initiatorName !== undefined && isLongIscsiName(volume, source.targetPortal)) {
    found.push(invalid(`${path}.targetportal`, source.targetPortal, ISCSI_NAME));
  }
  validateIscsiTarget(source, 'volume', path, found);
}
