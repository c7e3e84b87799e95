import { expect, test } from 'vitest';
import { startTestCluster } from './test-cluster.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'bars.company.com' },
  spec: {
    group: 'company.com',
    scope: 'Namespaced',
    names: { plural: 'bars', singular: 'bar', kind: 'Bar', listKind: 'BarList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const bar = { apiVersion: 'company.com/v1', kind: 'Bar', metadata: { name: 'b' } };
const BAR = 'company.com/v1 Bar';
const ownedBy = ({ metadata }: { metadata: { name: string; uid?: string } }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'owned',
    ownerReferences: [
      { apiVersion: 'company.com/v1', kind: 'Bar', name: metadata.name, uid: metadata.uid, blockOwnerDeletion: true },
    ],
  },
});

test.each([
  ['Orphan', 1],
  ['Foreground', 0],
  ['Background', 0],
] as const)(
  'a custom object of a definition that came later goes as %s asks, and leaves %i it owned',
  async (propagationPolicy, left) => {
    await using lab = await startTestCluster();
    await lab.apply(definition, bar);
    await lab.apply(ownedBy(lab.get(BAR, 'b')!));
    await lab.remove(BAR, 'b', { propagationPolicy });
    expect(lab.get(BAR, 'b')).toBeUndefined();
    const owned = [lab.get('v1 ConfigMap', 'owned')].filter((object) => object !== undefined);
    expect(owned.map(({ metadata }) => metadata.ownerReferences)).toEqual(Array.from({ length: left }));
  },
);

test('a custom object goes with its owner', async () => {
  await using lab = await startTestCluster();
  await lab.apply(definition, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner' } });
  const { name, uid } = lab.get('v1 ConfigMap', 'owner')!.metadata;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }];
  await lab.apply({ ...bar, metadata: { name: 'b', ownerReferences } });
  await lab.remove('v1 ConfigMap', 'owner');
  expect(lab.get(BAR, 'b')).toBeUndefined();
});

test('objects of a definition that went and came again are still collected', async () => {
  await using lab = await startTestCluster();
  const kind = 'apiextensions.k8s.io/v1 CustomResourceDefinition';
  await lab.apply(definition, bar);
  await lab.remove(kind, 'bars.company.com', {}, '');
  await expect.poll(() => lab.get(kind, 'bars.company.com', '')).toBeUndefined();
  await lab.apply(definition, bar);
  await lab.remove(BAR, 'b', { propagationPolicy: 'Orphan' });
  expect(lab.get(BAR, 'b')).toBeUndefined();
});

test('an owner in another namespace is none, which is told', async () => {
  await using lab = await startTestCluster();
  await lab.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
  const configMap = (namespace: string, more: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', namespace, ...more },
  });
  await lab.apply(configMap('n'));
  const uid = lab.get('v1 ConfigMap', 'c', 'n')?.metadata.uid ?? '';
  await lab.apply(configMap('default', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid }] }));
  expect(lab.get('v1 ConfigMap', 'c')).toBeUndefined();
  expect(lab.events('c')).toEqual([
    `OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: default, name: c, uid: ${uid}] does not exist in namespace "default"`,
  ]);
});
