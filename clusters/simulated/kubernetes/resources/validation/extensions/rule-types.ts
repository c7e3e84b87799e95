import type { Environment } from '@marcbachmann/cel-js';
import { celEnvironment } from '../../../admission/cel/environment.ts';
import type { JSONSchemaProps } from '../../../model/generated/objects.ts';
import { escapedName } from '../../custom/rule-names.ts';

/** How a rule's `self` is typed at one place of a schema, and at those below. */
export interface RuleTypes {
  /** Where expressions of this place are compiled; undefined when they cannot be, for what they are about has no type. */
  readonly environment: (optionalOldSelf: boolean) => Environment | undefined;
  readonly property: (name: string) => RuleTypes;
  readonly items: () => RuleTypes;
  readonly additionalProperties: () => RuleTypes;
}

const STRING: JSONSchemaProps = { type: 'string' };
const METADATA: JSONSchemaProps = { type: 'object', properties: { name: STRING, generateName: STRING } };
const FORMATS: Readonly<Record<string, string>> = {
  byte: 'bytes',
  duration: 'google.protobuf.Duration',
  date: 'google.protobuf.Timestamp',
  'date-time': 'google.protobuf.Timestamp',
};
const SCALARS: Readonly<Record<string, string>> = { boolean: 'bool', number: 'double', integer: 'int' };

/** An object knows its kind and its name, whatever its schema says. */
const withMeta = (schema: JSONSchemaProps): JSONSchemaProps => ({
  ...schema,
  type: 'object',
  properties: { ...schema.properties, apiVersion: STRING, kind: STRING, metadata: METADATA },
});

/** RootCELContext: types are declared when the first rule needs them (apiserver/pkg/cel/common/schemas.go SchemaDeclType). */
export function ruleTypes(root: JSONSchemaProps): RuleTypes {
  const declared = new Map<JSONSchemaProps, string | undefined>();
  let base = celEnvironment([]);
  let frozen = true;
  /** An environment that was cloned takes no more types. */
  const open = (): Environment => {
    if (frozen) base = base.clone();
    frozen = false;
    return base;
  };

  function typeOf(schema: JSONSchemaProps): string | undefined {
    if (!declared.has(schema)) declared.set(schema, declare(schema));
    return declared.get(schema);
  }
  function declare(written: JSONSchemaProps): string | undefined {
    const resource = written === root || written['x-kubernetes-embedded-resource'] === true;
    const schema = resource ? withMeta(written) : written;
    const { type = '', items, additionalProperties, properties = {}, format = '' } = schema;
    if (schema['x-kubernetes-int-or-string']) return 'dyn';
    if (type === 'string') return FORMATS[format] ?? 'string';
    if (type === 'array') {
      const item = items && !Array.isArray(items) ? typeOf(items) : undefined;
      return item && `list<${item}>`;
    }
    if (type !== 'object') return SCALARS[type];
    if (typeof additionalProperties === 'object') {
      const value = typeOf(additionalProperties);
      return value && `map<string, ${value}>`;
    }
    const fields: Record<string, string> = {};
    for (const [name, property] of Object.entries(properties)) {
      const [field, of] = [escapedName(name), typeOf(property)];
      if (field !== undefined && of !== undefined) fields[field] = of;
    }
    const name = `selfType.object${declared.size}`;
    open()
      .registerType({ name, schema: fields })
      .registerOperator(`${name} == ${name}`, () => false);
    return name;
  }

  function at(schema: JSONSchemaProps | undefined): RuleTypes {
    const below = (part: unknown): RuleTypes =>
      at(typeof part === 'object' && !Array.isArray(part) ? (part as JSONSchemaProps) : undefined);
    return {
      environment(optionalOldSelf) {
        const type = schema && typeOf(schema);
        if (type === undefined) return undefined;
        frozen = true;
        return base
          .clone()
          .registerVariable('self', type)
          .registerVariable('oldSelf', optionalOldSelf ? `optional<${type}>` : type);
      },
      property: (name) => below(schema?.properties?.[name]),
      items: () => below(schema?.items),
      additionalProperties: () => below(schema?.additionalProperties),
    };
  }
  return at(root);
}
