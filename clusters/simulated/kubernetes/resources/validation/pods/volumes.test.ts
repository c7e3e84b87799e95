import { expect, test } from 'vitest';
import { POD } from '../../strategies/pods.ts';
import { foundIn } from '../test-cases.ts';

const spec = (volume: object): { spec: object } => ({
  spec: { containers: [{ name: 'c', image: 'nginx' }], volumes: [{ name: 'v', ...volume }] },
});

test.each<[string, object, string[]]>([
  [
    'a disk without a name, and another',
    { gcePersistentDisk: { pdName: '', partition: 256 }, cephfs: { monitors: [] }, downwardAPI: {} },
    [
      'spec.volumes[0].persistentDisk.pdName: Required value',
      'spec.volumes[0].persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive',
      'spec.volumes[0].cephFS: Forbidden: may not specify more than 1 volume type',
      'spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type',
    ],
  ],
  [
    'an initiator of another form',
    { iscsi: { targetPortal: 'p'.repeat(64), iqn: 'iqn.2024', lun: 0, initiatorName: 'abc' } },
    [
      'spec.volumes[0].iscsi.iqn: Invalid value: "iqn.2024": must be valid format',
      'spec.volumes[0].iscsi.initiatorname: Invalid value: "abc": must be valid format starting with iqn, eui, or naa',
      'spec.volumes[0].name: Invalid value: "v": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
    ],
  ],
  ['a driver of no name', { csi: { driver: '' } }, ['spec.volumes[0].csi.driver: Required value']],
  [
    'options of others',
    { flexVolume: { driver: 'd', options: { 'x.k8s.io': '' } } },
    [
      'spec.volumes[0].flexVolume.options[x.k8s.io]: Invalid value: "x.k8s.io": kubernetes.io and k8s.io namespaces are reserved',
    ],
  ],
  [
    'a claim with more than labels',
    {
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { name: 'a' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      },
    },
    ['spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set'],
  ],
  ['an image without reference', { image: {} }, ['spec.volumes[0].image.reference: Required value']],
])('%s', (_, volume, expected) => {
  expect(foundIn(POD, spec(volume))).toEqual(expected);
});
