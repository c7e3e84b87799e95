import type { Environment } from '@marcbachmann/cel-js';
import { schemaOf, type Shape, type TypeSchema } from '../../model/schema.ts';
import type { JsonSchema } from '../../resources/custom/schema.ts';
import type { Resource } from '../../resources/resource.ts';

/** cel-js' names of types with which a row's objects can be declared. What has no types of its own, or is within itself, is `dyn`. */
export class ObjectTypes {
  readonly #environment: Environment;
  readonly #known = new Map<string, string>();
  #count = 0;

  /** Types are registered with the environment as they are met. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** apiserver/pkg/cel/common/schemas.go SchemaDeclType, of a resource's root. */
  of(row: Resource): string {
    if (row.type !== '') return this.#struct(schemaOf(row.type));
    const { properties, ...rest } = (row.schema ?? {}) as JsonSchema;
    const metadata: JsonSchema = {
      type: 'object',
      properties: { name: { type: 'string' }, generateName: { type: 'string' } },
    };
    const own = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata };
    return this.#schema({ ...rest, type: 'object', properties: { ...properties, ...own } });
  }

  #struct(type: TypeSchema): string {
    const known = this.#known.get(type.name);
    if (known !== undefined) return known;
    this.#known.set(type.name, 'dyn'); // while it is read: a type within itself
    const fields = Object.fromEntries(
      type.fields.filter(({ retired }) => !retired).map(({ name, shape }) => [name, this.#shape(shape)]),
    );
    const made = this.#register(type.name.split('.').at(-1) ?? '', fields);
    this.#known.set(type.name, made);
    return made;
  }

  #shape(shape: Shape): string {
    switch (shape.is) {
      case 'object':
        return this.#struct(shape.type);
      case 'list':
        return listOf(this.#shape(shape.of));
      case 'map':
        return mapOf(this.#shape(shape.of));
      case 'int32':
      case 'int64':
        return 'int';
      case 'bool':
      case 'double':
      case 'bytes':
        return shape.is;
      case 'string':
      case 'quantity':
      case 'duration':
        return 'string';
      case 'time':
      case 'microTime':
        return 'google.protobuf.Timestamp';
      case 'any':
      case 'intOrString':
        return 'dyn';
      default:
        return shape satisfies never;
    }
  }

  #schema(schema: JsonSchema): string {
    if (schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']) return 'dyn';
    switch (schema.type) {
      case 'integer':
        return 'int';
      case 'number':
        return 'double';
      case 'boolean':
        return 'bool';
      case 'string':
        return STRING_FORMATS[schema.format ?? ''] ?? 'string';
      case 'array':
        return listOf(schema.items === undefined ? 'dyn' : this.#schema(schema.items));
      case 'object': {
        const { properties, additionalProperties } = schema;
        if (typeof additionalProperties === 'object') return mapOf(this.#schema(additionalProperties));
        if (properties === undefined) return 'dyn';
        const fields = Object.entries(properties).map(([name, property]) => [name, this.#schema(property)]);
        return this.#register('Object', Object.fromEntries(fields) as Record<string, string>);
      }
      default:
        return 'dyn';
    }
  }

  #register(name: string, fields: Record<string, string>): string {
    if (Object.keys(fields).length === 0) return 'dyn';
    this.#count += 1;
    const own = `kubernetes.${name.replaceAll(/\W/g, '')}${this.#count}`;
    this.#environment.registerType(own, { fields });
    // Objects may be compared with null (cel-go/checker/types.go internalIsAssignableNull).
    this.#environment.registerOperator(`${own} == null`, () => false);
    return own;
  }
}

const STRING_FORMATS: Readonly<Record<string, string>> = {
  byte: 'bytes',
  duration: 'google.protobuf.Duration',
  date: 'google.protobuf.Timestamp',
  'date-time': 'google.protobuf.Timestamp',
};
const listOf = (type: string): string => `list<${type}>`;
const mapOf = (type: string): string => `map<string, ${type}>`;
