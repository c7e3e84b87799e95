import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../object.ts';
import { makeNamespace, startTestPlane, type TestPlane } from '../test-plane.ts';

let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane({ flags: ['--enable-admission-plugins=DenyServiceExternalIPs,AlwaysPullImages'] });
  await makeNamespace(plane, 'shop');
});
afterAll(() => plane[Symbol.dispose]());

const tried = (object: object): Promise<KubeObject> => plane.create(object, undefined, { dryRun: true });

describe('DefaultStorageClass', () => {
  const claim = (spec: object = {}): Promise<KubeObject> =>
    tried({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c', namespace: 'shop' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    });
  const storageClass = (name: string, isDefault: string): Promise<KubeObject> =>
    plane.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': isDefault } },
      provisioner: 'example.com/p',
    });

  it('gives a claim without a class the default one, and leaves what the claim says', async () => {
    expect(await claim()).not.toHaveProperty('spec.storageClassName');
    await storageClass('slow', 'false');
    await storageClass('fast', 'true');
    expect(await claim()).toHaveProperty('spec.storageClassName', 'fast');
    expect(await claim({ storageClassName: '' })).toHaveProperty('spec.storageClassName', '');
    expect(await claim({ storageClassName: 'slow' })).toHaveProperty('spec.storageClassName', 'slow');
  });
});

describe('DefaultIngressClass', () => {
  const ingress = (annotations: object = {}): Promise<KubeObject> =>
    tried({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'i', namespace: 'shop', annotations },
      spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
    });

  it('gives an ingress without a class the default one, unless an annotation names one', async () => {
    expect(await ingress()).not.toHaveProperty('spec.ingressClassName');
    await plane.create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'nginx', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'example.com/nginx' },
    });
    expect(await ingress()).toHaveProperty('spec.ingressClassName', 'nginx');
    expect(await ingress({ 'kubernetes.io/ingress.class': 'other' })).not.toHaveProperty('spec.ingressClassName');
  });
});

describe('DenyServiceExternalIPs', () => {
  const service = (name: string, externalIPs?: string[]): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { ports: [{ port: 80 }], ...(externalIPs === undefined ? {} : { externalIPs }) },
  });

  it('refuses new external addresses of Services', async () => {
    await plane.create(service('fine'));
    const why = 'is forbidden: Use of external IPs is denied by admission control';
    await expect(tried(service('bad', ['192.0.2.1']))).rejects.toThrow(`services "bad" ${why}`);
    const services = plane.cluster.resource('services');
    await expect(
      plane.cluster.modify(services, { namespace: 'shop', name: 'fine' }, (draft) => {
        (draft['spec'] as { externalIPs?: string[] }).externalIPs = ['192.0.2.1'];
      }),
    ).rejects.toThrow(`services "fine" ${why}`);
  });
});

describe('TaintNodesByCondition', () => {
  it('taints a new node as not ready', async () => {
    const node = await tried({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
    expect(node).toHaveProperty('spec.taints', [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
  });
});

describe('AlwaysPullImages', () => {
  it('has every image pulled, of containers and of volumes', async () => {
    const pod = await tried({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'shop' },
      spec: {
        initContainers: [{ name: 'i', image: 'busybox:1', imagePullPolicy: 'Never' }],
        containers: [{ name: 'c', image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent' }],
        volumes: [{ name: 'v', image: { reference: 'data:1', pullPolicy: 'Never' } }],
      },
    });
    expect(pod['spec']).toMatchObject({
      initContainers: [{ imagePullPolicy: 'Always' }],
      containers: [{ imagePullPolicy: 'Always' }],
      volumes: [{ image: { pullPolicy: 'Always' } }, {}],
    });
  });
});
