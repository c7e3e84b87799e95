import { dns1035LabelErrors } from '../../model/names.ts';
import { invalid, required, type Findings } from '../validation/field-errors.ts';
import { isFields, own, type JsonSchema } from './schema.ts';

/** Objects inside of objects say what they are (apiextensions-apiserver/pkg/apiserver/schema/objectmeta/validation.go). */
export function checkEmbedded(value: unknown, schema: JsonSchema, path: string, found: Findings): void {
  if (Array.isArray(value)) {
    for (const [i, item] of schema.items ? value.entries() : []) {
      checkEmbedded(item, schema.items!, `${path}[${i}]`, found);
    }
  }
  if (!isFields(value)) return;
  if (schema['x-kubernetes-embedded-resource']) {
    for (const field of ['apiVersion', 'kind']) {
      if (!value[field]) found.push(required(`${path}.${field}`, 'must not be empty'));
    }
    const { kind } = value;
    const texts = typeof kind === 'string' && kind !== '' ? dns1035LabelErrors(kind.toLowerCase()) : [];
    if (texts.length > 0) {
      const why = `may have mixed case, but should otherwise match: ${texts.join(',')}`;
      found.push(invalid(`${path}.kind`, kind, why));
    }
  }
  for (const [name, field] of Object.entries(value)) {
    const property = own(schema.properties, name);
    const part = property ?? schema.additionalProperties;
    const at = property ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
    if (typeof part === 'object') checkEmbedded(field, part, at, found);
  }
}
