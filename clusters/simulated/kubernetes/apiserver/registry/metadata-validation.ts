import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { addTexts, forbidden, invalid, required, type Findings } from '../../resources/validation/field-errors.ts';
import { immutable } from '../../resources/validation/immutable.ts';
import { validateAnnotations, validateLabels } from '../../resources/validation/labels.ts';
import type { FieldError } from '../../status.ts';
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  qualifiedNameErrors,
} from '../../model/names.ts';

type Owner = NonNullable<KubeObject['metadata']['ownerReferences']>[number];

/** ValidateObjectMetaAccessor of apimachinery/pkg/api/validation/objectmeta.go. */
export function validateMetadata(object: KubeObject, row: Resource): FieldError[] {
  const { metadata } = object;
  const found: Findings = [];
  const { name, generateName, namespace, finalizers = [] } = metadata;
  const check = nameCheckOf(row, object);
  if (generateName) addTexts(found, 'metadata.generateName', generateName, check(masked(generateName)));
  if (!name) found.push(required('metadata.name', 'name or generateName is required'));
  else addTexts(found, 'metadata.name', name, check(name));
  if (row.namespaced) {
    if (!namespace) found.push(required('metadata.namespace'));
    else addTexts(found, 'metadata.namespace', namespace, dns1123LabelErrors(namespace));
  }
  validateLabels(metadata.labels, 'metadata.labels', found);
  validateAnnotations(metadata.annotations, 'metadata.annotations', found);
  validateOwners(metadata.ownerReferences ?? [], found);
  for (const finalizer of finalizers) {
    addTexts(found, 'metadata.finalizers', finalizer, qualifiedNameErrors(finalizer));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const why = 'finalizer orphan and foregroundDeletion cannot be both set';
    found.push(invalid('metadata.finalizers', finalizers, why));
  }
  if (row.type === '' || OF_OTHER_SERVERS.has(row.group)) return found;
  for (const [index, finalizer] of finalizers.entries()) {
    if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) continue;
    const why = 'name is neither a standard finalizer name nor is it fully qualified';
    found.push(invalid(`metadata.finalizers[${index}]`, finalizer, why));
  }
  return found;
}

/** A prefix may end in what a name may not, as the random end makes it good (maskTrailingDash). */
const masked = (prefix: string): string =>
  prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix;

/** ValidateOwnerReferences. Upstream's paths do not tell which of them. */
function validateOwners(owners: readonly Owner[], found: Findings): void {
  const path = 'metadata.ownerReferences';
  let controller = '';
  for (const owner of owners) {
    const { apiVersion = '', kind = '', name = '', uid = '' } = owner as Partial<Owner>;
    const isVersion = apiVersion !== '' && !/\/$|\/.*\//.test(apiVersion);
    if (!isVersion) found.push(invalid(`${path}.apiVersion`, apiVersion, 'version must not be empty'));
    for (const [field, value] of Object.entries({ kind, name, uid })) {
      if (value === '') found.push(invalid(`${path}.${field}`, '', `${field} must not be empty`));
    }
    if (apiVersion === 'v1' && kind === 'Event') {
      found.push(invalid(path, inOrder(owner), '/v1, Kind=Event is disallowed from being an owner'));
    }
    if (owner.controller !== true) continue;
    const called = `${kind}/${name}`;
    if (controller !== '') {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${called}`;
      found.push(invalid(path, owners.map(inOrder), why));
    } else controller = called;
  }
}

const inOrder = ({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: Owner): object => ({
  apiVersion,
  kind,
  name,
  uid,
  controller,
  blockOwnerDeletion,
});

/** Groups of the extension and aggregation servers, which check metadata by apimachinery's rules alone. */
const OF_OTHER_SERVERS = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

function nameCheckOf(row: Resource, object: KubeObject): (name: string) => readonly string[] {
  const check = row.strategy.name;
  if (typeof check === 'function') return (name) => check(name, object);
  switch (check) {
    case 'label':
      return dns1123LabelErrors;
    case 'label1035':
      return dns1035LabelErrors;
    case 'path-segment':
      return pathSegmentErrors;
    default:
      return dns1123SubdomainErrors;
  }
}

/** ValidateObjectMetaAccessorUpdate: what an update may not change. */
export function validateMetadataUpdate({ metadata }: KubeObject, { metadata: old }: KubeObject): FieldError[] {
  const found: Findings = [];
  if (old.deletionTimestamp) {
    const known = new Set(old.finalizers);
    const added = (metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer)).sort();
    if (added.length > 0) {
      const shown = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`;
      const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
      found.push(forbidden('metadata.finalizers', why));
    }
  }
  for (const field of IMMUTABLE) immutable(metadata[field], old[field], `metadata.${field}`, found);
  return found;
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;
