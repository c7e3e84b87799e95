import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespace, startTestPlane, type TestPlane } from '../admission/test-plane.ts';
import type { KubeObject } from '../object.ts';
import { serviceAccountTokensController } from '../controllers/service-account-tokens.ts';
import type { Credentials } from './authenticator.ts';
import { readTokenFile } from './static-tokens.ts';
import { TokenIssuer } from './token-issuer.ts';

let now = Date.parse('2026-03-01T12:00:00Z');
let plane: TestPlane;
let account: KubeObject;
beforeAll(async () => {
  plane = await startTestPlane({
    clock: { now: () => now, after: () => ({ [Symbol.dispose]() {} }) },
    flags: ['--token-auth-file=/etc/tokens.csv'],
    files: { '/etc/tokens.csv': 'letmein,ada,7,"dev,ops"\n' },
  });
  await makeNamespace(plane, 'shop');
  account = await plane.create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'app', namespace: 'shop' },
  });
});
afterAll(() => plane[Symbol.dispose]());

const shows = (more: Partial<Credentials>) => async () =>
  plane.security.authenticator.authenticate({
    authorization: undefined,
    certificate: undefined,
    certificateRejected: false,
    path: '/api',
    ...more,
  });
const bearer = (token: string) => shows({ authorization: `Bearer ${token}` })();
const request = async (spec: object): Promise<string> => {
  const made = await plane.security.tokens.request(account, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { name: '' },
    spec,
  });
  return (made['status'] as { token: string }).token;
};

describe('authentication', () => {
  it('knows certificates, static tokens and the anonymous', async () => {
    expect(await shows({ certificate: { commonName: 'jane', organizations: ['dev'], fingerprint: 'ab' } })()).toEqual({
      username: 'jane',
      groups: ['dev', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=ab'] },
    });
    expect(await bearer('letmein')).toEqual({
      username: 'ada',
      uid: '7',
      groups: ['dev', 'ops', 'system:authenticated'],
      extra: {},
    });
    expect(await shows({})()).toMatchObject({ username: 'system:anonymous' });
  });

  it.each([
    ['an unknown token', { authorization: 'Bearer abcdef' }],
    ['a forged token', { authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln' }],
    ['a certificate of another authority', { certificateRejected: true }],
  ])('answers 401 to %s', async (_what, credentials) => {
    await expect(shows(credentials)()).rejects.toMatchObject({ code: 401, message: 'Unauthorized' });
  });

  it('believes a ServiceAccount token while it lasts and its objects live', async () => {
    const pod = await plane.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { serviceAccountName: 'app', containers: [{ name: 'c', image: 'nginx' }] },
    });
    const token = await request({
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: pod.metadata.uid },
    });
    expect(await bearer(token)).toMatchObject({
      username: 'system:serviceaccount:shop:app',
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/pod-name': ['web'],
        'authentication.kubernetes.io/pod-uid': [pod.metadata.uid],
      },
    });
    const changed = `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    await expect(bearer(changed)).rejects.toMatchObject({ code: 401 });
    await plane.cluster.delete(plane.cluster.resource('pods'), 'shop', 'web', { gracePeriodSeconds: 0 });
    await expect(bearer(token)).rejects.toMatchObject({ code: 401 });
    const plain = await request({ expirationSeconds: 600 });
    expect(await bearer(plain)).toMatchObject({ username: 'system:serviceaccount:shop:app' });
    now += 601_000;
    await expect(bearer(plain)).rejects.toMatchObject({ code: 401 });
  });

  it('believes the token of a Secret while Secret and account live, and notes its last use', async () => {
    const { cluster, pki } = plane;
    const secrets = cluster.resource('secrets');
    const old = await plane.create({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'old', namespace: 'shop' },
    });
    await plane.create({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: { name: 'kept', namespace: 'shop', annotations: { 'kubernetes.io/service-account.name': 'old' } },
    });
    const key = createPrivateKey(pki.file('/etc/kubernetes/pki/sa.key')?.content ?? '');
    const serviceAccounts = {
      issuers: ['https://kubernetes.default.svc.cluster.local'],
      keys: [],
      signingKey: key,
      apiAudiences: [],
      lookup: true,
      maxExpirationSeconds: undefined,
      extendExpiration: true,
    };
    await serviceAccountTokensController(cluster, {
      certificateAuthority: pki.certificateAuthority,
      sign: (account, name) => new TokenIssuer(serviceAccounts, cluster, () => '').legacyToken(account, name),
    }).reconcile('shop/kept');
    const kept = (): KubeObject | undefined => cluster.get(secrets, 'shop', 'kept');
    const data = kept()?.['data'] as Record<string, string>;
    expect(Object.keys(data).sort()).toEqual(['ca.crt', 'namespace', 'token']);
    const token = Buffer.from(data['token'] ?? '', 'base64').toString();
    expect(await bearer(token)).toMatchObject({ username: 'system:serviceaccount:shop:old', uid: old.metadata.uid });
    await expect.poll(() => kept()?.metadata.labels).toEqual({ 'kubernetes.io/legacy-token-last-used': '2026-03-01' });
    const label = (labels: Record<string, string>) =>
      cluster.modify(secrets, { namespace: 'shop', name: 'kept' }, (draft) => {
        draft.metadata.labels = labels;
      });
    await label({ 'kubernetes.io/legacy-token-invalid-since': '2026-03-01' });
    await expect(bearer(token)).rejects.toMatchObject({ code: 401 });
    await label({});
    expect(await bearer(token)).toMatchObject({ username: 'system:serviceaccount:shop:old' });
    await cluster.delete(cluster.resource('serviceaccounts'), 'shop', 'old');
    await expect(bearer(token)).rejects.toMatchObject({ code: 401 });
  });

  it('refuses a token that is for somebody else, and says whom it is for', async () => {
    const token = await request({ audiences: ['vault'] });
    await expect(bearer(token)).rejects.toMatchObject({ code: 401 });
    const review = (audiences: string[]) =>
      plane.security.tokens.review({
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        metadata: { name: '' },
        spec: { token, audiences },
      });
    expect((await review(['vault', 'other']))['status']).toMatchObject({ authenticated: true, audiences: ['vault'] });
    expect((await review(['other']))['status']).toMatchObject({
      user: {},
      error: expect.stringContaining('invalid bearer token') as string,
    });
  });

  it.each([
    [
      { expirationSeconds: 300 },
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 300: may not specify a duration less than 10 minutes',
    ],
    [{ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'gone' } }, 'pods "gone" not found'],
  ])('refuses a request for %j', async (spec, message) => {
    await expect(request(spec)).rejects.toThrow(message);
  });

  it('believes bootstrap tokens', async () => {
    const data = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
    };
    await plane.create({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'bootstrap.kubernetes.io/token',
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      data: Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    });
    expect(await bearer('abcdef.0123456789abcdef')).toMatchObject({ username: 'system:bootstrap:abcdef' });
    await expect(bearer('abcdef.0123456789abcdee')).rejects.toMatchObject({ code: 401 });
  });

  it('publishes its keys', () => {
    expect(JSON.parse(plane.security.tokens.discovery('/openid/v1/jwks') ?? '')).toMatchObject({
      keys: [{ kty: 'EC', alg: 'ES256', use: 'sig' }],
    });
    expect(plane.security.tokens.discovery('/elsewhere')).toBeUndefined();
  });
});

describe('anonymous requests', () => {
  it.each([
    ['--anonymous-auth=false', undefined, '/healthz', false],
    ['--authorization-mode=AlwaysAllow', undefined, '/healthz', false],
    [
      '--authentication-config=/etc/authn.yaml',
      'anonymous: {enabled: true, conditions: [{path: /healthz}]}',
      '/healthz',
      true,
    ],
    [
      '--authentication-config=/etc/authn.yaml',
      'anonymous: {enabled: true, conditions: [{path: /healthz}]}',
      '/api',
      false,
    ],
  ])('with %s (%s) may ask for %s: %s', async (flag, config, path, may) => {
    const file = `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n${config ?? ''}\n`;
    using other = await startTestPlane({ flags: [flag], files: { '/etc/authn.yaml': file } });
    const answer = (async () =>
      other.security.authenticator.authenticate({
        authorization: undefined,
        certificate: undefined,
        certificateRejected: false,
        path,
      }))();
    const outcome = await answer.then(
      (user) => user?.username,
      (error: { code?: number }) => error.code,
    );
    expect(outcome).toBe(may ? 'system:anonymous' : 401);
  });
});

describe('readTokenFile', () => {
  it('wants three columns', () => {
    expect(() => readTokenFile('/t.csv', 'a,b\n')).toThrow(
      "token file '/t.csv' must have at least 3 columns (token, user name, user uid), found 2",
    );
    expect(readTokenFile('/t.csv', '').get('x')).toBeUndefined();
  });
});
