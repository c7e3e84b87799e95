import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPki } from '../../pki/pki.ts';
import { makeNamespace, startTestPlane, type TestPlane } from '../test-plane.ts';

const pki = createPki({
  now: Date.now(),
  controlPlane: { name: 'hook', addresses: ['127.0.0.1'] },
  server: 'https://127.0.0.1:6443',
  serviceAddress: '10.96.0.1',
});
let server: Server;
let url: string;
let answer: (review: { request?: { uid: string }; spec?: object }) => unknown = () => ({});
let plane: TestPlane;

beforeAll(async () => {
  const { certificate, key } = pki.servingCertificate({
    commonName: 'hook',
    dnsNames: ['localhost'],
    addresses: ['127.0.0.1'],
  });
  server = createServer({ cert: certificate, key }, (request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => response.end(JSON.stringify(answer(JSON.parse(body) as Parameters<typeof answer>[0]))));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/review`;
  plane = await startTestPlane({
    flags: ['--enable-admission-plugins=ImagePolicyWebhook', '--admission-control-config-file=/etc/admission.yaml'],
    files: {
      '/etc/admission.yaml': `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ImagePolicyWebhook
  configuration: {imagePolicy: {kubeConfigFile: /etc/hook.conf, defaultAllow: false}}
`,
      '/etc/hook.conf': `clusters: [{name: h, cluster: {server: "${url}", certificate-authority-data: ${Buffer.from(pki.certificateAuthority).toString('base64')}}}]
contexts: [{name: h, context: {cluster: h, user: u}}]
current-context: h
users: [{name: u, user: {}}]
`,
    },
  });
  answer = () => ({ status: { allowed: true } });
  await makeNamespace(plane, 'shop');
});
afterAll(() => {
  plane[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});

const configMap = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
});
const configuration = (kind: string, hook: object): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: 'hooks' },
  webhooks: [
    {
      name: 'hook.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: { url, caBundle: Buffer.from(pki.certificateAuthority).toString('base64') },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      ...hook,
    },
  ],
});
const removeHooks = async (): Promise<void> => {
  for (const plural of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']) {
    await plane.cluster.delete(plane.cluster.resource(plural, 'admissionregistration.k8s.io'), '', 'hooks');
  }
};

describe('webhooks over TLS', () => {
  afterEach(removeHooks);

  it('deny with their own words', async () => {
    await plane.create(configuration('ValidatingWebhookConfiguration', {}));
    answer = ({ request }) => ({
      response: { uid: request?.uid, allowed: false, status: { message: 'no maps here' } },
    });
    await expect(plane.create(configMap('a'))).rejects.toMatchObject({
      code: 403,
      message: 'admission webhook "hook.example.com" denied the request: no maps here',
    });
  });

  it('change what is made', async () => {
    await plane.create(configuration('MutatingWebhookConfiguration', {}));
    const patch = Buffer.from(JSON.stringify([{ op: 'add', path: '/data', value: { by: 'hook' } }])).toString('base64');
    answer = ({ request }) => ({ response: { uid: request?.uid, allowed: true, patchType: 'JSONPatch', patch } });
    expect((await plane.create(configMap('b')))['data']).toEqual({ by: 'hook' });
  });

  it('are asked once more when a later one changed what they had seen', async () => {
    const first = configuration('MutatingWebhookConfiguration', { reinvocationPolicy: 'IfNeeded' }) as {
      webhooks: object[];
    };
    const second = configuration('MutatingWebhookConfiguration', { name: 'later.example.com' }) as {
      webhooks: object[];
    };
    await plane.create({ ...first, webhooks: [...first.webhooks, ...second.webhooks] });
    const add = (key: string): string =>
      Buffer.from(JSON.stringify([{ op: 'add', path: `/metadata/labels`, value: { [key]: 'x' } }])).toString('base64');
    let calls = 0;
    answer = ({ request }) => {
      calls += 1;
      return { response: { uid: request?.uid, allowed: true, patchType: 'JSONPatch', patch: add(`call${calls}`) } };
    };
    const made = await plane.create(configMap('again'));
    expect(made.metadata.labels).toEqual({ call3: 'x' });
    expect(calls).toBe(3);
  });

  it('that cannot be asked refuse, or are passed over when told so', async () => {
    const nowhere = {
      clientConfig: {
        url: 'https://127.0.0.1:1/x',
        caBundle: Buffer.from(pki.certificateAuthority).toString('base64'),
      },
    };
    await plane.create(configuration('ValidatingWebhookConfiguration', nowhere));
    await expect(plane.create(configMap('c'))).rejects.toThrow(
      'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: Post "https://127.0.0.1:1/x?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    await removeHooks();
    await plane.create(configuration('ValidatingWebhookConfiguration', { ...nowhere, failurePolicy: 'Ignore' }));
    await plane.create(configMap('c'));
  });

  it('of another authority are not believed', async () => {
    const other = createPki({
      now: Date.now(),
      controlPlane: { name: 'x', addresses: [] },
      server: '',
      serviceAddress: '10.96.0.1',
    });
    await plane.create(
      configuration('ValidatingWebhookConfiguration', {
        clientConfig: { url, caBundle: Buffer.from(other.certificateAuthority).toString('base64') },
      }),
    );
    await expect(plane.create(configMap('d'))).rejects.toThrow(
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
  });
});

describe('ImagePolicyWebhook', () => {
  const pod = (image: string): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: image.replaceAll(/[^a-z]/g, '-'), namespace: 'shop' },
    spec: { containers: [{ name: 'c', image }] },
  });

  it('denies images with the backend’s reason and lets others in', async () => {
    answer = ({ spec }) => ({
      status: JSON.stringify(spec).includes('latest') ? { allowed: false, reason: 'no latest tag' } : { allowed: true },
    });
    await expect(plane.create(pod('nginx:latest'))).rejects.toThrow(
      'pods "nginx-latest" is forbidden: image policy webhook backend denied one or more images: no latest tag',
    );
    await plane.create(pod('nginx:one'));
  });
});
