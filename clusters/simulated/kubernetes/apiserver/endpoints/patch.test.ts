import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../test-bed.ts';
import { configMap, deployment, DEPLOYMENTS, items, JSON_PATCH, MAPS, STRATEGIC, text } from './test-objects.ts';

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

describe('patches', () => {
  it.each([
    ['merges containers by name', { containers: [{ name: 'b', image: 'new' }] }, ['a:nginx', 'b:new']],
    ['deletes a container by directive', { containers: [{ name: 'a', $patch: 'delete' }] }, ['b:busybox']],
    ['replaces the list by directive', { containers: [{ $patch: 'replace' }, { name: 'c', image: 'c' }] }, ['c:c']],
    [
      'orders by $setElementOrder',
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'a', image: 'first' }] },
      ['b:busybox', 'a:first'],
    ],
  ])('strategic merge %s', async (title, spec, expected) => {
    const name = `smp-${title.length}`;
    await bed.call('POST', DEPLOYMENTS, deployment(name));
    const patched = await bed.call('PATCH', `${DEPLOYMENTS}/${name}`, { spec: { template: { spec } } }, STRATEGIC);
    const containers = items(patched.json['spec']!['template']!['spec']!['containers']);
    expect(containers.map(({ name, image }) => `${text(name)}:${text(image)}`)).toEqual(expected);
  });

  it('applies JSON patches, and none of one that fails', async () => {
    await bed.call('POST', MAPS, configMap('ops', { a: '1' }));
    const path = `${MAPS}/ops`;
    const good = [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'add', path: '/data/b', value: '2' },
    ];
    expect((await bed.call('PATCH', path, good, JSON_PATCH)).json['data']).toEqual({ a: '1', b: '2' });
    const bad = await bed.call('PATCH', path, [{ op: 'remove', path: '/data/nothing' }], JSON_PATCH);
    expect([bad.status, bad.json['message']]).toEqual([
      422,
      'the server rejected our request due to an error in our request',
    ]);
  });

  it('refuses media types that are no patch', async () => {
    const answer = await bed.call('PATCH', `${MAPS}/ops`, {}, { 'Content-Type': 'text/plain' });
    expect(answer.json['message']).toBe(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
    );
  });
});
