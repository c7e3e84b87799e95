import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../object.ts';
import { startHook, type TestHook } from '../test-hook.ts';
import { makeNamespace, startTestPlane, type TestPlane } from '../test-plane.ts';
import { imagePolicySettings } from './image-policy-webhook.ts';

let hook: TestHook;
let now = Date.now();
beforeAll(async () => {
  hook = await startHook();
});
afterAll(() => hook[Symbol.asyncDispose]());
beforeEach(() => {
  hook.asked.length = 0;
});

async function planeWith(settings: string, server = hook.url): Promise<TestPlane> {
  hook.answer = () => ({ status: { allowed: true } });
  const plane = await startTestPlane({
    clock: { now: () => now, after: () => ({ [Symbol.dispose]() {} }) },
    flags: ['--enable-admission-plugins=ImagePolicyWebhook', '--admission-control-config-file=/etc/admission.yaml'],
    files: {
      '/etc/admission.yaml': `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ImagePolicyWebhook
  configuration: {imagePolicy: {kubeConfigFile: /etc/hook.conf, ${settings}}}
`,
      '/etc/hook.conf': `clusters: [{name: h, cluster: {server: "${server}", certificate-authority-data: ${Buffer.from(hook.certificateAuthority).toString('base64')}}}]
contexts: [{name: h, context: {cluster: h, user: u}}]
current-context: h
users: [{name: u, user: {}}]
`,
    },
  });
  await makeNamespace(plane, 'shop');
  return plane;
}
const pod = (plane: TestPlane, image: string, annotations: Record<string, string> = {}): Promise<KubeObject> =>
  plane.create(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'shop', annotations },
      spec: { initContainers: [{ name: 'i', image: 'busybox:1' }], containers: [{ name: 'c', image }] },
    },
    undefined,
    { dryRun: true },
  );

describe('ImagePolicyWebhook', () => {
  it('denies images with the backend’s reason, or without, and lets others in', async () => {
    using plane = await planeWith('defaultAllow: false');
    hook.answer = ({ spec }) => ({
      status: JSON.stringify(spec).includes('latest')
        ? { allowed: false, reason: 'no latest tag' }
        : { allowed: !JSON.stringify(spec).includes('bad') },
    });
    await expect(pod(plane, 'nginx:latest')).rejects.toMatchObject({
      code: 403,
      message: 'pods "p" is forbidden: image policy webhook backend denied one or more images: no latest tag',
    });
    await expect(pod(plane, 'bad')).rejects.toThrow(
      'pods "p" is forbidden: one or more images rejected by webhook backend',
    );
    await pod(plane, 'nginx:1.27');
  });

  it('asks about all images, with the annotations that are meant for it', async () => {
    using plane = await planeWith('defaultAllow: false');
    await pod(plane, 'nginx', { 'shop.image-policy.k8s.io/ticket': '7', other: 'x' });
    expect(hook.asked).toMatchObject([
      {
        apiVersion: 'imagepolicy.k8s.io/v1alpha1',
        kind: 'ImageReview',
        spec: {
          containers: [{ image: 'nginx' }, { image: 'busybox:1' }],
          annotations: { 'shop.image-policy.k8s.io/ticket': '7' },
          namespace: 'shop',
        },
      },
    ]);
  });

  it('asks anew once an answer is older than told, which differs for yes and no', async () => {
    using plane = await planeWith('allowTTL: 100, denyTTL: 10, defaultAllow: false');
    const after = async (seconds: number): Promise<number> => {
      now += seconds * 1000;
      await pod(plane, 'nginx').catch(() => undefined);
      return hook.asked.length;
    };
    expect([await after(0), await after(99), await after(2)]).toEqual([1, 1, 2]);
    hook.answer = () => ({ status: { allowed: false } });
    expect([await after(101), await after(9), await after(2)]).toEqual([3, 3, 4]);
  });

  it('that cannot be asked refuses, or lets in and marks the pod if defaultAllow is true', async () => {
    using strict = await planeWith('defaultAllow: false', 'https://127.0.0.1:1/x');
    await expect(pod(strict, 'nginx')).rejects.toThrow(
      'pods "p" is forbidden: Post "https://127.0.0.1:1/x?timeout=30s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
    using open = await planeWith('defaultAllow: true', 'https://127.0.0.1:1/x');
    expect((await pod(open, 'nginx')).metadata.annotations).toEqual({
      'alpha.image-policy.k8s.io/failed-open': 'true',
    });
  });
});

describe('the settings of ImagePolicyWebhook', () => {
  it.each([
    [undefined, 'no config specified'],
    [{ imagePolicy: { kubeConfigFile: '/k', allowTTL: 3600 } }, 'valid value is between 1s and 30m0s, got 1h0m0s'],
    [
      { imagePolicy: { kubeConfigFile: '/k', retryBackoff: 600_000 } },
      'valid value is between 1ms and 5m0s, got 10m0s',
    ],
  ])('keep the server down: %j', (config, why) => {
    expect(() => imagePolicySettings(config)).toThrow(why);
  });

  it('have defaults, and turn times off below zero', () => {
    expect(imagePolicySettings({ imagePolicy: { kubeConfigFile: '/k', allowTTL: -1 } })).toEqual({
      kubeConfigFile: '/k',
      allowTtl: 0,
      denyTtl: 30_000,
      retryBackoff: 500,
      defaultAllow: false,
    });
  });
});
