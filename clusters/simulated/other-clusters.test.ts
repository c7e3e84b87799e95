import { expect, test } from 'vitest';
import { ClusterShape } from '../../protocol/scenario.ts';
import { refuseOtherClusters } from './other-clusters.ts';

const refusal = (shape: object): unknown => {
  try {
    refuseOtherClusters({ cluster: ClusterShape.parse(shape) });
    return undefined;
  } catch (error) {
    return error;
  }
};

test.each<[string, object]>([
  ['says nothing of it', {}],
  ['is of another patch release', { kubernetes: '1.36.9' }],
  ['has files at boot', { bootFiles: ['node01:/etc/one'] }],
])('a cluster that %s is simulated', (_, shape) => {
  expect(refusal(shape)).toBeUndefined();
});

test.each<[string, object, string]>([
  ['another release', { kubernetes: '1.35.2' }, 'Kubernetes 1.35.2'],
  ['one node', { nodes: 1 }, 'without node01'],
  ['a patched kubeadm', { kubeadmPatches: [{ kind: 'ClusterConfiguration' }] }, 'kubeadm'],
])('a cluster of %s is refused, with the backend that has it', (_, shape, words) => {
  expect(refusal(shape)).toMatchObject({
    message: expect.stringMatching(new RegExp(`^not simulated: .*${words}`)),
    nextStep: expect.stringContaining('--backend kind'),
  });
});
