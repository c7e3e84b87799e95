import { expect, test } from 'vitest';
import { PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM } from '../../strategies/volumes.ts';
import { foundIn, foundInUpdate, objectOf } from '../test-cases.ts';

const spec = (fields: object): { spec: object } => ({
  spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, ...fields },
});
const CSI = { driver: 'example.com', volumeHandle: 'a' };

test.each<[string, object, string[]]>([
  ['csi', { csi: CSI }, []],
  ['csi without a volume', { csi: { driver: 'example.com' } }, ['spec.csi.volumeHandle: Required value']],
  [
    'a secret of no namespace',
    { csi: { ...CSI, nodeExpandSecretRef: { name: 'a' } } },
    ['spec.csi.nodeExpandSecretRef.namespace: Required value'],
  ],
  [
    'several',
    { hostPath: { path: '/a' }, cephfs: { monitors: ['a'] }, flexVolume: {} },
    ['spec.cephFS: Forbidden: may not specify more than 1 volume type', 'spec.flexVolume.driver: Required value'],
  ],
  ['a disk by another name', { gcePersistentDisk: {} }, ['spec.persistentDisk.pdName: Required value']],
  [
    'an iSCSI target',
    { iscsi: { targetPortal: 'a', iqn: 'x', lun: 0, initiatorName: 'y', secretRef: {} } },
    [
      'spec.iscsi.iqn: Invalid value: "x": must be valid format',
      'spec.iscsi.secretRef.name: Required value',
      'spec.iscsi.initiatorname: Invalid value: "y": must be valid format',
    ],
  ],
  [
    'less than nothing',
    { csi: CSI, capacity: { storage: '-1' } },
    [
      'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
    ],
  ],
  [
    'attributes of what has none',
    { nfs: { server: 'a', path: '/' }, volumeAttributesClassName: '' },
    [
      'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
  ],
  [
    'the root recycled',
    { hostPath: { path: '/./' }, persistentVolumeReclaimPolicy: 'Recycle' },
    ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  ],
])('volumes: %s', (_, fields, expected) => {
  expect(foundIn(PERSISTENT_VOLUME, spec(fields))).toEqual(expected);
});

const on = (key: string, host: string): object => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [host] }] }] },
  },
});

test('the nodes of a volume are said once', () => {
  const before = spec({ csi: CSI, ...on('beta.kubernetes.io/os', 'linux') });
  expect(foundInUpdate(PERSISTENT_VOLUME, spec({ csi: CSI }), before)).toEqual([]);
  expect(foundInUpdate(PERSISTENT_VOLUME, before, spec({ csi: CSI, ...on('kubernetes.io/os', 'linux') }))).toEqual([]);
  expect(foundInUpdate(PERSISTENT_VOLUME, before, spec({ csi: CSI, ...on('kubernetes.io/os', 'windows') }))).toEqual([
    'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"kubernetes.io/os","Operator":"In","Values":["windows"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
  ]);
});

test('the secret for a larger volume may follow', () => {
  const secret = { name: 'a', namespace: 'b' };
  const after = spec({ csi: { ...CSI, controllerExpandSecretRef: secret } });
  expect(foundInUpdate(PERSISTENT_VOLUME, spec({ csi: CSI }), after)).toEqual([]);
  expect(foundInUpdate(PERSISTENT_VOLUME, after, spec({ csi: CSI }))[0]).toContain('is immutable after creation');
});

test('what is warned of', () => {
  const volume = objectOf({
    ...spec({ rbd: {}, persistentVolumeReclaimPolicy: 'Recycle', ...on('beta.kubernetes.io/os', 'linux') }),
    metadata: { annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } },
  });
  expect(PERSISTENT_VOLUME.warnings?.(volume, undefined)).toEqual([
    'metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead',
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
  ]);
});

const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';
const claim = (fields: object = {}, annotations: object = {}): Record<string, unknown> => ({
  metadata: { annotations },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...fields },
  status: { phase: 'Bound' },
});

test('a claim names its class once', () => {
  expect(foundInUpdate(PERSISTENT_VOLUME_CLAIM, claim(), claim({ storageClassName: 'a' }))).toEqual([]);
  const annotated = claim({}, { [OLD_CLASS]: 'a' });
  expect(foundInUpdate(PERSISTENT_VOLUME_CLAIM, annotated, claim({ storageClassName: 'a' }))).toEqual([]);
  expect(foundInUpdate(PERSISTENT_VOLUME_CLAIM, annotated, claim({}, { [OLD_CLASS]: 'b' }))).toEqual([
    `metadata.annotations.${OLD_CLASS}: Invalid value: "b": field is immutable`,
  ]);
});

test('attributes stay once they are there', () => {
  const before = claim({ volumeAttributesClassName: 'a' });
  const applied = { ...before, status: { phase: 'Bound', currentVolumeAttributesClassName: 'a' } };
  expect(foundInUpdate(PERSISTENT_VOLUME_CLAIM, before, claim())).toEqual([]);
  expect(foundInUpdate(PERSISTENT_VOLUME_CLAIM, applied, claim())).toEqual([
    'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil',
  ]);
});

test('the status of a claim', () => {
  const status = { capacity: { storage: '-1' }, allocatedResourceStatuses: { cpu: 'Maybe' } };
  expect(foundInUpdate(PERSISTENT_VOLUME_CLAIM, claim(), { ...claim(), status }, 'status')).toEqual([
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
    'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "storage"',
    'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
  ]);
});

test.each<[string, object, object]>([
  [
    'each names what the other does',
    { dataSource: { kind: 'PersistentVolumeClaim', name: 'a' } },
    {
      dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
      dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'a' },
    },
  ],
  ['what no claim begins with', { dataSource: { kind: 'Book', name: 'a' } }, {}],
  ['another namespace', { dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'a', namespace: 'b' } }, {}],
])('sources of claims: %s', (_, fields, expected) => {
  const draft = objectOf({ spec: fields });
  PERSISTENT_VOLUME_CLAIM.prepareForCreate?.(draft, undefined as never);
  expect(draft['spec']).toEqual(expected);
});

test('a volume tells since when it is in its phase', () => {
  const context = (at: string): never =>
    ({ clock: { now: () => Date.parse(at) }, subresource: 'status' }) as unknown as never;
  const [first, second] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
  const volume = objectOf(spec({ csi: CSI }));
  PERSISTENT_VOLUME.prepareForCreate?.(volume, context(first));
  const same = structuredClone({ ...volume, status: { phase: 'Pending' } });
  const bound = structuredClone({ ...volume, status: { phase: 'Bound' } });
  for (const draft of [same, bound]) PERSISTENT_VOLUME.prepareForUpdate?.(draft, volume, context(second));
  expect([volume['status'], same.status, bound.status]).toEqual([
    { phase: 'Pending', lastPhaseTransitionTime: first },
    { phase: 'Pending', lastPhaseTransitionTime: first },
    { phase: 'Bound', lastPhaseTransitionTime: second },
  ]);
});
