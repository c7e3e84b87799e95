import type { Resource } from '../../resources/resource.ts';
import { descriptionOf } from '../descriptions.ts';
import { type Dialect, type Node, refTo } from './node.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

/** `widgets.example.com/v1` is `com.example.v1.Widget` (apiextensions-apiserver/pkg/controller/openapi/builder). */
export const customName = ({ group, version, kind }: Resource): string =>
  `${group.split('.').reverse().join('.')}.${version}.${kind}`;

/** The definitions of a custom resource and of its list, from the schema of its CustomResourceDefinition. */
export function customDefinitions(row: Resource, dialect: Dialect): [string, Node][] {
  const name = customName(row);
  const schema = (dialect === 'v3' ? row.schema : withoutV3(row.schema)) as Node | undefined;
  const reference = (type: string, description: string): Node =>
    dialect === 'v3' ? { allOf: [refTo(type, 'v3')], description } : { ...refTo(type, 'v2'), description };
  const kind = (suffix: string): Node[] => [{ group: row.group, kind: `${row.kind}${suffix}`, version: row.version }];
  const typeFields: Node = {
    apiVersion: { type: 'string', description: descriptionOf('io.k8s.api.core.v1.Pod', 'apiVersion') },
    kind: { type: 'string', description: descriptionOf('io.k8s.api.core.v1.Pod', 'kind') },
  };
  const properties = (schema?.['properties'] ?? {}) as Node;
  return [
    [
      name,
      {
        ...schema,
        type: 'object',
        ...(schema === undefined
          ? { 'x-kubernetes-preserve-unknown-fields': true }
          : {
              properties: sortedNode({
                ...properties,
                ...typeFields,
                metadata: reference(
                  `${meta}.ObjectMeta`,
                  `Standard object's metadata. More info: ${conventions}#metadata`,
                ),
              }),
            }),
        'x-kubernetes-group-version-kind': kind(''),
      },
    ],
    [
      `${name}List`,
      {
        description: `${row.kind}List is a list of ${row.kind}`,
        type: 'object',
        required: ['items'],
        properties: sortedNode({
          ...typeFields,
          items: {
            type: 'array',
            items: refTo(name, dialect),
            description: `List of ${row.plural}. More info: ${conventions}`,
          },
          metadata: reference(`${meta}.ListMeta`, `Standard list metadata. More info: ${conventions}#types-kinds`),
        }),
        'x-kubernetes-group-version-kind': kind('List'),
      },
    ],
  ];
}

const sortedNode = (node: Node): Node => Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Swagger 2.0 has no word for these; a value that may be null loses its type (schema/openapi/v2/conversion.go). */
const dropped = new Set(['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'default', 'x-kubernetes-validations']);

function withoutV3(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutV3);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable } = schema as Node;
  const kept = Object.entries(schema).filter(
    ([key]) => !dropped.has(key) && !(nullable === true && /^(type|items|properties)$/.test(key)),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === 'properties'
        ? Object.fromEntries(Object.entries(value as Node).map(([name, inner]) => [name, withoutV3(inner)]))
        : key === 'items' || key === 'additionalProperties'
          ? withoutV3(value)
          : value,
    ]),
  );
}
