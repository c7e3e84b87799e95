import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Probe } from '../../protocol/scenario.ts';
import { FakeApiServer, type FakeCall, FakeLab, type FakeLabOptions } from '../fake-lab.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';

const { signal } = new AbortController();
let api: FakeApiServer;
beforeAll(async () => {
  api = await FakeApiServer.start();
});
afterAll(() => api[Symbol.asyncDispose]());

function observeWith(probe: unknown, options: FakeLabOptions): Promise<Observation> {
  return observe(Probe.parse(probe), new FakeLab(api, options), signal);
}

const status = (code: number, reason: string, message: string, name?: string) => ({
  status: code,
  body: {
    kind: 'Status',
    status: 'Failure',
    reason,
    message,
    code,
    ...(name === undefined ? {} : { details: { name } }),
  },
});

describe('kube-request', () => {
  it('carries the identity, the body and the answer', async () => {
    const calls: FakeCall[] = [];
    const probe = {
      kind: 'kube-request',
      as: { user: 'eve' },
      method: 'POST',
      path: '/api/v1/namespaces/a/pods?dryRun=All',
      body: { kind: 'Pod' },
    };
    const observation = await observeWith(probe, {
      api: (call) => (calls.push(call), { status: 201, body: { made: 1 } }),
    });
    expect(observation).toMatchObject({ fact: { state: 'answered', status: 201, json: { made: 1 } } });
    expect(calls).toEqual([
      {
        as: '{"user":"eve","groups":[]}',
        method: 'POST',
        path: '/api/v1/namespaces/a/pods?dryRun=All',
        body: { kind: 'Pod' },
      },
    ]);
  });

  it('sends no credentials as anonymous, and observes a refusal', async () => {
    const observation = await observeWith(
      { kind: 'kube-request', as: 'anonymous', path: '/api' },
      {
        api: ({ as }) =>
          as === '"anonymous"' ? status(401, 'Unauthorized', 'Unauthorized') : { status: 200, body: {} },
      },
    );
    expect(observation).toMatchObject({ fact: { status: 401 }, evidence: 'GET /api as anonymous: 401 Unauthorized' });
  });

  it('leaves from the network of a host', async () => {
    const hosts = {
      internet: { ports: { 'controlplane:6443': 'timeout' as const } },
      bastion: { ports: { 'controlplane:6443': api.port } },
    };
    const from = (host: string) =>
      observeWith(
        { kind: 'kube-request', as: 'admin', path: '/', from: host },
        { hosts, api: () => ({ status: 200, body: {} }) },
      );
    expect(await from('internet')).toMatchObject({ fact: { state: 'timeout', status: 0 } });
    expect(await from('bastion')).toMatchObject({ fact: { state: 'answered', status: 200 } });
  });
});

describe('objects', () => {
  const pods = { kind: 'objects', apiVersion: 'v1', resource: 'pods', namespace: 'shop', labelSelector: 'app=shop' };

  it('lists by namespace and labels, as administrator', async () => {
    const item = { metadata: { name: 'a', namespace: 'shop' } };
    const observation = await observeWith(pods, {
      api: ({ as, path }) =>
        as === '"admin"' && path === '/api/v1/namespaces/shop/pods?labelSelector=app%3Dshop'
          ? { status: 200, body: { items: [item] } }
          : status(403, 'Forbidden', path),
    });
    expect(observation).toEqual({ outcome: 'observed', fact: { items: [item] }, evidence: 'pods in shop: shop/a' });
  });

  it('takes one object by name, and its absence for an empty list', async () => {
    const one = { kind: 'objects', apiVersion: 'apps/v1', resource: 'deployments', namespace: 'shop', name: 'shop' };
    const found = await observeWith(one, {
      api: ({ path }) =>
        path === '/apis/apps/v1/namespaces/shop/deployments/shop'
          ? { status: 200, body: { metadata: { name: 'shop' } } }
          : status(404, 'NotFound', path),
    });
    expect(found).toMatchObject({ fact: { items: [{ metadata: { name: 'shop' } }] } });
    const gone = await observeWith(one, {
      api: () => status(404, 'NotFound', 'deployments.apps "shop" not found', 'shop'),
    });
    expect(gone).toMatchObject({ fact: { items: [] } });
  });

  it('is unobservable when the resource does not exist, or the API server is broken', async () => {
    const one = { ...pods, name: 'x' };
    expect(
      await observeWith(one, {
        api: () => status(404, 'NotFound', 'the server could not find the requested resource'),
      }),
    ).toEqual({
      outcome: 'unobservable',
      reason: 'GET /api/v1/namespaces/shop/pods/x answered 404: the server could not find the requested resource',
    });
    expect(await observeWith(pods, { api: () => status(500, 'InternalError', 'etcd is away') })).toMatchObject({
      outcome: 'unobservable',
    });
  });
});

describe('admission', () => {
  const probe = {
    kind: 'admission',
    namespace: 'shop',
    manifest: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } },
  };
  const answering = (answer: { status: number; body: unknown }): FakeLabOptions => ({
    api: ({ path }) =>
      path === '/api/v1'
        ? {
            status: 200,
            body: {
              resources: [
                { name: 'pods/status', kind: 'Pod', namespaced: true },
                { name: 'pods', kind: 'Pod', namespaced: true },
              ],
            },
          }
        : path.startsWith('/api/v1/namespaces/shop/pods?dryRun=All&')
          ? answer
          : status(404, 'NotFound', `unexpected ${path}`),
  });

  it.each([
    ['allowed', { status: 201, body: {} }, { allowed: true, refusedBy: '' }],
    [
      'Pod Security',
      status(403, 'Forbidden', 'pods "x" is forbidden: violates PodSecurity "baseline:latest": privileged'),
      { allowed: false, refusedBy: 'admission', code: 403 },
    ],
    [
      'RBAC',
      status(
        403,
        'Forbidden',
        'pods is forbidden: User "a" cannot create resource "pods" in API group "" in the namespace "shop"',
      ),
      { allowed: false, refusedBy: 'authorization' },
    ],
    [
      'a policy',
      status(
        422,
        'Invalid',
        "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
      ),
      { allowed: false, refusedBy: 'admission' },
    ],
    [
      'a webhook',
      status(500, 'InternalError', 'Internal error occurred: failed calling webhook "w"'),
      { allowed: false, refusedBy: 'admission' },
    ],
    [
      'validation',
      status(422, 'Invalid', 'Pod "x" is invalid: spec.containers: Required value'),
      { allowed: false, refusedBy: 'validation' },
    ],
  ])('tells %s', async (_, answer, fact) => {
    expect(await observeWith(probe, answering(answer))).toMatchObject({ outcome: 'observed', fact });
  });

  it.each([
    ['the namespace is missing', status(404, 'NotFound', 'namespaces "shop" not found')],
    ['the name is taken', status(409, 'AlreadyExists', 'pods "x" already exists')],
    ['the credentials are not accepted', status(401, 'Unauthorized', 'Unauthorized')],
  ])('is unobservable when %s', async (_, answer) => {
    expect(await observeWith(probe, answering(answer))).toMatchObject({ outcome: 'unobservable' });
  });
});

describe('access-review', () => {
  it('asks about a service account with its groups', async () => {
    const calls: FakeCall[] = [];
    const probe = { kind: 'access-review', as: { serviceAccount: 'a/b' }, can: { verb: 'list', resource: 'secrets' } };
    const observation = await observeWith(probe, {
      api: (call) => (
        calls.push(call),
        { status: 201, body: { status: { allowed: true, reason: 'RBAC: allowed by x' } } }
      ),
    });
    expect(observation).toMatchObject({ fact: { allowed: true, reason: 'RBAC: allowed by x' } });
    expect(calls[0]?.body).toMatchObject({
      spec: {
        user: 'system:serviceaccount:a:b',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'],
        resourceAttributes: { verb: 'list', group: '', resource: 'secrets' },
      },
    });
  });
});
