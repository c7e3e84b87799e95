import { equal } from '../../../model/equality.ts';
import { check } from '../../custom/check.ts';
import { checkEmbedded } from '../../custom/embedded.ts';
import { ruleFindings } from '../../custom/rules.ts';
import type { JsonSchema } from '../../custom/schema.ts';
import { prune } from '../../custom/structural.ts';
import { invalid, type Findings } from '../field-errors.ts';

/** A default has to be what the schema that gives it allows (apiserver/schema/defaulting/validation.go ValidateDefaults). */
export function defaultFindings(schema: JsonSchema, path: string): Findings {
  const found: Findings = [];
  if (schema.default !== undefined) checkDefault(schema.default, schema, `${path}.default`, found);
  if (schema.items) found.push(...defaultFindings(schema.items, `${path}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    found.push(...defaultFindings(property, `${path}.properties[${name}]`));
  }
  return found;
}

function checkDefault(value: unknown, schema: JsonSchema, at: string, found: Findings): void {
  const pruned = structuredClone(value);
  prune(pruned, schema, schema['x-kubernetes-embedded-resource'] === true);
  if (!equal(pruned, value)) found.push(invalid(at, value, 'must not have unknown fields'));
  const wrong: Findings = [];
  checkEmbedded(value, schema, '', wrong);
  if (wrong.length === 0) wrong.push(...check(value, schema, { path: '' }).found);
  if (wrong.length === 0) wrong.push(...ruleFindings(value, undefined, schema).found);
  for (const finding of wrong) {
    const { field } = finding;
    found.push({ ...finding, field: field === '<nil>' ? at : `${at}.${field}` });
  }
}
