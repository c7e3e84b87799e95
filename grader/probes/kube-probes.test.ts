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

describe('etcd', () => {
  const etcd = new Map([
    ['/registry/secrets/a/plain', Buffer.from('k8s\0\n\x02v1 hello')],
    ['/registry/secrets/a/sealed', Buffer.from('k8s:enc:aescbc:v1:key1:\u0001\u0002')],
  ]);

  it.each([
    ['plain', { present: true, encrypted: false, text: 'k8s...v1 hello' }],
    ['sealed', { present: true, encrypted: true, prefix: 'k8s:enc:aescbc:v1:key1:\u0001\u0002' }],
    ['absent', { present: false, encrypted: false, prefix: '' }],
  ])('tells a %s value', async (name, fact) => {
    expect(await observeWith({ kind: 'etcd', key: `/registry/secrets/a/${name}` }, { etcd })).toMatchObject({ fact });
  });

  it('makes a fresh Secret, reads it raw and deletes it', async () => {
    const calls: string[] = [];
    const observation = await observeWith(
      { kind: 'fresh-secret', namespace: 'a' },
      {
        etcd,
        api: ({ method, path }) => {
          calls.push(`${method} ${path}`);
          return method === 'POST'
            ? { status: 201, body: { metadata: { name: 'sealed' } } }
            : { status: 200, body: {} };
        },
      },
    );
    expect(observation).toMatchObject({ fact: { present: true, encrypted: true } });
    expect(calls).toEqual(['POST /api/v1/namespaces/a/secrets', 'DELETE /api/v1/namespaces/a/secrets/sealed']);
  });
});

describe('leak-scan', () => {
  it('finds a text in values, keys and annotations, plain and in base64, and never shows it', async () => {
    const items = [
      { metadata: { name: 'clean' } },
      {
        metadata: { name: 'map', namespace: 'a', annotations: { last: '{"password":"hunter42"}' } },
        data: { [`x-hunter42`]: '1' },
      },
      {
        metadata: { name: 'coded', namespace: 'a' },
        spec: { args: ['-p', Buffer.from('hunter42').toString('base64')] },
      },
    ];
    const observation = await observeWith(
      { kind: 'leak-scan', secret: 'hunter42', lists: ['/api/v1/configmaps?limit=9'] },
      { api: () => ({ status: 200, body: { items } }) },
    );
    const found = [
      'configmaps a/map .metadata.annotations.last',
      'configmaps a/map .data (a key)',
      'configmaps a/coded .spec.args[1]',
    ];
    expect(observation).toMatchObject({ fact: { scanned: 3, found } });
    expect(JSON.stringify(observation)).not.toContain('hunter42');
  });

  it('is unobservable when a list cannot be read', async () => {
    const probe = { kind: 'leak-scan', secret: 'hunter42', lists: ['/api/v1/configmaps'] };
    expect(await observeWith(probe, { api: () => status(403, 'Forbidden', 'no') })).toMatchObject({
      outcome: 'unobservable',
    });
  });
});

describe('file', () => {
  const files = {
    '/a.yaml': { content: 'a: [1, 2]\n', mode: 0o100600 },
    '/two.yaml': { content: 'a: 1\n---\nb: 2\n', mode: 0o644 },
    '/b.json': { content: '{"a":', mode: 0o644 },
    '/c.service': { content: '# x\n[Service]\nExecStart=\nExecStart=/bin/a \\\n  -b=1\n', mode: 0o644 },
  };
  it.each([
    ['/a.yaml', 'yaml', { exists: true, mode: 0o600, valid: true, data: { a: [1, 2] } }],
    ['/two.yaml', 'yaml', { data: [{ a: 1 }, { b: 2 }] }],
    ['/b.json', 'json', { exists: true, valid: false, data: null }],
    ['/c.service', 'ini', { data: { Service: { ExecStart: ['', '/bin/a    -b=1'] } } }],
    ['/a.yaml', 'text', { exists: true, text: 'a: [1, 2]\n' }],
    ['/none', 'text', { exists: false }],
  ])('reads %s as %s', async (path, format, fact) => {
    expect(
      await observeWith({ kind: 'file', host: 'node01', path, format }, { hosts: { node01: { files } } }),
    ).toMatchObject({ fact });
  });
});

describe('command', () => {
  const probe = { kind: 'command', host: 'node01', argv: ['docker', 'ps'], timeout: 0.1 };

  it('has the exit status and both outputs', async () => {
    const exec = async () => ({ exitCode: 3, stdout: 'out', stderr: 'err' });
    expect(await observeWith(probe, { hosts: { node01: { exec } } })).toMatchObject({
      fact: { exitCode: 3, stdout: 'out', stderr: 'err' },
    });
  });

  it('is unobservable when it does not end', async () => {
    const exec = (_: readonly string[], { signal }: { signal: AbortSignal }) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    expect(await observeWith(probe, { hosts: { node01: { exec } } })).toEqual({
      outcome: 'unobservable',
      reason: 'node01$ docker ps: not done in 0.1 s',
    });
  });
});

it('keeps control characters of a learner out of the evidence', async () => {
  const exec = async () => ({ exitCode: 0, stdout: '\u001b[2Jgone\u0007' });
  const observation = await observeWith(
    { kind: 'command', host: 'node01', argv: ['x'] },
    { hosts: { node01: { exec } } },
  );
  expect(observation).toMatchObject({ evidence: 'node01$ x\nexit 0\n·[2Jgone·' });
});
