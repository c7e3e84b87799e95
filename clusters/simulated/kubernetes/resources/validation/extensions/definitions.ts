import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../model/generated/objects.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../../model/names.ts';
import type { KubeObject } from '../../../object.ts';
import { invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { validateApproval } from './approval.ts';
import { validateConversion } from './conversion.ts';
import { hoisted, shownVersions } from './hoisting.ts';
import { addJoined, validateNames, validateRequiredNames } from './names.ts';
import { validateColumns, validateSelectableFields, validateSubresources } from './parts.ts';
import { validateDefinedSchema } from './schemas.ts';

const SCOPES = ['Cluster', 'Namespaced'];
const LONGEST_WARNING = 256;

type Spec = Partial<CustomResourceDefinitionSpec>;

const specOf = (object: KubeObject): Spec => (object as Partial<CustomResourceDefinition>).spec ?? {};
const statusOf = (object: CustomResourceDefinition): Partial<CustomResourceDefinition['status']> =>
  (object as Partial<CustomResourceDefinition>).status ?? {};

/** A definition is named after what it defines. */
export function definitionNameErrors(name: string, object: KubeObject): string[] {
  const { names, group = '' } = specOf(object);
  const wanted = `${names?.plural ?? ''}.${group}`;
  return [...dns1123SubdomainErrors(name), ...(name === wanted ? [] : ['must be spec.names.plural+"."+spec.group'])];
}

/** ValidateCustomResourceDefinition of apiextensions-apiserver/pkg/apis/apiextensions/validation. */
export function validateDefinition(definition: CustomResourceDefinition, found: Findings): void {
  validateSpec(definition, found);
  validateStatus(definition, found);
  validateApproval(definition, undefined, found);
  validatePreservation(specOf(definition), found);
}

/** ValidateCustomResourceDefinitionUpdate: what clients know a resource by stays while it is served. */
export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
  found: Findings,
): void {
  validateSpec(definition, found);
  const { spec } = definition;
  const established = (statusOf(old).conditions ?? []).some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  if (established) {
    immutable(spec.scope, old.spec.scope, 'spec.scope', found);
    immutable(spec.names?.kind, old.spec.names.kind, 'spec.names.kind', found);
  }
  immutable(spec.group, old.spec.group, 'spec.group', found);
  immutable(spec.names?.plural, old.spec.names.plural, 'spec.names.plural', found);
  validateStatus(definition, found);
  validateApproval(definition, old, found);
  if (old.spec.preserveUnknownFields !== true) validatePreservation(spec, found);
}

/** ValidateUpdateCustomResourceDefinitionStatus */
export const validateDefinitionStatus = (
  definition: CustomResourceDefinition,
  _old: CustomResourceDefinition,
  found: Findings,
): void => validateNames(statusOf(definition).acceptedNames ?? {}, 'status.acceptedNames', found);

function validateStatus(definition: CustomResourceDefinition, found: Findings): void {
  const { acceptedNames = {} } = statusOf(definition);
  const storedVersions = statusOf(definition).storedVersions ?? [];
  validateNames(acceptedNames, 'status.acceptedNames', found);
  const field = 'status.storedVersions';
  if (storedVersions.length === 0) {
    return void found.push(invalid(field, storedVersions, 'must have at least one stored version'));
  }
  const { versions = [] } = specOf(definition);
  for (const { name, storage } of versions) {
    if (storage && !storedVersions.includes(name)) {
      found.push(invalid(field, storedVersions, `must have the storage version ${name}`));
    }
  }
  for (const [i, name] of storedVersions.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    found.push(invalid(`${field}[${i}]`, name, why));
  }
}

function validateSpec(definition: CustomResourceDefinition, found: Findings): void {
  const spec = specOf(definition);
  const { group = '', scope, names = {}, conversion } = spec as Spec & { names?: object };
  if (group === '') found.push(required('spec.group'));
  else {
    const texts = dns1123SubdomainErrors(group);
    if (texts.length > 0) found.push(invalid('spec.group', group, texts.join(',')));
    else if (!group.includes('.')) found.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  }
  if (!scope) found.push(required('spec.scope'));
  else if (!SCOPES.includes(scope)) found.push(notSupported('spec.scope', scope, SCOPES));
  const { versions, shared } = hoisted(spec);
  if (!shared.schema?.openAPIV3Schema) {
    for (const [i, { schema }] of versions.entries()) {
      if (schema?.openAPIV3Schema) continue;
      found.push(required(`spec.versions[${i}].schema.openAPIV3Schema`, 'schemas are required'));
    }
  }
  const hasStatus = (spec.versions ?? []).some(({ subresources }) => subresources?.status !== undefined);
  for (const [i, version] of versions.entries()) validateVersion(version, shared, `spec.versions[${i}]`, found);
  validateVersionSet(versions, found);
  validateRequiredNames(names, found);
  validateNames(names, 'spec.names', found);
  validateDefinedSchema(shared.schema, { at: 'spec.validation', hasStatus }, found);
  validateSubresources(shared.subresources, 'spec.subresources', found);
  validateColumns(shared.additionalPrinterColumns, 'spec.additionalPrinterColumns', found);
  validateSelectableFields(shared.selectableFields, shared.schema, 'spec.selectableFields', found);
  validateConversion(conversion, found);
}

/** validateCustomResourceDefinitionVersion; what is shared with all others is not looked at here. */
function validateVersion(
  version: CustomResourceDefinitionVersion,
  shared: ReturnType<typeof hoisted>['shared'],
  at: string,
  found: Findings,
): void {
  const { name, schema, subresources = shared.subresources } = version;
  addJoined(found, `${at}.name`, name, dns1035LabelErrors(name));
  validateDeprecation(version, at, found);
  validateDefinedSchema(schema, { at: `${at}.schema`, hasStatus: subresources?.status !== undefined }, found);
  validateSubresources(version.subresources, `${at}.subresources`, found);
  validateColumns(version.additionalPrinterColumns, `${at}.additionalPrinterColumns`, found);
  validateSelectableFields(version.selectableFields, schema ?? shared.schema, `${at}.selectableFields`, found);
}

/** validateDeprecationWarning */
function validateDeprecation(version: CustomResourceDefinitionVersion, at: string, found: Findings): void {
  const { deprecated = false, deprecationWarning: warning } = version;
  if (warning === undefined) return;
  const say = (why: string): void => void found.push(invalid(`${at}.deprecationWarning`, warning, why));
  if (!deprecated) return say('can only be set for deprecated versions');
  if (Buffer.byteLength(warning) > LONGEST_WARNING) say(`must be <= ${LONGEST_WARNING} characters long`);
  if (warning === '') say('must not be an empty string');
  const unprintable = warning.search(/[^\P{C}]|[^\P{Z} ]/u);
  if (unprintable >= 0) {
    const index = Buffer.byteLength(warning.slice(0, unprintable));
    say(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
  }
}

function validateVersionSet(versions: readonly CustomResourceDefinitionVersion[], found: Findings): void {
  const say = (why: string): void => void found.push(invalid('spec.versions', shownVersions(versions), why));
  if (new Set(versions.map(({ name }) => name)).size < versions.length) say('must contain unique version names');
  if (versions.filter(({ storage }) => storage).length !== 1) {
    say('must have exactly one version marked as storage version');
  }
}

/** validatePreserveUnknownFields */
function validatePreservation({ preserveUnknownFields }: Spec, found: Findings): void {
  if (preserveUnknownFields !== true) return;
  const why = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  found.push(invalid('spec.preserveUnknownFields', true, why));
}
