import { once } from 'node:events';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateAuthority } from '../../../pki/certificate-authority.ts';
import type { Caller } from '../access/reviews.ts';
import type { Endpoints } from './program-endpoints.ts';
import { ProgramServer, type ProgramServerOptions } from './program-server.ts';

const NOW = Date.now();
const span = { notBefore: NOW - 60_000, notAfter: NOW + 3_600_000 };
const authority = new CertificateAuthority('kubernetes', span.notBefore, span.notAfter);
const credentialsOf = (commonName: string, organizations: string[] = []) => {
  const { certificate, key } = authority.issue({
    subject: { commonName, organizations },
    extendedKeyUsage: ['clientAuth'],
    ...span,
  });
  return { cert: certificate, key };
};

let problem: string | undefined;
let isAnswered = true;
const endpoints: Endpoints = {
  program: 'kube-scheduler',
  checks: { healthz: ['leaderElection'], readyz: ['leaderElection', 'sched-handler-sync'] },
  problemOf: (check) => (check === 'sched-handler-sync' ? problem : undefined),
  profiling: true,
  metrics: () => ['up 1'],
};
const options: ProgramServerOptions = {
  endpoints,
  terms: { minVersion: 'TLSv1.2', ciphers: undefined, curves: undefined },
  pair: undefined,
  clientAuthorities: () => authority.certificate,
  alwaysAllowPaths: ['/healthz', '/readyz'],
  delegates: { authentication: true, authorization: true },
  reviews: {
    authenticate: (token) => Promise.resolve(token === 'good' ? { name: 'prometheus', groups: [] } : undefined),
    mayDo: ({ name }: Caller) => Promise.resolve(isAnswered ? name === 'prometheus' : undefined),
  },
  server: 'https://10.10.0.10:6443',
  now: () => NOW,
};

const listener = createServer();
let server = new ProgramServer(options);
beforeAll(async () => {
  listener.on('connection', (socket) => server.accept(socket));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
});
afterAll(() => void listener.close());

async function get(path: string, more: object = {}): Promise<string> {
  const { port } = listener.address() as AddressInfo;
  const asked = request({ host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false, ...more });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return `${response.statusCode} ${body.trimEnd()}`;
}
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

test('anybody may ask for its health', async () => {
  expect(await get('/healthz')).toBe('200 ok');
  expect(await get('/readyz/leaderElection', bearer('good'))).toBe('200 ok');
  expect(await server.statusFor('/healthz')).toBe(200);
});

test('a check that fails is told as any server of Kubernetes tells it', async () => {
  problem = 'handlers are not fully synchronized';
  expect(await get('/readyz')).toBe(
    '500 [+]leaderElection ok\n[-]sched-handler-sync failed: reason withheld\nreadyz check failed',
  );
  problem = undefined;
});

test('whoever shows nothing does not see its metrics, nor whoever may not', async () => {
  expect(await get('/metrics')).toContain(
    `403 {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"forbidden: User \\"system:anonymous\\" cannot get path \\"/metrics\\"","reason":"Forbidden"`,
  );
  expect(await get('/metrics', credentialsOf('jane'))).toContain('User \\"jane\\" cannot get path');
  expect(await server.statusFor('/metrics')).toBe(403);
});

test('who may sees them, by certificate or by token', async () => {
  expect(await get('/metrics', credentialsOf('prometheus'))).toBe('200 up 1');
  expect(await get('/metrics', bearer('good'))).toBe('200 up 1');
  expect(await get('/metrics', credentialsOf('root', ['system:masters']))).toBe('200 up 1');
});

test('a token that is no good is refused even for its health', async () => {
  expect(await get('/healthz', bearer('bad'))).toContain('401 {"kind":"Status"');
});

test('without an answer about who may it says whom it asked', async () => {
  isAnswered = false;
  expect(await get('/metrics')).toBe(
    '500 Internal Server Error: "/metrics": Post "https://10.10.0.10:6443/apis/authorization.k8s.io/v1/subjectaccessreviews?timeout=10s": dial tcp 10.10.0.10:6443: connect: connection refused',
  );
  isAnswered = true;
});

test('without a kubeconfig for that it lets nobody but the masters see them', async () => {
  server = new ProgramServer({ ...options, delegates: { authentication: false, authorization: false } });
  expect(await get('/metrics', credentialsOf('prometheus'))).toMatch(/^403 /);
  expect(await get('/healthz', bearer('bad'))).toBe('200 ok');
  server = new ProgramServer(options);
});

test.each([
  ['profiles', '/debug/pprof/heap', true, '501 not simulated: /debug/pprof/heap of kube-scheduler'],
  ['profiles that are turned off', '/debug/pprof/heap', false, '404 404 page not found'],
  ['nothing it knows', '/nothing', true, '404 404 page not found'],
])('%s', async (_what, path, profiling, answered) => {
  server = new ProgramServer({ ...options, endpoints: { ...endpoints, profiling } });
  expect(await get(path, bearer('good'))).toBe(answered);
  server = new ProgramServer(options);
});
