import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from './test-bed.ts';

const WIDGETS = '/apis/lists.test/v1/namespaces/default/widgets';
const APPLY = { 'Content-Type': 'application/apply-patch+yaml' };

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
  const item = {
    type: 'object',
    properties: { name: { type: 'string' }, size: { type: 'integer' } },
    required: ['name'],
  };
  await bed.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'widgets.lists.test' },
    spec: {
      group: 'lists.test',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'Widgetry' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: {
                    parts: {
                      type: 'array',
                      items: item,
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['name'],
                    },
                    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                    steps: { type: 'array', items: { type: 'string' } },
                    whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: { type: 'string' } } },
                  },
                },
              },
            },
          },
        },
      ],
    },
  });
});
afterAll(() => bed[Symbol.asyncDispose]());

const apply = (manager: string, spec: object) =>
  bed.call(
    'PATCH',
    `${WIDGETS}/one?fieldManager=${manager}`,
    { apiVersion: 'lists.test/v1', kind: 'Widget', metadata: { name: 'one' }, spec },
    APPLY,
  );

describe('lists of a custom resource', () => {
  it('are merged by their keys, as sets, or as a whole, as the definition says', async () => {
    await apply('first', { parts: [{ name: 'a', size: 1 }], tags: ['x'] });
    const second = await apply('second', { parts: [{ name: 'b', size: 2 }], tags: ['y'], steps: ['go'] });
    expect(second.json['spec']).toEqual({
      parts: [
        { name: 'a', size: 1 },
        { name: 'b', size: 2 },
      ],
      steps: ['go'],
      tags: ['x', 'y'],
    });
    const conflict = await apply('third', { parts: [{ name: 'a', size: 3 }], steps: ['stop'] });
    expect([conflict.status, conflict.json['message']]).toEqual([
      409,
      'Apply failed with 2 conflicts: conflicts with "first":\n- .spec.parts[name="a"].size\nconflicts with "second":\n- .spec.steps',
    ]);
  });

  it('hold nothing twice', async () => {
    const { status, json } = await bed.call('POST', WIDGETS, {
      apiVersion: 'lists.test/v1',
      kind: 'Widget',
      metadata: { name: 'two' },
      spec: { parts: [{ name: 'a' }, { name: 'a', size: 1 }], tags: ['x', 'x'] },
    });
    expect(status).toBe(422);
    expect(json['message']).toBe(
      'Widget.lists.test "two" is invalid: [spec.parts[1]: Duplicate value: {"name":"a"}, spec.tags[1]: Duplicate value: "x"]',
    );
  });
});

it('a list of custom resources is of the kind that their definition names', async () => {
  expect((await bed.call('GET', WIDGETS)).json).toMatchObject({ kind: 'Widgetry', apiVersion: 'lists.test/v1' });
  expect((await bed.call('DELETE', WIDGETS)).json).toMatchObject({ kind: 'Widgetry' });
  const { components } = (await bed.call('GET', '/openapi/v3/apis/lists.test/v1')).json as {
    components: { schemas: Record<string, object> };
  };
  expect(components.schemas['test.lists.v1.Widgetry']).toMatchObject({
    description: 'Widgetry is a list of Widget',
    'x-kubernetes-group-version-kind': [{ group: 'lists.test', kind: 'Widgetry', version: 'v1' }],
  });
});
