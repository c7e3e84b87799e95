import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../object.ts';
import { createPki } from '../../pki/pki.ts';
import { allowing, hookConfiguration, patching, startHook, type TestHook } from '../test-hook.ts';
import { makeNamespace, startTestPlane, type TestPlane } from '../test-plane.ts';

let hook: TestHook;
let plane: TestPlane;
beforeAll(async () => {
  hook = await startHook();
  plane = await startTestPlane();
  await makeNamespace(plane, 'shop', { tier: 'front' });
  await makeNamespace(plane, 'plain');
});
afterAll(async () => {
  plane[Symbol.dispose]();
  await hook[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const plural of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']) {
    await plane.cluster.delete(plane.cluster.resource(plural, 'admissionregistration.k8s.io'), '', 'hooks');
  }
  hook.asked.length = 0;
  hook.answer = allowing();
});

const configMap = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', ...more },
});
const tried = (object: object): Promise<KubeObject> => plane.create(object, undefined, { dryRun: true });
const validating = (more: object = {}): Promise<KubeObject> =>
  plane.create(hookConfiguration('ValidatingWebhookConfiguration', hook, more));
const mutating = (...hooks: object[]): Promise<KubeObject> =>
  plane.create(hookConfiguration('MutatingWebhookConfiguration', hook, ...hooks));

describe('webhooks over TLS', () => {
  it('deny with their own words', async () => {
    await validating();
    hook.answer = ({ request }) => ({
      response: { uid: request?.uid, allowed: false, status: { message: 'no maps here' } },
    });
    await expect(tried(configMap('a'))).rejects.toMatchObject({
      code: 403,
      message: 'admission webhook "hook.example.com" denied the request: no maps here',
    });
  });

  it('change what is made', async () => {
    await mutating();
    hook.answer = patching({ op: 'add', path: '/data', value: { by: 'hook' } });
    expect((await tried(configMap('b')))['data']).toEqual({ by: 'hook' });
  });

  it('are told of a dry run', async () => {
    await validating({ sideEffects: 'NoneOnDryRun' });
    await tried(configMap('a'));
    expect(hook.asked).toMatchObject([{ request: { dryRun: true } }]);
  });

  it('of another authority are not believed', async () => {
    const other = createPki({
      now: Date.now(),
      controlPlane: { name: 'x', addresses: [] },
      server: '',
      serviceAddress: '10.96.0.1',
    });
    await validating({
      clientConfig: { url: hook.url, caBundle: Buffer.from(other.certificateAuthority).toString('base64') },
    });
    await expect(tried(configMap('d'))).rejects.toThrow(
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
  });
});

describe('a webhook that fails', () => {
  const nowhere = { clientConfig: { url: 'https://127.0.0.1:1/x' } };

  it.each([
    [
      'is not there',
      nowhere,
      undefined,
      /failed to call webhook: Post "https:\/\/127.0.0.1:1\/x\?timeout=10s": dial tcp/,
    ],
    [
      'does not answer in time',
      { timeoutSeconds: 1 },
      () => undefined,
      /failed to call webhook: Post "https:\/\/127.0.0.1:\d+\/review\?timeout=1s": context deadline exceeded/,
    ],
    [
      'has no Service',
      { clientConfig: { service: { namespace: 'shop', name: 'gone' } } },
      undefined,
      /failed to call webhook: Post "https:\/\/gone.shop.svc:443\/\?timeout=10s": service "gone" not found/,
    ],
    [
      'answers another question',
      {},
      () => ({ response: { uid: 'x', allowed: true } }),
      /received invalid webhook response: expected response.uid="[-0-9a-f]+", got "x"/,
    ],
    ['says nothing', {}, () => ({}), /received invalid webhook response: webhook response was absent/],
    [
      'answers in another version',
      {},
      (review: Parameters<TestHook['answer']>[0]) => ({
        ...allowing()(review),
        apiVersion: 'admission.k8s.io/v1beta1',
      }),
      /expected webhook response of admission.k8s.io\/v1, Kind=AdmissionReview, got admission.k8s.io\/v1beta1, Kind=AdmissionReview/,
    ],
    [
      'patches without saying how',
      {},
      allowing({ patch: 'W10=' }),
      /received invalid webhook response: webhook returned response.patch but not response.patchType/,
    ],
    [
      'sends a patch that is none',
      {},
      allowing({ patch: Buffer.from('{}').toString('base64'), patchType: 'JSONPatch' }),
      /received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch/,
    ],
  ] as const)('refuses: it %s', async (_, more, answer, why) => {
    if (answer !== undefined) hook.answer = answer;
    await mutating(more);
    const refused = await tried(configMap('c')).catch((error: unknown) => error as Error);
    expect(refused).toMatchObject({
      code: 500,
      message: expect.stringContaining('failed calling webhook "hook.example.com": ') as string,
    });
    expect((refused as Error).message).toMatch(why);
  });

  it('is passed over when told so', async () => {
    await mutating({ ...nowhere, failurePolicy: 'Ignore' });
    expect((await tried(configMap('c'))).metadata.name).toBe('c');
  });
});

describe('what a webhook is asked about', () => {
  it.each([
    ['namespaceSelector', { namespaceSelector: { matchLabels: { tier: 'front' } } }, true],
    ['namespaceSelector', { namespaceSelector: { matchLabels: { tier: 'back' } } }, false],
    ['objectSelector', { objectSelector: { matchLabels: { app: 'x' } } }, true],
    ['objectSelector', { objectSelector: { matchLabels: { app: 'y' } } }, false],
    ['rules', { rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['UPDATE'], resources: ['*'] }] }, false],
    ['matchConditions', { matchConditions: [{ name: 'a', expression: 'object.metadata.labels.app == "x"' }] }, true],
    [
      'matchConditions, of which a false one decides whatever breaks',
      {
        matchConditions: [
          { name: 'a', expression: 'object.metadata.labels.gone == "x"' },
          { name: 'b', expression: 'request.userInfo.username == "nobody"' },
        ],
      },
      false,
    ],
    [
      'matchConditions that break, by its failurePolicy',
      {
        failurePolicy: 'Ignore',
        matchConditions: [{ name: 'a', expression: 'object.metadata.labels.gone == "x"' }],
      },
      false,
    ],
  ])('follows its %s', async (_, more, asked) => {
    await validating(more);
    await tried(configMap('a', { labels: { app: 'x' } }));
    expect(hook.asked).toHaveLength(asked ? 1 : 0);
  });

  it('is refused where a condition breaks and it fails closed', async () => {
    await validating({ matchConditions: [{ name: 'a', expression: 'object.metadata.labels.gone == "x"' }] });
    await expect(tried(configMap('a', { labels: { app: 'x' } }))).rejects.toThrow(
      `configmaps "a" is forbidden: expression 'object.metadata.labels.gone == "x"' resulted in error: no such key: gone`,
    );
    expect(hook.asked).toEqual([]);
  });

  it('comes in the version that its rules name, and goes back', async () => {
    const autoscaler = (version: string): object => ({
      apiVersion: `autoscaling/${version}`,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'shop' },
      spec: {
        maxReplicas: 5,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
    });
    const rules = [
      {
        apiGroups: ['autoscaling'],
        apiVersions: ['v1'],
        operations: ['CREATE'],
        resources: ['horizontalpodautoscalers'],
      },
    ];
    await mutating({ rules });
    hook.answer = patching({ op: 'replace', path: '/spec/targetCPUUtilizationPercentage', value: 50 });
    const made = await tried(autoscaler('v2'));
    expect(hook.asked[0]?.request).toMatchObject({
      kind: { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' },
      requestResource: { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' },
      object: { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 70 } },
    });
    expect(JSON.stringify(made['spec'])).toContain('"averageUtilization":50');
    await plane.cluster.delete(
      plane.cluster.resource('mutatingwebhookconfigurations', 'admissionregistration.k8s.io'),
      '',
      'hooks',
    );
    await validating({ rules, matchPolicy: 'Exact' });
    await tried(autoscaler('v2'));
    expect(hook.asked).toHaveLength(1);
  });
});
