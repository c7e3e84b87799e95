import { expect, test } from 'vitest';
import { PRIORITY_CLASS, RUNTIME_CLASS } from '../../strategies/cluster.ts';
import { NODE } from '../../strategies/core.ts';
import { ROLE, ROLE_BINDING } from '../../strategies/rbac.ts';
import { STORAGE_CLASS } from '../../strategies/storage.ts';
import { PERSISTENT_VOLUME } from '../../strategies/volumes.ts';
import { foundIn, foundInUpdate } from '../test-cases.ts';

const GROUP = 'rbac.authorization.k8s.io';

test('rules name verbs, groups and resources', () => {
  expect(foundIn(ROLE, { rules: [{ verbs: null }] })).toEqual([
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ]);
});

test('a binding keeps its role', () => {
  const binding = (name: string): Record<string, unknown> => ({
    kind: 'RoleBinding',
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
  });
  expect(foundIn(ROLE_BINDING, { ...binding('a'), subjects: [{ kind: 'Robot', name: 'r' }] })).toEqual([
    'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ]);
  expect(foundInUpdate(ROLE_BINDING, binding('a'), binding('b'))).toEqual([
    `roleRef: Invalid value: {"APIGroup":"${GROUP}","Kind":"Role","Name":"b"}: cannot change roleRef`,
  ]);
});

test('classes keep what they stand for', () => {
  expect(foundInUpdate(PRIORITY_CLASS, { value: 1 }, { value: 2 })).toEqual([
    'value: Forbidden: may not be changed in an update.',
  ]);
  expect(foundIn(PRIORITY_CLASS, { value: 2_000_000_000 })).toEqual([
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ]);
  expect(foundInUpdate(RUNTIME_CLASS, { handler: 'runc' }, { handler: 'kata' })).toEqual([
    'handler: Invalid value: "kata": field is immutable',
  ]);
  const provisioner = { provisioner: 'example.com/disk' };
  expect(foundInUpdate(STORAGE_CLASS, provisioner, { ...provisioner, parameters: { a: 'b' } })).toEqual([
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
});

test('nodes keep their ranges', () => {
  expect(foundInUpdate(NODE, { spec: { podCIDR: '10.244.0.0/24' } }, { spec: { podCIDR: 'bad' } })).toEqual([
    'spec.podCIDRs[0]: Invalid value: "bad": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ]);
});

test('volumes have a size, modes and a source', () => {
  expect(foundIn(PERSISTENT_VOLUME, { spec: {} })).toEqual([
    'spec.accessModes: Required value',
    'spec.capacity: Required value',
    'spec.capacity: Unsupported value: null: supported values: "storage"',
    'spec: Required value: must specify a volume type',
  ]);
});
