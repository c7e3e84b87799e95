import { celEnvironment } from '../../admission/cel/environment.ts';
import { compile } from '../../admission/cel/program.ts';
import { asCel } from '../../admission/cel/values.ts';
import { escapedName } from './rule-names.ts';
import { isFields, own, type JsonSchema } from './schema.ts';

const environment = celEnvironment(['text']);
const readers = new Map(
  Object.entries({
    date: 'timestamp(text + "T00:00:00Z")',
    'date-time': 'timestamp(text)',
    duration: 'duration(text)',
    byte: 'base64.decode(text)',
  }).map(([format, expression]) => [format, compile(environment, expression)]),
);

/** A value as rules see it, typed by its schema (apiserver/pkg/cel/common/values.go). */
export function ruleValue(value: unknown, schema: JsonSchema): unknown {
  if (schema['x-kubernetes-int-or-string']) return asCel(value);
  if (typeof value === 'number') return schema.type === 'number' ? value : asCel(value);
  if (typeof value === 'string') return textValue(value, schema);
  if (Array.isArray(value)) return value.map((item) => ruleValue(item, schema.items ?? {}));
  if (!isFields(value)) return value;
  const parts = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const property = own(schema.properties, name);
    if (field === undefined || (field === null && property?.nullable)) return [];
    if (property) return [[escapedName(name) ?? name, ruleValue(field, property)]];
    const { additionalProperties } = schema;
    return [[name, typeof additionalProperties === 'object' ? ruleValue(field, additionalProperties) : asCel(field)]];
  });
  return Object.fromEntries(parts);
}

function textValue(text: string, { type, format = '' }: JsonSchema): unknown {
  const reader = type === 'string' ? readers.get(format) : undefined;
  if (!reader || 'failed' in reader) return text;
  try {
    return reader.run({ text });
  } catch {
    return text;
  }
}
