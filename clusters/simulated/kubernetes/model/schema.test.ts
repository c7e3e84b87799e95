import { expect, test } from 'vitest';
import { schemaOf, typeNames } from './schema.ts';

test('every line of the table can be read', () => {
  for (const name of typeNames()) {
    const { fields } = schemaOf(name);
    expect({ name, count: new Set(fields.map((field) => field.name)).size }).toEqual({ name, count: fields.length });
  }
  expect(() => schemaOf('io.k8s.api.core.v1.Nothing')).toThrow('the model has no type io.k8s.api.core.v1.Nothing');
});

test('lists are merged and owned by the keys of upstream', () => {
  const container = schemaOf('io.k8s.api.core.v1.Container');
  expect(container.field('ports')).toMatchObject({
    patchMergeKey: 'containerPort',
    listType: 'map',
    listMapKeys: ['containerPort', 'protocol'],
  });
  expect(container.field('env')).toMatchObject({ patchStrategy: ['merge'], listType: 'map', listMapKeys: ['name'] });
  expect(container.field('args')).toMatchObject({ patchStrategy: [], listType: 'atomic' });
  expect(schemaOf('io.k8s.api.core.v1.PodSpec').field('volumes')?.patchStrategy).toEqual(['merge', 'retainKeys']);
  expect(schemaOf('io.k8s.api.apps.v1.DeploymentSpec').field('strategy')?.patchStrategy).toEqual(['retainKeys']);
  expect(schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta').field('finalizers')).toMatchObject({
    listType: 'set',
  });
  expect(schemaOf('io.k8s.api.apps.v1.DeploymentSpec').field('selector')?.mapType).toBe('atomic');
  expect(schemaOf('io.k8s.api.core.v1.ServiceSpec').field('selector')?.mapType).toBe('atomic');
});

test('inlined structs are dissolved for JSON and whole on the wire', () => {
  const volume = schemaOf('io.k8s.api.core.v1.Volume');
  expect(volume.field('secret')).toBeDefined();
  expect(volume.wire.map((part) => part.inlined?.name ?? part.field?.name)).toEqual([
    'name',
    'io.k8s.api.core.v1.VolumeSource',
  ]);
});
