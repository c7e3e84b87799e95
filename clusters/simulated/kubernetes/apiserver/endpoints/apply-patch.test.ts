import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../test-bed.ts';
import { APPLY, items, MAPS, MERGE, text } from './test-objects.ts';

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

describe('server-side apply', () => {
  const apply = (manager: string, data: object, query = '') =>
    bed.call(
      'PATCH',
      `${MAPS}/owned?fieldManager=${manager}${query}`,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data },
      APPLY,
    );

  it('creates, conflicts, shares, forces and prunes', async () => {
    expect((await apply('alice', { a: '1', b: '2' })).status).toBe(201);
    const clash = await apply('bob', { a: '9' });
    expect([clash.status, clash.json['message']]).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "alice": .data.a',
    ]);
    expect(clash.json['details']!['causes']).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.data.a' },
    ]);
    expect((await apply('carol', { a: '1' })).status).toBe(200);
    const forced = await apply('bob', { a: '9' }, '&force=true');
    const owners = items(forced.json['metadata']!['managedFields']).map(
      ({ manager, fieldsV1 }) => `${text(manager)} ${JSON.stringify(fieldsV1)}`,
    );
    expect(owners).toEqual(['alice {"f:data":{"f:b":{}}}', 'bob {"f:data":{"f:a":{}}}']);
    expect((await apply('bob', {})).json['data']).toEqual({ b: '2' });
  });

  it('tells what an update took from an applier', async () => {
    await bed.call('PATCH', `${MAPS}/owned?fieldManager=kubectl-patch`, { data: { b: '7' } }, MERGE);
    const clash = await apply('alice', { b: '8' });
    expect(clash.json['message']).toBe('Apply failed with 1 conflict: conflict with "kubectl-patch" using v1: .data.b');
  });

  it('refuses fields that the schema does not have', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, dta: {} };
    const answer = await bed.call('PATCH', `${MAPS}/owned?fieldManager=x`, body, APPLY);
    expect([answer.status, answer.json['message']]).toEqual([
      500,
      'failed to create typed patch object (default/owned; /v1, Kind=ConfigMap): .dta: field not declared in schema',
    ]);
  });

  it('needs a manager', async () => {
    const answer = await bed.call('PATCH', `${MAPS}/owned`, {}, APPLY);
    expect(answer.json['message']).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  });
});
