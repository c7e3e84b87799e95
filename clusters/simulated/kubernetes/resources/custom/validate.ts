import type { KubeObject } from '../../object.ts';
import { invalid, type Findings } from '../validation/field-errors.ts';
import { check } from './check.ts';
import { checkEmbedded } from './embedded.ts';
import { repeatedItems } from './repeated-items.ts';
import { ruleFindings } from './rules.ts';
import { checkScaleSpec, checkScaleStatus, type ScalePaths } from './scale.ts';
import { isFields, type JsonSchema } from './schema.ts';

export interface CustomChecks {
  readonly schema: JsonSchema;
  readonly scale?: ScalePaths | undefined;
}

/** After these, rules have nothing to go by. */
const BLOCKING: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const UNCHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** A custom resource against its schema, then against its rules (apiextensions-apiserver/pkg/registry/customresource/strategy.go). */
export function validateCustom(object: KubeObject, old: KubeObject | undefined, checks: CustomChecks): Findings {
  const schema = withoutMeta(checks.schema);
  const found = [...check(object, schema, { path: '', old }).found];
  if (checks.scale) {
    checkScaleSpec(object, checks.scale, found);
    checkScaleStatus(object, checks.scale, found);
  }
  checkEmbedded(object, schema, '', found);
  return withLists(object, old, schema, found);
}

/** A change of the status: of the schema only that of the status counts, of the rules all. */
export function validateCustomStatus(object: KubeObject, old: KubeObject, checks: CustomChecks): Findings {
  const schema = withoutMeta(checks.schema);
  const found: Findings = [];
  const { status } = object as { status?: unknown };
  const ofStatus = schema.properties?.['status'];
  if (status !== undefined && ofStatus) {
    const before = (old as { status?: unknown }).status;
    for (const finding of check(status, ofStatus, { path: '', old: before }).found) {
      const { field } = finding;
      found.push({ ...finding, field: field === '<nil>' ? 'status' : `status.${field}` });
    }
  }
  if (checks.scale) checkScaleStatus(object, checks.scale, found);
  return withLists(object, old, schema, found);
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** New finalizers that anybody else might have; rules that an update breaks, but no more than what was there before. */
export function customWarnings(object: KubeObject, old: KubeObject | undefined, checks: CustomChecks): string[] {
  const had = old?.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !had.includes(finalizer));
  const odd = added.filter((finalizer) => !finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer));
  return [
    ...odd.map(
      (finalizer) =>
        `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    ),
    ...ratchetedWarnings(object, old, checks),
  ];
}

const ratchetedWarnings = (object: KubeObject, old: KubeObject | undefined, { schema }: CustomChecks): string[] =>
  old && hasRules(schema)
    ? ruleFindings(object, old, withoutMeta(schema)).ratcheted.map(({ field, message }) => `${field}: ${message}`)
    : [];

function withLists(object: KubeObject, old: KubeObject | undefined, schema: JsonSchema, found: Findings): Findings {
  // Lists that held something twice may go on doing so.
  if (!old || repeatedItems(old, schema).length === 0) found.push(...repeatedItems(object, schema));
  if (!hasRules(schema)) return found;
  if (found.some(({ type }) => BLOCKING.has(type))) found.push(invalid('<nil>', null, UNCHECKED));
  else found.push(...ruleFindings(object, old, schema).found);
  return found;
}

/** What objects are called is checked elsewhere. */
function withoutMeta(schema: JsonSchema): JsonSchema {
  const { metadata: _, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
}

const hasRules = (schema: JsonSchema): boolean =>
  schema['x-kubernetes-validations'] !== undefined ||
  Object.values(schema.properties ?? {}).some(hasRules) ||
  (schema.items !== undefined && hasRules(schema.items)) ||
  (isFields(schema.additionalProperties) && hasRules(schema.additionalProperties));
