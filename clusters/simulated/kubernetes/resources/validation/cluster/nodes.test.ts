import { expect, test } from 'vitest';
import { NODE } from '../../strategies/core.ts';
import { foundIn, foundInUpdate, objectOf } from '../test-cases.ts';

const POD_CIDR = 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid';

test.each<[string, object, string[]]>([
  [
    'a taint of no kind, twice',
    {
      spec: {
        taints: [
          { key: 'a', value: 'b b', effect: 'Sometimes' },
          { key: 'a', effect: 'Sometimes' },
        ],
      },
    },
    [
      'metadata.taints[0].value: Invalid value: "b b": a valid label must be',
      'metadata.taints[0].effect: Unsupported value: "Sometimes": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      'metadata.taints[1].effect: Unsupported value: "Sometimes": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"Sometimes","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  ],
  [
    'a status of less than nothing',
    { status: { capacity: { cpu: '-1' }, allocatable: {}, declaredFeatures: ['b', 'A'] } },
    [
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.declaredFeatures[0]: Invalid value: "b": invalid feature name "b": must start with',
      'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
    ],
  ],
])('%s', (_, fields, expected) => {
  const found = foundIn(NODE, fields as Record<string, unknown>);
  expect(found.map((text, i) => text.slice(0, expected[i]?.length))).toEqual(expected);
});

test('all of its capacity can be used until the kubelet says otherwise', () => {
  const allocatable = (status: object): unknown => {
    const draft = objectOf({ status });
    NODE.defaults?.(draft);
    return (draft['status'] as { allocatable?: object }).allocatable;
  };
  expect(allocatable({ capacity: { memory: '1Gi' } })).toEqual({ memory: '1Gi' });
  expect(allocatable({ capacity: { memory: '1Gi' }, allocatable: { memory: '1Mi' } })).toEqual({ memory: '1Mi' });
  expect(allocatable({})).toBeUndefined();
});

test('what a node was given once stays, and is looked at after the whole node', () => {
  const before = { spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'], providerID: 'a' } };
  expect(foundInUpdate(NODE, before, { spec: { podCIDR: 'bad', podCIDRs: ['bad'], providerID: 'b' } })).toEqual([
    'spec.podCIDRs[0]: Invalid value: "bad": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    POD_CIDR,
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ]);
  expect(foundInUpdate(NODE, before, {})).toEqual([POD_CIDR, expect.stringContaining('spec.providerID')]);
});
