import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kubeconfigOf } from './kubeconfig.ts';

const access = { server: 'https://127.0.0.1:6443', certificateAuthority: 'CA' };
const user = (yaml: string): unknown => (parse(yaml) as { users: { user: unknown }[] }).users[0]?.user;

test('a kubeconfig carries the credential as kubectl wants it', () => {
  const certificate = { kind: 'certificate', certificate: 'CERT', key: 'KEY' } as const;
  const yaml = kubeconfigOf('abcdefghij', { ...access, credential: certificate });
  expect(user(yaml)).toEqual({ 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' });
  expect(parse(yaml)).toMatchObject({
    'current-context': 'abcdefghij',
    clusters: [{ cluster: { server: access.server, 'certificate-authority-data': 'Q0E=' } }],
  });
  expect(user(kubeconfigOf('x', { ...access, credential: { kind: 'token', token: 'T' } }))).toEqual({ token: 'T' });
  expect(user(kubeconfigOf('x', { ...access, credential: { kind: 'none' } }))).toEqual({});
});
