import { connect } from 'node:tls';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type AnyObject, type TestBed } from './apiserver/test-bed.ts';
import type { EncryptionAtRest } from './encryption/transformer.ts';

const SECRETS = '/api/v1/namespaces/default/secrets';
const MAPS = '/api/v1/namespaces/default/configmaps';
const items = (value: AnyObject | undefined): readonly AnyObject[] => value as unknown as readonly AnyObject[];

const secret = (name: string, password: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: { password },
});

const key = Buffer.alloc(32, 7);
const iv = Buffer.alloc(16, 3);
/** Encrypts Secrets, and nothing else, behind a prefix; reads plain ones too, as the provider `identity` at the end would. */
const encrypted: EncryptionAtRest = {
  transformerFor: ({ plural }) =>
    plural === 'secrets'
      ? {
          toStorage(_key, plain) {
            const cipher = createCipheriv('aes-256-cbc', key, iv);
            return Buffer.concat([Buffer.from('sealed:'), cipher.update(plain), cipher.final()]);
          },
          fromStorage(_key, stored) {
            if (!stored.subarray(0, 7).equals(Buffer.from('sealed:'))) return { plain: stored, stale: true };
            const cipher = createDecipheriv('aes-256-cbc', key, iv);
            return { plain: Buffer.concat([cipher.update(stored.subarray(7)), cipher.final()]), stale: false };
          },
        }
      : undefined,
};

describe('a control plane', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await startTestBed();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  it('holds Secrets as the bytes etcd would hold, and encrypts only what is written after encryption began', async () => {
    const { controlPlane } = bed;
    await bed.call('POST', SECRETS, secret('old', 'hunter2'));
    const plain = controlPlane.readEtcd('/registry/secrets/default/old')!;
    expect(plain.subarray(0, 4)).toEqual(Buffer.from('k8s\0'));
    expect(plain.includes('hunter2')).toBe(true);
    controlPlane.encryptWith(encrypted);
    await bed.call('POST', SECRETS, secret('new', 'correct horse'));
    const sealed = controlPlane.readEtcd('/registry/secrets/default/new')!;
    expect(sealed.toString('latin1')).toMatch(/^sealed:/);
    expect(sealed.includes('correct horse')).toBe(false);
    expect(controlPlane.readEtcd('/registry/secrets/default/old')!.includes('hunter2')).toBe(true);
    const read = await bed.call('GET', `${SECRETS}/old`);
    expect(read.json['data']).toEqual({ password: Buffer.from('hunter2').toString('base64') });
    const rewritten = { metadata: { annotations: { a: 'b' } } };
    await bed.call('PATCH', `${SECRETS}/old`, rewritten, { 'Content-Type': 'application/merge-patch+json' });
    expect(controlPlane.readEtcd('/registry/secrets/default/old')!.toString('latin1')).toMatch(/^sealed:/);
  });

  it('lists the keys etcd would have', () => {
    const keys = bed.controlPlane.etcdKeys('/registry/');
    expect(keys).toContain('/registry/namespaces/default');
    expect(keys).toContain('/registry/secrets/default/new');
    expect(keys).toEqual(keys.toSorted());
  });

  it('goes back to a snapshot, telling its own parts of each difference, and never counts backwards', async () => {
    const { controlPlane } = bed;
    const maps = controlPlane.cluster.resource('configmaps');
    const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: '1' } });
    await bed.call('POST', MAPS, map('kept'));
    const snapshot = controlPlane.snapshot();
    await bed.call('POST', MAPS, map('extra'));
    await bed.call('DELETE', `${MAPS}/kept`);
    const told: string[] = [];
    using _watch = controlPlane.cluster.watch(
      maps,
      ({ type, object }) => void told.push(`${type} ${object.metadata.name}`),
    );
    controlPlane.restore(snapshot);
    expect(told.toSorted()).toEqual(['ADDED kept', 'DELETED extra']);
    const list = await bed.call('GET', MAPS);
    expect(items(list.json['items']).map((item) => item['metadata']!['name'])).toEqual(['kept']);
    expect(Number(list.json['metadata']!['resourceVersion'])).toBeGreaterThan(snapshot.revision);
  });

  it('restarts over the same store and ends the connections of before', async () => {
    const socket = connect({ ...bed.credentials, host: '127.0.0.1' });
    const ended = new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()));
    expect(await bed.controlPlane.start([])).toEqual({ ok: true });
    await ended;
    expect((await bed.call('GET', `${MAPS}/kept`)).status).toBe(200);
  });
});

describe('custom resources', () => {
  const GIZMOS = '/apis/example.com/v1/namespaces/default/gizmos';
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gizmos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gizmos', kind: 'Gizmo' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: { size: { type: 'integer', maximum: 10 }, color: { type: 'string', default: 'red' } },
                  'x-kubernetes-validations': [{ rule: 'self.size != 7', message: 'seven is taken' }],
                },
              },
            },
          },
        },
      ],
    },
  };
  const gizmo = (size: unknown, more: object = {}) => ({
    apiVersion: 'example.com/v1',
    kind: 'Gizmo',
    metadata: { name: 'g' },
    spec: { size, ...more },
  });

  it('are served, defaulted, pruned, validated and gone with their definition', async () => {
    await using bed = await startTestBed();
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    expect((await bed.call('POST', crds, definition)).status).toBe(201);
    const established = await bed.call('GET', `${crds}/gizmos.example.com`);
    expect(items(established.json['status']!['conditions']).map(({ type }) => type)).toEqual([
      'NamesAccepted',
      'Established',
    ]);
    const made = await bed.call('POST', GIZMOS, gizmo(3, { unknown: true }));
    expect([made.status, made.json['spec']]).toEqual([201, { color: 'red', size: 3 }]);
    expect(made.headers['warning']).toBe('299 - "unknown field \\"spec.unknown\\""');
    expect((await bed.call('POST', GIZMOS, gizmo(99))).json['message']).toBe(
      'Gizmo.example.com "g" is invalid: spec.size: Invalid value: 99: spec.size in body should be less than or equal to 10',
    );
    expect((await bed.call('POST', GIZMOS, gizmo(7))).json['message']).toBe(
      'Gizmo.example.com "g" is invalid: spec: Invalid value: seven is taken',
    );
    const held = { ...gizmo(3), metadata: { name: 'held', finalizers: ['example.com/wait'] } };
    expect((await bed.call('POST', GIZMOS, held)).status).toBe(201);
    const deleted = await bed.call('DELETE', `${crds}/gizmos.example.com`);
    expect(deleted.json['metadata']!['finalizers']).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    await expect.poll(async () => (await bed.call('GET', `${GIZMOS}/g`)).status).toBe(404);
    const ending = await bed.call('GET', `${crds}/gizmos.example.com`);
    expect(items(ending.json['status']!['conditions']).map(({ reason }) => reason)).toEqual([
      'NoConflicts',
      'InitialNamesAccepted',
      'InstanceDeletionInProgress',
    ]);
    expect((await bed.call('POST', GIZMOS, gizmo(3))).json['message']).toBe(
      'create not allowed while custom resource definition is terminating',
    );
    await bed.call(
      'PATCH',
      `${GIZMOS}/held`,
      { metadata: { finalizers: null } },
      { 'Content-Type': 'application/merge-patch+json' },
    );
    await expect.poll(async () => (await bed.call('GET', GIZMOS)).text).toBe('404 page not found\n');
    expect((await bed.call('GET', `${crds}/gizmos.example.com`)).status).toBe(404);
  });
});

describe('bad input', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await startTestBed();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  it.each([
    ['a body of more than 3 MiB', 'POST', MAPS, 'x'.repeat(3 * 1024 * 1024 + 1), 413],
    ['JSON that ends too early', 'POST', MAPS, '{"apiVersion":"v1","kind":', 400],
    ['nesting without end', 'POST', MAPS, '['.repeat(100_000), 400],
    ['nested fields without end', 'POST', MAPS, '{"metadata":'.repeat(50_000), 400],
    ['a limit that is no number', 'GET', `${MAPS}?limit=many`, undefined, 400],
    ['a token that continues nothing', 'GET', `${MAPS}?continue=%00`, undefined, 400],
    ['a selector that is none', 'GET', `${MAPS}?labelSelector=a%20in`, undefined, 400],
    ['a path that decodes to nothing', 'GET', '/api/v1/namespaces/%zz/configmaps', undefined, 200],
    ['an unknown dry run', 'POST', `${MAPS}?dryRun=Some`, '{}', 422],
    ['a patch that is a number', 'PATCH', `${MAPS}/x`, '7', 415],
    ['a method that no one knows', 'OPTIONS', MAPS, undefined, 405],
  ])('answers %s with the code of the real server', async (_title, method, path, body, status) => {
    const answer = await bed.call(method, path, body);
    expect(answer.status).toBe(status);
    expect(bed.log).toEqual([]);
  });

  it('survives bytes that are no request', async () => {
    for (const garbage of ['GET / HTTP/9.9\r\n\r\n', '\0\0\0\0', 'PRI * HTTP/2.0\r\n\r\n', 'GET /\r\nBad\r\n\r\n']) {
      const socket = connect({ ...bed.credentials, host: '127.0.0.1' });
      const closed = new Promise<void>((resolve) => {
        socket.on('close', () => resolve());
        socket.on('error', () => {});
        socket.on('data', () => {});
      });
      socket.on('secureConnect', () => socket.end(garbage));
      await closed;
    }
    expect((await bed.call('GET', '/version')).status).toBe(200);
  });
});
