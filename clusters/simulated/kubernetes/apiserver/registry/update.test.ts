import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestBed, type TestBed } from '../test-bed.ts';

const MERGE = { 'Content-Type': 'application/merge-patch+json' };
/** Asks for /CN=jane. */
const REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIHIMHECAQAwDzENMAsGA1UEAwwEamFuZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABJ5/qOME1KiSAn3dkKiK8hhJN0NavOxrvaUqzSMaDy3PUFLbGq0M6mkD5JjH
lzhGfXdV3d05nNNjBYR6ATpS7j+gADAKBggqhkjOPQQDAgNHADBEAiALnJp5JW09
U9jdgh9xkWweQePdHZ9KMc9gd29GnmDDGgIgdOmnRkFJi2LPsf05Jw0ejXGGffZ9
U3gbd56cbrFo9K0=
-----END CERTIFICATE REQUEST-----
`;

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

it.each([
  [{ name: 'other' }, 'the name of the object (other) does not match the name on the URL (missing)'],
  [{ namespace: 'other' }, 'the namespace of the provided object does not match the namespace sent on the request'],
])('refuses an object that is not the one of its URL before it looks for that one: %j', async (metadata, message) => {
  const path = '/api/v1/namespaces/default/configmaps/missing';
  const { json } = await bed.call('PUT', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  expect(json).toMatchObject({ code: 400, message });
});

it('keeps a request for a certificate as it was made, owned by nobody, so that a patch changes nothing', async () => {
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const made = await bed.call('POST', path, {
    metadata: { name: 'jane' },
    spec: { request: Buffer.from(REQUEST).toString('base64'), signerName: 'a.test/b', usages: ['client auth'] },
  });
  expect(made.status).toBe(201);
  expect((await bed.call('PATCH', `${path}/jane`, { spec: { signerName: 'a.test/c' } }, MERGE)).json).toEqual(
    made.json,
  );
});

it('drops what is behind a gate that is off: maxUnavailable of a StatefulSet', async () => {
  const path = '/apis/apps/v1/namespaces/default/statefulsets';
  const updateStrategy = { rollingUpdate: { maxUnavailable: 2 } };
  const kept = { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } } };
  const labels = { a: 'b' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
  const made = await bed.call('POST', path, {
    metadata: { name: 's' },
    spec: { selector: { matchLabels: labels }, template, updateStrategy },
  });
  expect(made.json).toMatchObject(kept);
  const patched = await bed.call('PATCH', `${path}/s`, { spec: { updateStrategy } }, MERGE);
  expect([made.json['spec'], patched.json['spec']]).not.toMatchObject([updateStrategy, updateStrategy]);
  expect(patched.json['spec']).toEqual(made.json['spec']);
});
