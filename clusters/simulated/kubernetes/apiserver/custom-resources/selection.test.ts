import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../test-bed.ts';

const GADGETS = '/apis/select.test/v1/gadgets';

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
  const spec = { type: 'object', properties: { color: { type: 'string' }, on: { type: 'boolean' } } };
  await bed.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'gadgets.select.test' },
    spec: {
      group: 'select.test',
      scope: 'Cluster',
      names: { plural: 'gadgets', kind: 'Gadget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          selectableFields: [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.on' }],
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
  });
  for (const [name, own] of Object.entries({ a: { color: 'red', on: true }, b: { color: 'blue' } })) {
    await bed.call('POST', GADGETS, { apiVersion: 'select.test/v1', kind: 'Gadget', metadata: { name }, spec: own });
  }
});
afterAll(() => bed[Symbol.asyncDispose]());

const chosen = async (selector: string) => {
  const { json } = await bed.call('GET', `${GADGETS}?fieldSelector=${encodeURIComponent(selector)}`);
  const items = json['items'] as unknown as { metadata: { name: string } }[] | undefined;
  return items?.map(({ metadata }) => metadata.name) ?? json['message'];
};

it.each([
  ['spec.color=red', ['a']],
  ['spec.color!=red', ['b']],
  ['spec.on=true', ['a']],
  ['metadata.name=b', ['b']],
  ['spec.size=1', 'field label not supported: spec.size'],
  ['metadata.namespace=x', 'field label not supported: metadata.namespace'],
])('chooses custom resources by the fields that their definition names: %s', async (selector, expected) => {
  expect(await chosen(selector)).toEqual(expected);
});
