import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPlane, type TestPlaneOptions } from '../admission/test-plane.ts';
import { createPki } from '../pki/pki.ts';

const pki = createPki({
  now: Date.now(),
  controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
  server: 'https://127.0.0.1:6443',
  serviceAddress: '10.96.0.1',
});
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** An issuer of ID tokens over TLS. */
let server: Server;
let issuer: string;
beforeAll(async () => {
  const { certificate: cert, key } = pki.servingCertificate({
    commonName: 'issuer',
    dnsNames: [],
    addresses: ['127.0.0.1'],
  });
  server = createServer({ cert, key }, (request, response) => {
    const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] };
    const discovery = { issuer, jwks_uri: `${issuer}/keys` };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/keys' ? keys : discovery));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

function token(claims: object, key = privateKey): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const lasting = { iss: issuer, aud: 'lab', exp: Math.floor(Date.now() / 1000) + 600, sub: 'jane' };
  const signed = `${part({ alg: 'RS256', kid: 'one' })}.${part({ ...lasting, ...claims })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/** Who the API server takes these tokens for; undefined for 401. */
async function usersOf(options: TestPlaneOptions, ...tokens: string[]): Promise<unknown[]> {
  using plane = await startTestPlane(options);
  const users: unknown[] = [];
  for (const shown of tokens) {
    const credentials = {
      authorization: `Bearer ${shown}`,
      certificate: undefined,
      certificateRejected: false,
      path: '/',
    };
    const authenticate = async () => plane.security.authenticator.authenticate(credentials);
    users.push(await authenticate().catch(() => undefined));
  }
  return users;
}

const flags = (...more: string[]) => [
  `--oidc-issuer-url=${issuer}`,
  '--oidc-client-id=lab',
  '--oidc-ca-file=/ca.crt',
  ...more,
];
const files = () => ({ '/ca.crt': pki.certificateAuthority });
const known = (username: string, ...groups: string[]) =>
  expect.objectContaining({ username, groups: [...groups, 'system:authenticated'] }) as unknown;

it('believes what the issuer signed for this client and has not expired', async () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const users = await usersOf(
    {
      flags: flags('--oidc-groups-claim=groups', '--oidc-groups-prefix=oidc:', '--oidc-required-claim=team=shop'),
      files: files(),
    },
    token({ team: 'shop', groups: ['dev', 'ops'] }),
    token({ team: 'bank' }),
    token({ team: 'shop', aud: 'other' }),
    token({ team: 'shop', exp: 1 }),
    token({ team: 'shop' }, other),
  );
  expect(users).toEqual([known(`${issuer}#jane`, 'oidc:dev', 'oidc:ops'), undefined, undefined, undefined, undefined]);
});

it('takes the prefix as it is told, and an address that is verified', async () => {
  const email = flags('--oidc-username-claim=email', '--oidc-username-prefix=-');
  const users = await usersOf(
    { flags: email, files: files() },
    token({ email: 'jane@example.com', email_verified: true }),
    token({ email: 'jane@example.com', email_verified: false }),
  );
  expect(users).toEqual([known('jane@example.com'), undefined]);
});

it('believes nobody when the issuer shows a certificate of another authority', async () => {
  const stranger = createPki({
    now: Date.now(),
    controlPlane: { name: 'x', addresses: ['127.0.0.1'] },
    server: 'https://127.0.0.1:6443',
    serviceAddress: '10.96.0.1',
  });
  const wrong = { '/ca.crt': stranger.certificateAuthority };
  expect(await usersOf({ flags: flags(), files: wrong }, token({}))).toEqual([undefined]);
});

const configured = (jwt: object): TestPlaneOptions => ({
  flags: ['--authentication-config=/authn.yaml'],
  files: {
    '/authn.yaml': JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [
        {
          issuer: { url: issuer, certificateAuthority: pki.certificateAuthority, audiences: ['lab'] },
          claimMappings: { username: { claim: 'sub', prefix: '' } },
          ...jwt,
        },
      ],
    }),
  },
});

it('maps claims by expressions, and holds claims and users against rules', async () => {
  const options = configured({
    claimValidationRules: [{ expression: 'claims.exp - claims.iat <= 600', message: 'too long a life' }],
    claimMappings: {
      username: { expression: "claims.sub + ':lab'" },
      groups: { expression: "claims.roles.split(',')" },
      uid: { claim: 'id' },
      extra: [{ key: 'example.com/team', valueExpression: "has(claims.team) ? claims.team : ''" }],
    },
    userValidationRules: [{ expression: "!user.username.startsWith('system:')", message: 'reserved' }],
  });
  const iat = Math.floor(Date.now() / 1000);
  const [jane, long, reserved, incomplete] = await usersOf(
    options,
    token({ iat, roles: 'dev,ops', id: '7', team: 'shop', jti: 'j' }),
    token({ iat: 0, roles: 'dev', id: '7' }),
    token({ iat, roles: 'dev', id: '7', sub: 'system:jane' }),
    token({ iat, id: '7' }),
  );
  expect(jane).toEqual({
    username: 'jane:lab',
    uid: '7',
    groups: ['dev', 'ops', 'system:authenticated'],
    extra: { 'example.com/team': ['shop'], 'authentication.kubernetes.io/credential-id': ['JTI=j'] },
  });
  expect([long, reserved, incomplete]).toEqual([undefined, undefined, undefined]);
});

it('finds the keys of an issuer elsewhere', async () => {
  const elsewhere = {
    url: issuer,
    discoveryURL: `${issuer}/tenant/config`,
    certificateAuthority: pki.certificateAuthority,
    audiences: ['lab'],
  };
  expect(await usersOf(configured({ issuer: elsewhere }), token({}))).toEqual([known('jane')]);
});

it('keeps the server down with an expression that does not compile', async () => {
  const options = configured({ claimMappings: { username: { expression: 'claims.sub +' } } });
  await expect(startTestPlane(options)).rejects.toThrow(
    'jwt[0].claimMappings.username.expression: Invalid value: \\"claims.sub +\\": compilation failed: ERROR: <input>',
  );
});
