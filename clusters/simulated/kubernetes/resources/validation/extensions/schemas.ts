import type { CustomResourceValidation, JSONSchemaProps } from '../../../model/generated/objects.ts';
import type { JsonSchema } from '../../custom/schema.ts';
import { forbidden, invalid, type Findings } from '../field-errors.ts';
import { defaultFindings } from './defaults.ts';
import { openApiFindings } from './open-api.ts';
import { ruleTypes } from './rule-types.ts';
import { isConvertible, structuralFindings } from './structural.ts';

export interface SchemaPlace {
  /** Where the schema stands: `spec.validation`, or the schema of a version. */
  readonly at: string;
  readonly hasStatus: boolean;
}

/** What may stand at the root beside a status subresource, which is checked by a part of the schema; in Go's names. */
const BESIDE_STATUS =
  '[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]';
const BESIDE_STATUS_FIELDS: ReadonlySet<string> = new Set([
  ...[...BESIDE_STATUS.matchAll(/\w+/g)].map(([name]) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`),
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
  'nullable',
]);

/** validateCustomResourceDefinitionValidation of apiextensions-apiserver/pkg/apis/apiextensions/validation. */
export function validateDefinedSchema(
  validation: CustomResourceValidation | undefined,
  { at, hasStatus }: SchemaPlace,
  found: Findings,
): void {
  const schema = validation?.openAPIV3Schema;
  if (!schema) return;
  const path = `${at}.openAPIV3Schema`;
  if (hasStatus) validateBesideStatus(schema, path, found);
  if (schema.nullable === true) found.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'));
  const convertible = isConvertible(schema);
  const structural = convertible ? structuralFindings(schema, path) : [];
  found.push(...structural);
  const sound = convertible && structural.length === 0;
  const defaults = sound ? defaultFindings(schema as JsonSchema, path) : [];
  found.push(...defaults);
  const types = sound && defaults.length === 0 ? ruleTypes(schema) : undefined;
  const { schema: ofSchema, rules } = openApiFindings(schema, { at: path, root: true, types });
  found.push(...ofSchema, ...rules);
}

function validateBesideStatus(schema: JSONSchemaProps, path: string, found: Findings): void {
  const { type = '' } = schema;
  if (type !== '' && type !== 'object') {
    const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    found.push(invalid(`${path}.type`, type, why));
  } else if (Object.keys(schema).some((field) => !BESIDE_STATUS_FIELDS.has(field))) {
    const why = `only ${BESIDE_STATUS} fields are allowed at the root of the schema if the status subresource is enabled`;
    found.push(invalid(path, schema, why));
  }
}
