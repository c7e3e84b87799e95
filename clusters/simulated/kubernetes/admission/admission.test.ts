import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { ADMIN, makeNamespace, startTestPlane, type TestPlane } from './test-plane.ts';

let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
  await makeNamespace(plane, 'shop');
  await makeNamespace(plane, 'strict', {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'v1.18',
  });
});
afterAll(() => plane[Symbol.dispose]());

const pod = (name: string, namespace: string, spec: object = {}, container: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name, image: 'nginx', ...container }], ...spec },
});

describe('pods', () => {
  it('get a service account token, tolerations and a priority', async () => {
    const made = (await plane.create(pod('plain', 'shop'))) as KubeObject & { spec: Record<string, never> };
    expect(made.spec).toMatchObject({
      serviceAccountName: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
    });
    expect(JSON.stringify(made.spec)).toContain('"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"');
    expect(JSON.stringify(made.spec)).toContain('"expirationSeconds":3607');
    expect(JSON.stringify(made.spec)).toContain('node.kubernetes.io/unreachable');
  });

  it('keep their priority when they are replaced by a manifest without one', async () => {
    const { cluster } = plane;
    await plane.create(pod('kept', 'shop'));
    const pods = cluster.resource('pods');
    const replaced = await cluster.modify(pods, { namespace: 'shop', name: 'kept' }, (draft) => {
      const spec = draft['spec'] as Record<string, unknown>;
      delete spec['priority'];
      delete spec['preemptionPolicy'];
      draft.metadata.labels = { replaced: 'yes' };
    });
    expect(replaced).toMatchObject({
      metadata: { labels: { replaced: 'yes' } },
      spec: { priority: 0, preemptionPolicy: 'PreemptLowerPriority' },
    });
  });

  it('get no token when they do not want one', async () => {
    const made = await plane.create(pod('bare', 'shop', { automountServiceAccountToken: false }));
    expect(JSON.stringify(made['spec'])).not.toContain('kube-api-access');
  });

  it('are refused where they ask for what is not there', async () => {
    await expect(plane.create(pod('a', 'shop', { serviceAccountName: 'gone' }))).rejects.toThrow(
      'pods "a" is forbidden: error looking up service account shop/gone: serviceaccount "gone" not found',
    );
    await expect(plane.create(pod('a', 'nowhere'))).rejects.toThrow('namespaces "nowhere" not found');
    await expect(plane.create(pod('a', 'shop', { priorityClassName: 'gone' }))).rejects.toThrow(
      'pods "a" is forbidden: no PriorityClass with name gone was found',
    );
    await expect(plane.create(pod('a', 'shop', { runtimeClassName: 'gone' }))).rejects.toThrow(
      'pods "a" is forbidden: pod rejected: RuntimeClass "gone" not found',
    );
  });
});

describe('NamespaceLifecycle', () => {
  it('keeps the system namespaces', async () => {
    const namespaces = plane.cluster.resource('namespaces');
    await expect(plane.cluster.delete(namespaces, '', 'kube-system', { user: ADMIN })).rejects.toThrow(
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    );
  });
});

describe('PodSecurity', () => {
  it('refuses by the namespace’s level and version', async () => {
    await expect(plane.create(pod('p', 'strict'))).rejects.toThrow(
      'pods "p" is forbidden: violates PodSecurity "restricted:v1.18": allowPrivilegeEscalation != false (container "p" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "p" must set securityContext.runAsNonRoot=true)',
    );
  });

  it('refuses labels it cannot read', async () => {
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'bad', labels: { 'pod-security.kubernetes.io/enforce': 'strict' } },
    };
    await expect(plane.create(namespace)).rejects.toMatchObject({
      code: 422,
      message:
        'Namespace "bad" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    });
  });
});

describe('LimitRanger and ResourceQuota', () => {
  beforeAll(async () => {
    await makeNamespace(plane, 'limited');
    await plane.create({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l', namespace: 'limited' },
      spec: {
        limits: [
          {
            type: 'Container',
            min: { cpu: '50m' },
            max: { cpu: '1' },
            default: { cpu: '200m' },
            defaultRequest: { cpu: '100m' },
            maxLimitRequestRatio: { cpu: '4' },
          },
          { type: 'Pod', max: { cpu: '1' } },
        ],
      },
    });
    await plane.create({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q', namespace: 'limited' },
      spec: { hard: { pods: '1', 'requests.cpu': '150m', configmaps: '2' } },
    });
  });
  const limits = (limitsCpu: string, request?: string): object => ({
    resources: { limits: { cpu: limitsCpu }, ...(request === undefined ? {} : { requests: { cpu: request } }) },
  });

  it('fills defaults and says so', async () => {
    const made = await plane.create(pod('one', 'limited'));
    expect(made.metadata.annotations).toMatchObject({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu request for container one; cpu limit for container one',
    });
    expect(JSON.stringify(made['spec'])).toContain('"resources":{"limits":{"cpu":"200m"},"requests":{"cpu":"100m"}}');
  });

  it.each([
    [
      limits('2'),
      '[maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Pod is 1, but limit is 2]',
    ],
    [
      limits('100m', '10m'),
      '[minimum cpu usage per Container is 50m, but request is 10m, cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000]',
    ],
    [
      limits('100m', '100m'),
      'exceeded quota: q, requested: pods=1,requests.cpu=100m, used: pods=1,requests.cpu=100m, limited: pods=1,requests.cpu=150m',
    ],
  ])('refuses what is too much %#', async (container, why) => {
    await expect(plane.create(pod('two', 'limited', {}, container))).rejects.toThrow(`pods "two" is forbidden: ${why}`);
  });
});
