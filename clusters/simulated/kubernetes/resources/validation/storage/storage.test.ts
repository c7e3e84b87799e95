import { expect, test } from 'vitest';
import { CSI_DRIVER, CSI_NODE, STORAGE_CLASS, VOLUME_ATTRIBUTES_CLASS } from '../../strategies/storage.ts';
import { foundIn, foundInUpdate } from '../test-cases.ts';

test('classes name zones once', () => {
  const terms = [
    { key: 'zone', values: ['a', 'a'] },
    { key: 'zone', values: [] },
  ];
  const found = foundIn(STORAGE_CLASS, {
    provisioner: 'example.com/disk',
    parameters: { '': 'x' },
    reclaimPolicy: 'Keep',
    allowedTopologies: [{ matchLabelExpressions: terms }],
  });
  expect(found).toEqual([
    'parameters: Invalid value: "": field can not be empty.',
    'reclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Retain"',
    'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
    'allowedTopologies[0].matchLabelExpressions[1].values: Required value',
    'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
  ]);
});

test('drivers', () => {
  const spec = { volumeLifecycleModes: ['Sometimes'], tokenRequests: [{ audience: 'a' }, { audience: 'a' }] };
  expect(foundIn(CSI_DRIVER, { spec })).toEqual([
    'spec.tokenRequests[1].audience: Duplicate value: "a"',
    'spec.volumeLifecycleModes: Unsupported value: "Sometimes": supported values: "Persistent", "Ephemeral"',
  ]);
  expect(foundInUpdate(CSI_DRIVER, { spec: { attachRequired: true } }, { spec: { attachRequired: false } })).toEqual([
    'spec.attachedRequired: Invalid value: false: field is immutable',
  ]);
});

test('a node has each driver once', () => {
  const drivers = [
    { name: 'a', nodeID: '' },
    { name: 'a', nodeID: 'x', topologyKeys: ['k', 'k'] },
  ];
  expect(foundIn(CSI_NODE, { spec: { drivers } })).toEqual([
    'spec.drivers[0].nodeID: Required value',
    'spec.drivers[1].name: Duplicate value: "a"',
    'spec.drivers[1]: Duplicate value: "k"',
  ]);
});

test('attributes stay', () => {
  const before = { driverName: 'a.b', parameters: { a: 'b' } };
  expect(foundInUpdate(VOLUME_ATTRIBUTES_CLASS, before, { driverName: 'a.c', parameters: { a: 'c' } })).toEqual([
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
});
