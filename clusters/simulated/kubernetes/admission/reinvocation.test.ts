import { expect, test } from 'vitest';
import { hookConfiguration, patching, startHook } from './test-hook.ts';
import { makeNamespace, startTestPlane } from './test-plane.ts';

test('webhooks that saw an object before another changed it are asked again, if they wish to', async () => {
  await using hook = await startHook();
  using plane = await startTestPlane();
  const [first, later] = [{ reinvocationPolicy: 'IfNeeded' }, { name: 'later.example.com' }];
  await plane.create(hookConfiguration('MutatingWebhookConfiguration', hook, first, later));
  let calls = 0;
  hook.answer = (review) =>
    patching({ op: 'add', path: '/metadata/labels', value: { [`call${(calls += 1)}`]: 'x' } })(review);
  const metadata = { name: 'again', namespace: 'default' };
  expect((await plane.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata })).metadata.labels).toEqual({
    call3: 'x',
  });
  expect(calls).toBe(3);
});

test('a container that a webhook has added gets what every container has', async () => {
  await using hook = await startHook();
  using plane = await startTestPlane();
  await makeNamespace(plane, 'shop');
  await plane.create(hookConfiguration('MutatingWebhookConfiguration', hook));
  hook.answer = patching({ op: 'add', path: '/spec/containers/-', value: { name: 'mesh', image: 'mesh/proxy:v1' } });
  const pod = await plane.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'shop' },
    spec: { containers: [{ name: 'app', image: 'nginx' }] },
  });
  const mounts = (pod['spec'] as { containers: { volumeMounts?: { mountPath: string }[] }[] }).containers.map(
    ({ volumeMounts }) => volumeMounts?.map(({ mountPath }) => mountPath),
  );
  expect(mounts).toEqual([
    ['/var/run/secrets/kubernetes.io/serviceaccount'],
    ['/var/run/secrets/kubernetes.io/serviceaccount'],
  ]);
  expect(hook.asked).toHaveLength(1);
});
