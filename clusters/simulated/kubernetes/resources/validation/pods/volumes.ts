import type { Volume } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../model/names.ts';
import { compareQuantities, parseQuantity } from '../../../model/quantity.ts';
import { validateClaimSpec } from '../claims.ts';
import { addTexts, duplicate, forbidden, invalid, required, type Findings } from '../field-errors.ts';
import { validateAnnotations, validateLabels } from '../labels.ts';
import { quantityOf } from '../quantities.ts';
import { ISCSI_NAME, isLongIscsiName, sharedSources } from '../volume-sources.ts';
import { validatePullPolicy } from './containers.ts';
import { validateProjected } from './projected-volumes.ts';
import { validateDownwardFile, validateItems, validateMode } from './volume-items.ts';

interface Whose {
  /** Of the pod; empty for templates. */
  readonly podName: string;
  readonly ofPod: boolean;
}

/** ValidateVolumes: returns those that containers may mount. */
export function validateVolumes(
  volumes: readonly Volume[],
  whose: Whose,
  path: string,
  found: Findings,
): ReadonlyMap<string, Volume> {
  const right = new Map<string, Volume>();
  const { podName } = whose;
  const made = new Set(
    podName === '' ? [] : volumes.filter(({ ephemeral }) => ephemeral).map(({ name }) => `${podName}-${name}`),
  );
  for (const [i, volume] of volumes.entries()) {
    const at = `${path}[${i}]`;
    const before = found.length;
    validateSource(volume, whose, at, found);
    if (!volume.name) found.push(required(`${at}.name`));
    else addTexts(found, `${at}.name`, volume.name, dns1123LabelErrors(volume.name));
    if (right.has(volume.name)) found.push(duplicate(`${at}.name`, volume.name));
    if (found.length === before) right.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && made.has(claim)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume';
      found.push(invalid(`${at}.persistentVolumeClaim.claimName`, claim, why));
    }
  }
  return right;
}

/** Path's last part where upstream's is not the name of the field: of one that is looked into, and of one too many. */
const PATHS: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };
const SURPLUS_PATHS: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** validateVolumeSource: the kinds in upstream's order; the first is looked into, each other is one too many. */
function validateSource(volume: Volume, whose: Whose, path: string, found: Findings): void {
  let first = true;
  for (const kind of ORDER) {
    const source = volume[kind];
    if (source === undefined) continue;
    if (!first) {
      found.push(forbidden(`${path}.${SURPLUS_PATHS[kind] ?? kind}`, 'may not specify more than 1 volume type'));
      continue;
    }
    first = false;
    const at = `${path}.${PATHS[kind] ?? kind}`;
    const own: OwnCheck | undefined = OWN[kind];
    if (own) own(source, at, found, whose, volume.name);
    else sharedSources[kind]?.(source, at, found);
  }
  if (first) found.push(required(path, 'must specify a volume type'));
  const { name, iscsi } = volume;
  if (iscsi?.initiatorName !== undefined && isLongIscsiName(name, iscsi.targetPortal)) {
    found.push(invalid(`${path}.name`, name, ISCSI_NAME));
  }
}

const ORDER = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const;

/** A method's type, so that each kind can name its own source. */
type OwnCheck = { of(source: object, path: string, found: Findings, whose: Whose, name: string): void }['of'];

type Own = {
  [Kind in keyof Volume]?: (
    source: NonNullable<Volume[Kind]>,
    path: string,
    found: Findings,
    whose: Whose,
    name: string,
  ) => void;
};

type Texts = Readonly<Record<string, string>> | undefined;

const ZERO = parseQuantity('0');

/** Sources that only pods have. */
const OWN: Own = {
  emptyDir({ sizeLimit }, path, found) {
    if (sizeLimit !== undefined && compareQuantities(quantityOf(sizeLimit), ZERO) < 0) {
      found.push(forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
    }
  },
  secret({ secretName, defaultMode, items }, path, found) {
    if (!secretName) found.push(required(`${path}.secretName`));
    validateMode(defaultMode, `${path}.defaultMode`, found);
    validateItems(items, path, found);
  },
  configMap({ name, defaultMode, items }, path, found) {
    if (!name) found.push(required(`${path}.name`));
    validateMode(defaultMode, `${path}.defaultMode`, found);
    validateItems(items, path, found);
  },
  persistentVolumeClaim({ claimName }, path, found) {
    if (!claimName) found.push(required(`${path}.claimName`));
  },
  downwardAPI({ defaultMode, items }, path, found) {
    validateMode(defaultMode, `${path}.defaultMode`, found);
    for (const file of items ?? []) validateDownwardFile(file, path, found);
  },
  projected: (source, path, found) => validateProjected(source, path, found),
  ephemeral({ volumeClaimTemplate: template }, path, found, { podName }, name) {
    if (!template) {
      found.push(required(`${path}.volumeClaimTemplate`));
      return;
    }
    const { annotations, labels, ...others } = (template.metadata ?? {}) as Readonly<Record<string, unknown>>;
    const metadata = `${path}.volumeClaimTemplate.metadata`;
    validateAnnotations(annotations as Texts, `${metadata}.annotations`, found);
    validateLabels(labels as Texts, `${metadata}.labels`, found);
    for (const field in others) found.push(forbidden(`${metadata}.${field}`, 'cannot be set'));
    validateClaimSpec(template.spec, `${path}.volumeClaimTemplate.spec`, found);
    if (podName === '' || !name) return;
    const claim = `${podName}-${name}`;
    const texts = dns1123SubdomainErrors(claim).map((text) => `PVC name ${JSON.stringify(claim)}: ${text}`);
    addTexts(found, `${path.replace(/\.ephemeral$/, '')}.name`, name, texts);
  },
  image({ reference, pullPolicy }, path, found) {
    if (!reference) found.push(required(`${path}.reference`));
    validatePullPolicy(pullPolicy, `${path}.pullPolicy`, found);
  },
};
