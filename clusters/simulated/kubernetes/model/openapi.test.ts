import { expect, test } from 'vitest';
import { builtInResources } from '../resources/registry.ts';
import type { Node } from './openapi/node.ts';
import type { Resource } from '../resources/resource.ts';
import { openApiV2, openApiV3, openApiV3Index } from './openapi.ts';

const rows = builtInResources();

interface Document {
  readonly paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
  readonly components: { schemas: Record<string, Record<string, unknown>> };
}

const read = (path: string, from: readonly Resource[] = rows): Document =>
  JSON.parse(openApiV3(from, path)?.body.toString() ?? '') as Document;

test('the index names every group version with the hash of its document', () => {
  const index = JSON.parse(openApiV3Index(rows).body.toString()) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  expect(Object.keys(index.paths)).toContain('apis/apps/v1');
  const hash = openApiV3(rows, 'apis/apps/v1')?.etag.replaceAll('"', '');
  expect(index.paths['apis/apps/v1']?.serverRelativeURL).toBe(`/openapi/v3/apis/apps/v1?hash=${hash}`);
  expect(openApiV3(rows, 'apis/nothing/v1')).toBeUndefined();
});

test('patch operations list fieldValidation and dryRun, which kubectl looks for before it sends them', () => {
  const patch = read('apis/apps/v1').paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'];
  expect(patch?.parameters?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['fieldValidation', 'dryRun', 'fieldManager', 'force']),
  );
});

test('every reference has its definition', () => {
  for (const path of ['api/v1', 'apis/apps/v1', 'apis/apiextensions.k8s.io/v1', 'apis/rbac.authorization.k8s.io/v1']) {
    const document = read(path);
    const references = new Set(
      [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name),
    );
    expect([...references].filter((name) => document.components.schemas[name ?? ''] === undefined)).toEqual([]);
  }
});

test('schemas carry what kubectl merges and explains by', () => {
  const schemas = read('api/v1').components.schemas;
  expect(schemas['io.k8s.api.core.v1.Pod']?.['x-kubernetes-group-version-kind']).toEqual([
    { group: '', kind: 'Pod', version: 'v1' },
  ]);
  const properties = schemas['io.k8s.api.core.v1.Container']?.['properties'] as Record<string, Record<string, unknown>>;
  expect(properties['ports']).toMatchObject({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
    'x-kubernetes-patch-merge-key': 'containerPort',
    'x-kubernetes-patch-strategy': 'merge',
  });
  expect(properties['imagePullPolicy']).toMatchObject({ enum: ['Always', 'IfNotPresent', 'Never'] });
  expect(properties['resources']?.['description']).toMatch(/^Compute Resources required by this container/);
  expect(schemas['io.k8s.api.core.v1.PodSpec']?.['required']).toEqual(['containers']);
});

const widget = (schema: Node): Resource => ({
  ...rows.find(({ kind }) => kind === 'Pod')!,
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  type: '',
  subresources: [],
  schema,
});

function inV2(schema: Node): Node | undefined {
  const document = openApiV2([...rows, widget(schema)], 'json').body.toString();
  return (JSON.parse(document) as { definitions: Record<string, Node> }).definitions['com.example.v1.Widget'];
}

test('a custom resource is described by its own schema', () => {
  const { components } = read('apis/example.com/v1', [
    ...rows,
    widget({ type: 'object', description: 'A widget.', properties: { spec: { type: 'object' } } }),
  ]);
  expect(components.schemas['com.example.v1.Widget']).toMatchObject({
    description: 'A widget.',
    properties: {
      metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] },
    },
  });
});

test.each([
  ['a value that may be null', { type: 'integer', nullable: true }, {}],
  [
    'an object that takes any field',
    { type: 'object', properties: { a: { type: 'string' } }, 'x-kubernetes-preserve-unknown-fields': true },
    { 'x-kubernetes-preserve-unknown-fields': true },
  ],
  [
    'a list of such objects',
    { type: 'array', items: { type: 'object', nullable: true } },
    { type: 'array', items: {} },
  ],
  [
    'one field of two that must be there and may be null',
    {
      type: 'object',
      required: ['a', 'b'],
      properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } },
    },
    { type: 'object', required: ['b'], properties: { a: {}, b: { type: 'string' } } },
  ],
])('v2 leaves out what kubectl cannot read: %s', (_, schema, expected) => {
  const { properties } = inV2({ type: 'object', properties: { spec: schema } }) as { properties: Node };
  expect(properties['spec']).toEqual(expected);
});

test('a custom resource is offered no strategic merge patch, a built-in one is', () => {
  const all = [...rows, widget({ type: 'object' })];
  const path = (plural: string): string => `namespaces/{namespace}/${plural}/{name}`;
  const v2 = JSON.parse(openApiV2(all, 'json').body.toString()) as { paths: Record<string, Record<string, Node>> };
  const strategic = 'application/strategic-merge-patch+json';
  expect(v2.paths[`/apis/example.com/v1/${path('widgets')}`]?.['patch']?.['consumes']).not.toContain(strategic);
  expect(v2.paths[`/apis/apps/v1/${path('deployments')}`]?.['patch']?.['consumes']).toContain(strategic);
  const v3 = JSON.stringify(read('apis/example.com/v1', all).paths);
  expect(v3).toContain('application/merge-patch+json');
  expect(v3).not.toContain(strategic);
});

test('v2 says nothing of the fields of a custom resource that takes any', () => {
  const any = {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { spec: { type: 'object' } },
  };
  expect(inV2(any)).toEqual({
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: 'example.com', kind: 'Widget', version: 'v1' }],
  });
});

test('documents of the same rows are built once', () => {
  expect(openApiV3(rows, 'api/v1')).toBe(openApiV3([...rows], 'api/v1'));
  expect(openApiV2(rows, 'protobuf')).toBe(openApiV2(rows, 'protobuf'));
});

test('gnostic protobuf starts with the version of Swagger', () => {
  expect(openApiV2(rows, 'protobuf').body.subarray(0, 5).toString('latin1')).toBe('\n\x032.0');
});
