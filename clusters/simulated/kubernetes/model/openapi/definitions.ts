import { descriptionOf } from '../descriptions.ts';
import { enumValues } from '../enums.ts';
import { type FieldSchema, schemaOf, type Shape, type TypeSchema } from '../schema.ts';
import { type Dialect, type Node, refTo } from './node.ts';
import { scalarDefinitions, scalarName } from './scalars.ts';

/**
 * The definitions of these types and of everything they refer to, by name, as kube-apiserver publishes them
 * (kube-openapi/pkg/builder, builder3). `kinds` gives the `x-kubernetes-group-version-kind` of the types that have one.
 */
export function definitionsOf(
  types: Iterable<string>,
  dialect: Dialect,
  kinds: ReadonlyMap<string, readonly Node[]>,
): Map<string, Node> {
  const found = new Map<string, Node>();
  const queue = [...types];
  const refer = (name: string): Node => {
    queue.push(name);
    return refTo(name, dialect);
  };
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    const definition = scalarDefinitions(dialect).get(name) ?? structDefinition(schemaOf(name), dialect, refer);
    const own = kinds.get(name);
    found.set(name, own === undefined ? definition : { ...definition, 'x-kubernetes-group-version-kind': own });
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

type Refer = (name: string) => Node;

function structDefinition(schema: TypeSchema, dialect: Dialect, refer: Refer): Node {
  const fields = schema.fields.filter((field) => !field.retired).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const required = fields.filter((field) => field.required).map((field) => field.name);
  const description = descriptionOf(schema.name);
  const owners = new Map(
    schema.wire.flatMap((part) => part.inlined?.fields.map((field) => [field.name, part.inlined.name] as const) ?? []),
  );
  const properties = Object.fromEntries(
    fields.map((field) => [
      field.name,
      fieldNode(field, textOf(schema.name, owners.get(field.name), field), dialect, refer),
    ]),
  );
  return {
    ...(description === '' ? {} : { description }),
    type: 'object',
    ...(fields.length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
    ...(schema.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
}

/** An inlined field is described by its owner where that says something of its own. */
const textOf = (type: string, inlined: string | undefined, { name }: FieldSchema): string =>
  descriptionOf(type, name) || (inlined === undefined ? '' : descriptionOf(inlined, name));

function fieldNode(field: FieldSchema, text: string, dialect: Dialect, refer: Refer): Node {
  const values = enumValues(field.goType);
  const documented = values === undefined ? text : withValues(text, values);
  const description = documented === '' ? {} : { description: documented };
  const extensions: Node = {
    ...(field.shape.is === 'list' ? { 'x-kubernetes-list-type': field.listType } : {}),
    ...(field.listMapKeys.length > 0 ? { 'x-kubernetes-list-map-keys': field.listMapKeys } : {}),
    ...(field.mapType === 'atomic' && !(field.shape.is === 'object') ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.patchStrategy.length === 0 ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategy.join(',') }),
  };
  const shape = shapeNode(field.shape, dialect, refer);
  const enumeration =
    values === undefined || field.shape.is !== 'string' ? {} : { enum: values.map(([value]) => value) };
  if ('$ref' in shape) {
    if (dialect === 'v2') return { ...shape, ...description, ...extensions };
    return { allOf: [shape], ...(field.pointer ? {} : { default: {} }), ...description, ...extensions };
  }
  return { ...shape, ...description, ...enumeration, ...extensions, ...(isPort(field) ? { default: 'TCP' } : {}) };
}

/** The one default that server-side apply needs: a port's protocol is part of its key. */
const isPort = (field: FieldSchema): boolean =>
  field.name === 'protocol' && field.goType === 'v1.Protocol' && field.keyDefault;

/** kube-openapi/pkg/generators/enum.go, DescriptionLines. */
function withValues(text: string, values: readonly (readonly [string, string])[]): string {
  const lines = values.map(([value, note]) => ` - \`${JSON.stringify(value)}\`${note === '' ? '' : ` ${note}`}`);
  return `${text}\n\nPossible enum values:\n${lines.join('\n')}`;
}

function shapeNode(shape: Shape, dialect: Dialect, refer: Refer): Node {
  switch (shape.is) {
    case 'string':
      return { type: 'string' };
    case 'bool':
      return { type: 'boolean' };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: shape.is };
    case 'double':
      return { type: 'number', format: 'double' };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'object':
      return refer(shape.type.name);
    case 'list':
      return { type: 'array', items: element(shape.of, dialect, refer) };
    case 'map':
      return { type: 'object', additionalProperties: element(shape.of, dialect, refer) };
    case 'time':
    case 'microTime':
    case 'duration':
    case 'quantity':
    case 'intOrString':
    case 'any':
      break;
  }
  return refer(scalarName(shape));
}

function element(shape: Shape, dialect: Dialect, refer: Refer): Node {
  const node = shapeNode(shape, dialect, refer);
  return '$ref' in node && dialect === 'v3' && shape.is === 'object' ? { allOf: [node], default: {} } : node;
}
