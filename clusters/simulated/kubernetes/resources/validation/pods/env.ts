import type {
  Container,
  EnvVar,
  ObjectFieldSelector,
  PodSpec,
  ResourceFieldSelector,
} from '../../../model/generated/objects.ts';
import {
  configMapKeyErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  environmentNameErrors,
  qualifiedNameErrors,
} from '../../../model/names.ts';
import { compareQuantities, formatQuantity, parseQuantity } from '../../../model/quantity.ts';
import { addTexts, invalid, notFound, notSupported, required, type Findings } from '../field-errors.ts';
import { validateNoBacksteps } from '../paths.ts';
import { quantityOf } from '../quantities.ts';
import { containersWithPaths } from './windows.ts';

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const KNOWN_FIELDS = new Set([
  ...ENV_FIELDS,
  'metadata.labels',
  'metadata.annotations',
  'spec.host',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);
const RESOURCE_FIELDS = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const ONE_OF = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';

/** ValidateEnv and ValidateEnvFrom of pkg/apis/core/validation. */
export function validateEnvironment(
  { env, envFrom }: Pick<Container, 'env' | 'envFrom'>,
  path: string,
  found: Findings,
): void {
  for (const [i, variable] of (env ?? []).entries()) {
    const at = `${path}.env[${i}]`;
    if (!variable.name) found.push(required(`${at}.name`));
    else addTexts(found, `${at}.name`, variable.name, environmentNameErrors(variable.name));
    validateValueFrom(variable, `${at}.valueFrom`, found);
  }
  for (const [i, { prefix, configMapRef, secretRef }] of (envFrom ?? []).entries()) {
    const at = `${path}.envFrom[${i}]`;
    if (prefix) addTexts(found, `${at}.prefix`, prefix, environmentNameErrors(prefix));
    if (configMapRef) validateSourceName(configMapRef.name, `${at}.configMapRef.name`, found);
    if (secretRef) validateSourceName(secretRef.name, `${at}.secretRef.name`, found);
    const sources = Number(Boolean(configMapRef)) + Number(Boolean(secretRef));
    if (sources === 0) found.push(invalid(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (sources > 1)
      found.push(invalid(`${path}.envFrom`, '', 'may not have more than one field specified at a time'));
  }
}

function validateSourceName(name: string | undefined, field: string, found: Findings): void {
  if (!name) found.push(required(field));
  // A trailing dash is taken: the name counts as a prefix here.
  else addTexts(found, field, name, dns1123SubdomainErrors(name.replace(/-$/, 'a')));
}

function validateValueFrom({ value, valueFrom }: EnvVar, path: string, found: Findings): void {
  if (!valueFrom) return;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  if (fieldRef) validateFieldRef(fieldRef, ENV_FIELDS, `${path}.fieldRef`, found);
  if (resourceFieldRef) validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, found, false);
  if (configMapKeyRef) validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`, found);
  if (secretKeyRef) validateKeyRef(secretKeyRef, `${path}.secretKeyRef`, found);
  if (fileKeyRef) {
    const at = `${path}.fileKeyRef`;
    if (!fileKeyRef.key) found.push(required(`${at}.key`));
    else addTexts(found, `${at}.key`, fileKeyRef.key, environmentNameErrors(fileKeyRef.key));
    if (!fileKeyRef.volumeName) found.push(required(`${at}.volumeName`));
    else addTexts(found, `${at}.volumeName`, fileKeyRef.volumeName, dns1123LabelErrors(fileKeyRef.volumeName));
    if (!fileKeyRef.path) found.push(required(`${at}.path`));
    else validateNoBacksteps(fileKeyRef.path, `${at}.path`, found);
  }
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (sources === 0) found.push(invalid(path, '', ONE_OF));
  else if (value) found.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) found.push(invalid(path, '', 'may not have more than one field specified at a time'));
}

function validateKeyRef({ name, key }: { name?: string; key: string }, path: string, found: Findings): void {
  addTexts(found, `${path}.name`, name ?? '', dns1123SubdomainErrors(name ?? ''));
  if (!key) found.push(required(`${path}.key`));
  else addTexts(found, `${path}.key`, key, configMapKeyErrors(key));
}

/** validateFileKeyRefVolumes: files with variables lie in an emptyDir of the pod. */
export function validateEnvFiles(spec: PodSpec, path: string, found: Findings): void {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  for (const [{ env = [] }, at] of containersWithPaths(spec, path)) {
    for (const [i, { valueFrom }] of env.entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) continue;
      const field = `${at}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      const volume = volumes.get(name);
      if (!volume) found.push(notFound(field, name));
      else if (!volume.emptyDir) found.push(invalid(field, name, 'referenced volume must be of type emptyDir'));
    }
  }
}

/** validateObjectFieldSelector; `fields` is sorted. */
export function validateFieldRef(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  fields: readonly string[],
  path: string,
  found: Findings,
): void {
  if (!apiVersion) return void found.push(required(`${path}.apiVersion`));
  if (!fieldPath) return void found.push(required(`${path}.fieldPath`));
  const [, name = fieldPath, subscript] = /^(.+?)\['(.*)'\]$/s.exec(fieldPath) ?? [];
  const wrong = conversionError(apiVersion, fieldPath, name, subscript);
  if (wrong !== undefined) {
    return void found.push(invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${wrong}`));
  }
  if (subscript !== undefined) {
    const key = name === 'metadata.annotations' ? subscript.toLowerCase() : subscript;
    addTexts(found, path, key, qualifiedNameErrors(key));
    return;
  }
  const now = name === 'spec.host' ? 'spec.nodeName' : name;
  if (!fields.includes(now)) found.push(notSupported(`${path}.fieldPath`, now, fields));
}

/** pkg/apis/core/pods ConvertDownwardAPIFieldLabel: why it knows no such field. */
function conversionError(
  apiVersion: string,
  fieldPath: string,
  name: string,
  subscript: string | undefined,
): string | undefined {
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  const isMap = name === 'metadata.labels' || name === 'metadata.annotations';
  if (subscript !== undefined && !isMap) return `field label does not support subscript: ${fieldPath}`;
  return KNOWN_FIELDS.has(name) ? undefined : `field label not supported: ${fieldPath}`;
}

/** validateContainerResourceFieldSelector. A volume's has to say of which container. */
export function validateResourceFieldRef(
  { containerName, resource, divisor }: ResourceFieldSelector,
  path: string,
  found: Findings,
  ofVolume: boolean,
): void {
  const isHugePages = /^(requests|limits)\.hugepages-/.test(resource ?? '');
  if (ofVolume && !containerName) found.push(required(`${path}.containerName`));
  else if (!resource) found.push(required(`${path}.resource`));
  else if (!RESOURCE_FIELDS.includes(resource) && !isHugePages) {
    found.push(notSupported(`${path}.resource`, resource, RESOURCE_FIELDS));
  }
  validateDivisor(resource ?? '', divisor ?? '0', `${path}.divisor`, found);
}

const SIZES = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';
const SIZE_SET = new Set(SIZES.split(', '));
const ZERO = parseQuantity('0');

function validateDivisor(resource: string, divisor: string, field: string, found: Findings): void {
  const amount = quantityOf(divisor);
  if (compareQuantities(amount, ZERO) === 0) return;
  const text = formatQuantity(amount);
  const kind = resource.replace(/^(limits|requests)\./, '');
  if (kind === 'cpu') {
    if (text !== '1' && text !== '1m') {
      found.push(invalid(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource"));
    }
    return;
  }
  const name =
    kind === 'memory'
      ? 'memory'
      : kind === 'ephemeral-storage'
        ? 'local ephemeral storage'
        : kind.startsWith('hugepages-')
          ? 'hugepages'
          : '';
  if (name === '' || SIZE_SET.has(text)) return;
  found.push(invalid(field, resource, `only divisor's values ${SIZES} are supported with the ${name} resource`));
}
