import { listKindOf, type Resource } from '../../resources/resource.ts';
import { descriptionOf } from '../descriptions.ts';
import { type Dialect, type Node, refTo } from './node.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

/** `widgets.example.com/v1` is `com.example.v1.Widget` (apiextensions-apiserver/pkg/controller/openapi/builder). */
export const customName = ({ group, version }: Resource, kind: string): string =>
  `${group.split('.').reverse().join('.')}.${version}.${kind}`;

/** The definitions of a custom resource and of its list, from the schema of its CustomResourceDefinition. */
export function customDefinitions(row: Resource, dialect: Dialect): [string, Node][] {
  const name = customName(row, row.kind);
  const listKind = listKindOf(row);
  const reference = (type: string, description: string): Node =>
    dialect === 'v3' ? { allOf: [refTo(type, 'v3')], description } : { ...refTo(type, 'v2'), description };
  const called = (kind: string): Node[] => [{ group: row.group, kind, version: row.version }];
  const typeFields: Node = {
    apiVersion: { type: 'string', description: descriptionOf('io.k8s.api.core.v1.Pod', 'apiVersion') },
    kind: { type: 'string', description: descriptionOf('io.k8s.api.core.v1.Pod', 'kind') },
  };
  const metadata = reference(`${meta}.ObjectMeta`, `Standard object's metadata. More info: ${conventions}#metadata`);
  return [
    [
      name,
      {
        ...ownDefinition(row.schema, dialect, { ...typeFields, metadata }),
        'x-kubernetes-group-version-kind': called(row.kind),
      },
    ],
    [
      customName(row, listKind),
      {
        description: `${listKind} is a list of ${row.kind}`,
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
        'x-kubernetes-group-version-kind': called(listKind),
      },
    ],
  ];
}

const sortedNode = (node: Node): Node => Object.fromEntries(Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1)));

/** builder.go, buildKubeNative: whatever v2 tells of an object that takes any field would make kubectl refuse the others. */
function ownDefinition(given: Resource['schema'], dialect: Dialect, ofEveryObject: Node): Node {
  if (given === undefined || (dialect === 'v2' && given[PRESERVES] === true)) return { type: 'object' };
  const schema = dialect === 'v3' ? given : inSwagger(given);
  const properties = sortedNode({ ...(schema['properties'] as Node | undefined), ...ofEveryObject });
  return { ...schema, type: 'object', properties };
}

const PRESERVES = 'x-kubernetes-preserve-unknown-fields';

/** Swagger 2.0 has no word for these. */
const WITHOUT_WORD = new Set(['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'default', 'x-kubernetes-validations']);

/** A schema as v2 tells it to kubectl, which copes with no type, items or properties beside null or unknown fields (openapi/v2/conversion.go). */
function inSwagger(schema: Node): Node {
  const open = schema['nullable'] === true || schema[PRESERVES] === true;
  const told = Object.entries(schema).filter(
    ([key]) => !WITHOUT_WORD.has(key) && !(open && (key === 'items' || key === 'properties')),
  );
  const swagger = Object.fromEntries(told.map(([key, value]) => [key, inside(key, value)]));
  const { type, items, required } = swagger;
  const isOpen = schema['nullable'] === true || (schema[PRESERVES] === true && type === 'object');
  if (isOpen || (type === 'array' && items === undefined)) delete swagger['type'];
  if (Array.isArray(required)) {
    const children = (schema['properties'] ?? {}) as Record<string, Node>;
    swagger['required'] = required.filter((name: string) => open || children[name]?.['nullable'] !== true);
    if ((swagger['required'] as string[]).length === 0) delete swagger['required'];
  }
  return swagger;
}

function inside(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (key === 'items' || key === 'additionalProperties') return inSwagger(value as Node);
  if (key !== 'properties') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inSwagger(inner as Node)]));
}
