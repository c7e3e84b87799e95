import { patternProblem } from '../../../admission/cel/patterns.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  JSONSchemaProps,
} from '../../../model/generated/objects.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../../model/names.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { immutable } from '../immutable.ts';
import { validateKind } from '../qualified.ts';

const SCOPES = ['Cluster', 'Namespaced'];
const CONVERSIONS = ['None', 'Webhook'];
const TYPES = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string']);
const STORED_ONCE = 'must have exactly one version marked as storage version';

/** ValidateCustomResourceDefinition of apiextensions-apiserver/pkg/apis/apiextensions/validation. */
export function validateDefinition(definition: CustomResourceDefinition, found: Findings): void {
  const { metadata } = definition;
  const spec = definition.spec as Partial<CustomResourceDefinitionSpec>;
  const names: Partial<CustomResourceDefinitionNames> = spec.names ?? {};
  const group = spec.group ?? '';
  if (metadata.name !== `${names.plural ?? ''}.${group}`) {
    found.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (group === '') found.push(required('spec.group'));
  else {
    const texts = dns1123SubdomainErrors(group);
    if (texts.length > 0) found.push(invalid('spec.group', group, texts.join(',')));
    else if (!group.includes('.')) found.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  }
  if (!spec.scope) found.push(required('spec.scope'));
  else if (!SCOPES.includes(spec.scope)) found.push(notSupported('spec.scope', spec.scope, SCOPES));
  validateVersions(spec, found);
  validateNames(names, 'spec.names', found);
  const strategy = spec.conversion?.strategy;
  if (strategy !== undefined && !CONVERSIONS.includes(strategy)) {
    found.push(notSupported('spec.conversion.strategy', strategy, CONVERSIONS));
  }
}

function validateVersions(
  { versions = [], preserveUnknownFields }: Partial<CustomResourceDefinitionSpec>,
  found: Findings,
): void {
  if (preserveUnknownFields === true) {
    found.push(
      invalid(
        'spec.preserveUnknownFields',
        true,
        'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ),
    );
  }
  const names = new Set<string>();
  for (const [i, { name, schema }] of versions.entries()) {
    const at = `spec.versions[${i}]`;
    if (names.has(name)) found.push(invalid('spec.versions', versions, 'must contain unique version names'));
    names.add(name);
    const texts = dns1035LabelErrors(name);
    if (texts.length > 0) found.push(invalid(`${at}.name`, name, texts.join(',')));
    const root = schema?.openAPIV3Schema;
    if (!root) found.push(required(`${at}.schema.openAPIV3Schema`, 'schemas are required'));
    else {
      if (root.type !== 'object') {
        found.push(
          root.type === undefined
            ? required(`${at}.schema.openAPIV3Schema.type`, 'must not be empty at the root')
            : invalid(`${at}.schema.openAPIV3Schema.type`, root.type, 'must be object at the root'),
        );
      }
      validateSchema(root, `${at}.schema.openAPIV3Schema`, true, found);
    }
  }
  const stored = versions.filter(({ storage }) => storage).length;
  if (stored !== 1) found.push(invalid('spec.versions', versions, STORED_ONCE));
}

/** A structural schema says the type of everything and has logic only inside of that (schema/validation.go of apiextensions). */
function validateSchema(schema: JSONSchemaProps, at: string, root: boolean, found: Findings): void {
  const { type = '', properties = {}, additionalProperties, items, pattern } = schema;
  const loose =
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-int-or-string'] === true;
  if (type !== '' && !TYPES.has(type)) {
    found.push(notSupported(`${at}.type`, type, [...TYPES]));
  } else if (type === '' && !loose && !root) {
    found.push(required(`${at}.type`, 'must not be empty for specified object fields'));
  }
  if (Object.keys(properties).length > 0 && additionalProperties !== undefined && additionalProperties !== true) {
    found.push(forbidden(`${at}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'));
  }
  if (type === 'array' && items === undefined) found.push(required(`${at}.items`, 'must be specified'));
  if (Array.isArray(items)) found.push(forbidden(`${at}.items`, 'items must be a schema object and not an array'));
  else if (items) validateSchema(items, `${at}.items`, false, found);
  for (const [name, property] of Object.entries(properties)) {
    validateSchema(property, `${at}.properties[${name}]`, false, found);
  }
  if (typeof additionalProperties === 'object') {
    validateSchema(additionalProperties, `${at}.additionalProperties`, false, found);
  }
  if (schema.uniqueItems === true) {
    found.push(
      forbidden(
        `${at}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  for (const field of ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems'] as const) {
    if (schema[field] !== undefined) found.push(forbidden(`${at}.${field}`, `${field} is not supported`));
  }
  const wrong = pattern === undefined ? undefined : patternProblem(pattern);
  if (wrong !== undefined) {
    found.push(invalid(`${at}.pattern`, pattern, `must be a valid regular expression, but isn't: ${wrong}`));
  }
}

function validateNames(names: Partial<CustomResourceDefinitionNames>, path: string, found: Findings): void {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names;
  if (plural === '') found.push(required(`${path}.plural`));
  else addJoined(found, `${path}.plural`, plural, dns1035LabelErrors(plural));
  if (singular !== '') addJoined(found, `${path}.singular`, singular, dns1035LabelErrors(singular));
  if (kind === '') found.push(required(`${path}.kind`));
  else validateKind(kind, `${path}.kind`, found);
  if (listKind === '') found.push(required(`${path}.listKind`));
  else validateKind(listKind, `${path}.listKind`, found);
  if (kind !== '' && kind === listKind) {
    found.push(invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same'));
  }
  for (const [i, name] of shortNames.entries())
    addJoined(found, `${path}.shortNames[${i}]`, name, dns1035LabelErrors(name));
  for (const [i, name] of categories.entries())
    addTexts(found, `${path}.categories[${i}]`, name, dns1035LabelErrors(name));
}

function addJoined(found: Findings, field: string, value: string, texts: readonly string[]): void {
  if (texts.length > 0) found.push(invalid(field, value, texts.join(',')));
}

/** ValidateCustomResourceDefinitionUpdate: what clients know a resource by stays while it is served. */
export function validateDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
  found: Findings,
): void {
  validateDefinition(definition, found);
  const established = (old.status as CustomResourceDefinition['status'] | undefined)?.conditions?.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  const { spec } = definition;
  immutable(spec.group, old.spec.group, 'spec.group', found);
  immutable(spec.names.plural, old.spec.names.plural, 'spec.names.plural', found);
  if (established !== true) return;
  immutable(spec.scope, old.spec.scope, 'spec.scope', found);
  immutable(spec.names.kind, old.spec.names.kind, 'spec.names.kind', found);
}
