import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { FieldError } from '../../status.ts';
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  pathSegmentErrors,
  qualifiedNameErrors,
} from '../../model/names.ts';

/** Bytes of all annotations of an object (apimachinery/pkg/api/validation/objectmeta.go TotalAnnotationSizeLimitB). */
const MOST_ANNOTATION_BYTES = 256 * 1024;

const invalidValue = (field: string, value: unknown, why: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});

const required = (field: string, why: string): FieldError => ({
  type: 'FieldValueRequired',
  field,
  message: why === '' ? 'Required value' : `Required value: ${why}`,
});

/** ValidateObjectMetaAccessor of apimachinery/pkg/api/validation/objectmeta.go. */
export function validateMetadata(object: KubeObject, row: Resource): FieldError[] {
  const { metadata } = object;
  const errors: FieldError[] = [];
  const { name, generateName, namespace, labels, annotations, ownerReferences, finalizers } = metadata;
  const check = nameCheckOf(row, object);
  if (generateName) {
    // A prefix may end in what a name may not: the random end makes it good.
    for (const why of check(generateName.replace(/-$/, 'a')))
      errors.push(invalidValue('metadata.generateName', generateName, why));
  }
  if (!name) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const why of check(name)) errors.push(invalidValue('metadata.name', name, why));
  if (row.namespaced) {
    if (!namespace) errors.push(required('metadata.namespace', ''));
    else
      for (const why of dns1123LabelErrors(namespace)) errors.push(invalidValue('metadata.namespace', namespace, why));
  }
  for (const key in labels) {
    for (const why of qualifiedNameErrors(key)) errors.push(invalidValue('metadata.labels', key, why));
    for (const why of labelValueErrors(labels[key]!)) errors.push(invalidValue('metadata.labels', labels[key], why));
  }
  if (annotations) errors.push(...validateAnnotations(annotations));
  let controllers = 0;
  ownerReferences?.forEach((owner, index) => {
    const at = `metadata.ownerReferences[${index}]`;
    if (!owner.apiVersion) errors.push(invalidValue(`${at}.apiVersion`, '', 'version must not be empty'));
    if (!owner.kind) errors.push(invalidValue(`${at}.kind`, '', 'must not be empty'));
    if (!owner.name) errors.push(invalidValue(`${at}.name`, '', 'must not be empty'));
    if (!owner.uid) errors.push(invalidValue(`${at}.uid`, '', 'must not be empty'));
    if (owner.controller && ++controllers === 2) {
      errors.push(
        invalidValue('metadata.ownerReferences', ownerReferences, 'Only one reference can have Controller set to true'),
      );
    }
  });
  for (const finalizer of finalizers ?? []) {
    for (const why of qualifiedNameErrors(finalizer)) errors.push(invalidValue('metadata.finalizers', finalizer, why));
  }
  if (row.type === '' || OF_OTHER_SERVERS.has(row.group)) return errors;
  finalizers?.forEach((finalizer, index) => {
    if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return;
    const why = 'name is neither a standard finalizer name nor is it fully qualified';
    errors.push(invalidValue(`metadata.finalizers[${index}]`, finalizer, why));
  });
  return errors;
}

/** Groups of the extension and aggregation servers, which check metadata by apimachinery's rules alone. */
const OF_OTHER_SERVERS = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

function validateAnnotations(annotations: Readonly<Record<string, string>>): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const key in annotations) {
    // Upper case is taken in annotation keys, for the sake of old ones.
    for (const why of qualifiedNameErrors(key.toLowerCase()))
      errors.push(invalidValue('metadata.annotations', key, why));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(String(annotations[key]));
  }
  if (bytes > MOST_ANNOTATION_BYTES) {
    errors.push({
      type: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${MOST_ANNOTATION_BYTES} bytes`,
    });
  }
  return errors;
}

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
export function validateMetadataUpdate(draft: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const immutable = (field: 'name' | 'namespace' | 'uid' | 'creationTimestamp'): void => {
    if (draft.metadata[field] !== old.metadata[field]) {
      errors.push(invalidValue(`metadata.${field}`, draft.metadata[field], 'field is immutable'));
    }
  };
  immutable('name');
  immutable('namespace');
  immutable('uid');
  immutable('creationTimestamp');
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = draft.metadata;
  if (old.metadata.deletionTimestamp) {
    const known = new Set(old.metadata.finalizers);
    const added = (finalizers ?? []).filter((finalizer) => !known.has(finalizer));
    if (added.length > 0) {
      errors.push({
        type: 'FieldValueForbidden',
        field: 'metadata.finalizers',
        message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`,
      });
    }
  }
  if (deletionTimestamp !== old.metadata.deletionTimestamp) {
    errors.push(invalidValue('metadata.deletionTimestamp', deletionTimestamp, 'field is immutable'));
  }
  if (deletionGracePeriodSeconds !== old.metadata.deletionGracePeriodSeconds) {
    errors.push(invalidValue('metadata.deletionGracePeriodSeconds', deletionGracePeriodSeconds, 'field is immutable'));
  }
  return errors;
}
