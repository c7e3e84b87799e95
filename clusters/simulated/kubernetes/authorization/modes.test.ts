import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlane, type TestPlane, type TestPlaneOptions } from '../admission/test-plane.ts';
import { createPki } from '../pki/pki.ts';
import { readAbacPolicies } from './abac.ts';
import type { Attributes } from './authorizer.ts';
import { asks } from './test-asks.ts';

const user = (username: string, ...groups: string[]) => ({
  username,
  groups: [...groups, 'system:authenticated'],
  extra: {},
});
const resource = (who: Attributes['user'], verb: string, plural: string, namespace: string): Attributes =>
  asks(who, verb, plural, { namespace });
const path = (who: Attributes['user'], verb: string, where: string): Attributes => ({
  user: who,
  verb,
  isResource: false,
  path: where,
});

describe('ABAC', () => {
  const policy = (spec: object) =>
    JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec });
  const file = [
    '# who may what',
    policy({ user: 'alice', namespace: '*', resource: '*', apiGroup: '*' }),
    policy({ user: 'bob', namespace: 'shop', resource: 'pods', readonly: true }),
    policy({ group: '*', readonly: true, nonResourcePath: '/healthz*' }),
    '{"user":"old","namespace":"shop"}',
  ].join('\n');
  let plane: TestPlane;
  beforeAll(async () => {
    const flags = ['--authorization-mode=ABAC', '--authorization-policy-file=/policy.jsonl'];
    plane = await startTestPlane({ flags, files: { '/policy.jsonl': file } });
  });
  afterAll(() => plane[Symbol.dispose]());

  it.each<[string, Attributes, string]>([
    ['alice may do all', resource(user('alice'), 'delete', 'secrets', 'shop'), 'allow'],
    ['bob may read pods', resource(user('bob'), 'list', 'pods', 'shop'), 'allow'],
    ['bob may not write them', resource(user('bob'), 'create', 'pods', 'shop'), 'no opinion'],
    ['bob may not read others', resource(user('bob'), 'list', 'pods', 'bank'), 'no opinion'],
    ['everybody may look at health', path(user('carol'), 'get', '/healthz/etcd'), 'allow'],
    ['nobody may look elsewhere', path(user('carol'), 'get', '/metrics'), 'no opinion'],
    ['a policy without version names what it limits', resource(user('old'), 'delete', 'pods', 'shop'), 'allow'],
    ['and no paths then', path(user('old'), 'get', '/metrics'), 'no opinion'],
  ])('%s', async (_title, asked, decision) => {
    expect(await plane.security.authorizer.authorize(asked)).toMatchObject({ decision });
  });

  it('tells the line that cannot be read', () => {
    expect(() => readAbacPolicies('/p', `${policy({})}\n{"apiVersion":"v9","kind":"Policy"}`)).toThrow(
      'error reading policy file /p, line 2: {"apiVersion":"v9","kind":"Policy"}: no kind "Policy" is registered for version "v9"',
    );
  });
});

describe('webhooks', () => {
  const pki = createPki({
    now: Date.now(),
    controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
    server: 'https://127.0.0.1:6443',
    serviceAddress: '10.96.0.1',
  });
  const asked: { url: string; spec: { user?: string; token?: string } }[] = [];
  let server: Server;
  let kubeconfig: (at: string) => string;
  beforeAll(async () => {
    const { certificate: cert, key } = pki.servingCertificate({
      commonName: 'hook',
      dnsNames: [],
      addresses: ['127.0.0.1'],
    });
    server = createServer({ cert, key }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { spec } = JSON.parse(Buffer.concat(chunks).toString()) as { spec: { user?: string; token?: string } };
        const url = request.url?.replace('?timeout=30s', '') ?? '';
        asked.push({ url, spec });
        const known = { username: 'hooked', uid: '9', groups: ['ops'], extra: { team: ['a'] } };
        const status =
          url === '/tokens'
            ? { authenticated: spec.token === 'good', ...(spec.token === 'good' ? { user: known } : {}) }
            : {
                allowed: url === '/second',
                denied: url === '/first' && spec.user === 'mallory',
                reason: url,
              };
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ status }));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const ca = Buffer.from(pki.certificateAuthority).toString('base64');
    kubeconfig = (at) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [
          { name: 'c', cluster: { server: `https://127.0.0.1:${port}${at}`, 'certificate-authority-data': ca } },
        ],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      });
  });
  afterAll(() => server.close());

  const withAuthorizers = (authorizers: object[], files: Record<string, string>): TestPlaneOptions => ({
    replaced: ['--authorization-mode'],
    flags: ['--authorization-config=/authz.yaml'],
    files: {
      '/authz.yaml': JSON.stringify({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'AuthorizationConfiguration',
        authorizers,
      }),
      ...files,
    },
  });
  const hook = (name: string, more: object = {}) => ({
    type: 'Webhook',
    name,
    webhook: {
      timeout: '3s',
      subjectAccessReviewVersion: 'v1',
      matchConditionSubjectAccessReviewVersion: 'v1',
      failurePolicy: 'NoOpinion',
      connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: `/${name}.conf` },
      ...more,
    },
  });

  it('are asked one after another, each only for what its conditions hold for', async () => {
    const conditions = [
      { expression: "has(request.resourceAttributes) && request.resourceAttributes.namespace == 'shop'" },
    ];
    const options = withAuthorizers([hook('first', { matchConditions: conditions }), hook('second')], {
      '/first.conf': kubeconfig('/first'),
      '/second.conf': kubeconfig('/second'),
    });
    using plane = await startTestPlane(options);
    const decide = (attributes: Attributes) => plane.security.authorizer.authorize(attributes);
    expect(await decide(resource(user('mallory'), 'get', 'pods', 'shop'))).toEqual({
      decision: 'deny',
      reason: '/first',
    });
    expect(await decide(resource(user('jane'), 'get', 'pods', 'shop'))).toEqual({
      decision: 'allow',
      reason: '/second',
    });
    asked.length = 0;
    expect(await decide(resource(user('mallory'), 'get', 'pods', 'bank'))).toMatchObject({ decision: 'allow' });
    expect(await decide(path(user('mallory'), 'get', '/version'))).toMatchObject({ decision: 'allow' });
    expect(asked.map(({ url }) => url)).toEqual(['/second', '/second']);
  });

  it.each([
    ['NoOpinion', 'no opinion'],
    ['Deny', 'deny'],
  ])('that cannot be asked, or told whether to ask, say %s', async (failurePolicy, decision) => {
    const gone = kubeconfig('/').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const options = withAuthorizers([hook('gone', { failurePolicy })], { '/gone.conf': gone });
    using plane = await startTestPlane(options);
    const attributes = resource(user('jane'), 'get', 'pods', 'shop');
    expect(await plane.security.authorizer.authorize(attributes)).toMatchObject({ decision });
    const unsure = withAuthorizers(
      [hook('unsure', { failurePolicy, matchConditions: [{ expression: 'request.groups[9] == "x"' }] })],
      {
        '/unsure.conf': kubeconfig('/second'),
      },
    );
    using other = await startTestPlane(unsure);
    expect(await other.security.authorizer.authorize(attributes)).toMatchObject({ decision });
  });

  it('tell who a token belongs to', async () => {
    using plane = await startTestPlane({
      flags: ['--authentication-token-webhook-config-file=/tokens.conf', '--authentication-token-webhook-version=v1'],
      files: { '/tokens.conf': kubeconfig('/tokens') },
    });
    const show = async (token: string) =>
      plane.security.authenticator.authenticate({
        authorization: `Bearer ${token}`,
        certificate: undefined,
        certificateRejected: false,
        path: '/api',
      });
    asked.length = 0;
    const hooked = { username: 'hooked', uid: '9', groups: ['ops', 'system:authenticated'], extra: { team: ['a'] } };
    expect([await show('good'), await show('good')]).toEqual([hooked, hooked]);
    expect(asked).toHaveLength(1);
    await expect(show('bad')).rejects.toThrow('Unauthorized');
  });
});
