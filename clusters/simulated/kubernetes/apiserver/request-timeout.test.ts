import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestBed, type TestBed } from './test-bed.ts';

const NAMESPACE = '/api/v1/namespaces/default';

let bed: TestBed;
let etcd: string | undefined;
beforeAll(async () => {
  bed = await startTestBed({
    security: { requestTimeout: 0.02 },
    componentHealth: { 'etcd-0': () => etcd },
  });
});
afterAll(() => bed[Symbol.asyncDispose]());

it('lets a request wait for etcd no longer than --request-timeout', async () => {
  expect(await bed.call('GET', NAMESPACE)).toMatchObject({ status: 200 });
  etcd = 'connection refused';
  const late = await bed.call('GET', `${NAMESPACE}?timeout=1h`);
  expect(late).toMatchObject({ status: 504, json: { reason: 'Timeout' } });
  expect(late.json['message']).toBe('Timeout: request did not complete within the allotted timeout');
});

it('refuses a timeout that is no duration, of any request but a long one', async () => {
  etcd = undefined;
  const message = 'invalid timeout specified in the request URL - time: invalid duration "soon"';
  expect(await bed.call('GET', `${NAMESPACE}?timeout=soon`)).toMatchObject({ status: 400, json: { message } });
  expect(await bed.call('GET', `/version?timeout=soon`)).toMatchObject({ status: 400, json: { message } });
  const watched = await bed.call('GET', '/api/v1/namespaces?watch=true&fieldSelector=nonsense&timeout=soon');
  expect(watched).toMatchObject({ status: 400, json: { message: expect.stringContaining('nonsense') } });
});
