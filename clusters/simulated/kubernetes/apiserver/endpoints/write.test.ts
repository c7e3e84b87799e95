import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../test-bed.ts';
import { configMap, deployment, DEPLOYMENTS, MAPS, MERGE } from './test-objects.ts';

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

describe('writes', () => {
  it('creates, reads, updates and deletes, each change with a revision of its own', async () => {
    const made = await bed.call('POST', MAPS, configMap('crud', { a: '1' }));
    expect(made.status).toBe(201);
    expect(made.text).toMatch(
      /^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"crud","namespace":"default","uid":/,
    );
    expect(Object.keys(made.json['metadata']!)).toEqual([
      'name',
      'namespace',
      'uid',
      'resourceVersion',
      'creationTimestamp',
      'managedFields',
    ]);
    const changed = await bed.call('PUT', `${MAPS}/crud`, { ...made.json, data: { a: '2' } });
    expect(Number(changed.json['metadata']!['resourceVersion'])).toBeGreaterThan(
      Number(made.json['metadata']!['resourceVersion']),
    );
    const stale = await bed.call('PUT', `${MAPS}/crud`, { ...made.json, data: { a: '3' } });
    expect([stale.status, stale.json['message']]).toEqual([
      409,
      'Operation cannot be fulfilled on configmaps "crud": the object has been modified; please apply your changes to the latest version and try again',
    ]);
    const gone = await bed.call('DELETE', `${MAPS}/crud`);
    expect(gone.json['details']).toMatchObject({ name: 'crud', kind: 'configmaps' });
    expect((await bed.call('GET', `${MAPS}/crud`)).json['message']).toBe('configmaps "crud" not found');
  });

  it('keeps the revision of an update that changes nothing', async () => {
    const made = await bed.call('POST', MAPS, configMap('same', { a: '1' }));
    const again = await bed.call('PUT', `${MAPS}/same`, made.json);
    expect(again.json['metadata']!['resourceVersion']).toBe(made.json['metadata']!['resourceVersion']);
  });

  it('stores nothing on a dry run', async () => {
    expect((await bed.call('POST', `${MAPS}?dryRun=All`, configMap('dry'))).status).toBe(201);
    expect((await bed.call('GET', `${MAPS}/dry`)).status).toBe(404);
  });

  it('makes names of the alphabet without vowels', async () => {
    const made = await bed.call('POST', MAPS, { ...configMap(''), metadata: { generateName: 'some-' } });
    expect(made.json['metadata']!['name']).toMatch(/^some-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it.each([
    [
      'Strict',
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"',
    ],
    ['Warn', 201, undefined],
    ['Ignore', 201, undefined],
  ])('treats an unknown field as %s asks', async (how, status, message) => {
    const answer = await bed.call('POST', `${MAPS}?fieldValidation=${how}&dryRun=All`, {
      ...configMap('typo'),
      dta: {},
    });
    expect([answer.status, answer.json['message']]).toEqual([status, message]);
    expect(answer.headers['warning']).toBe(how === 'Warn' ? '299 - "unknown field \\"dta\\""' : undefined);
  });

  it('holds what finalizers hold, and lets it go with the last one', async () => {
    const held = { ...configMap('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } };
    await bed.call('POST', MAPS, held);
    const waiting = await bed.call('DELETE', `${MAPS}/held`);
    expect(waiting.json['metadata']!['deletionTimestamp']).toBeDefined();
    await bed.call('PATCH', `${MAPS}/held`, { metadata: { finalizers: null } }, MERGE);
    expect((await bed.call('GET', `${MAPS}/held`)).status).toBe(404);
  });

  it('counts the generation of the wish and leaves the status to its subresource', async () => {
    const made = await bed.call('POST', DEPLOYMENTS, deployment('gen'));
    expect(made.json['metadata']!['generation']).toBe(1);
    const patched = await bed.call(
      'PATCH',
      `${DEPLOYMENTS}/gen`,
      { spec: { replicas: 3 }, status: { replicas: 9 } },
      MERGE,
    );
    expect([patched.json['metadata']!['generation'], patched.json['status']]).toEqual([2, {}]);
    const told = await bed.call(
      'PATCH',
      `${DEPLOYMENTS}/gen/status`,
      { spec: { replicas: 7 }, status: { replicas: 9 } },
      MERGE,
    );
    expect([told.json['metadata']!['generation'], told.json['spec']!['replicas'], told.json['status']]).toEqual([
      2,
      3,
      { replicas: 9 },
    ]);
    const scaled = await bed.call('PATCH', `${DEPLOYMENTS}/gen/scale`, { spec: { replicas: 4 } }, MERGE);
    expect(scaled.json).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 4 },
      status: { replicas: 9, selector: 'app=gen' },
    });
  });
});
