import { expect, test } from 'vitest';
import type { Node, Pod } from '../../model/generated/objects.ts';
import { startTestCluster, type TestCluster } from '../test-cluster.ts';
import { pod } from '../test-manifests.ts';

const taint = (lab: TestCluster, taints: object[]): Promise<void> =>
  lab.edit(
    'v1 Node',
    'node01',
    (draft) => void ((draft as Node).spec = { ...(draft as Node).spec, taints: taints as never }),
    '',
  );
const noExecute = { key: 'k', effect: 'NoExecute' };
const disruption = (found: Pod | undefined): object | undefined =>
  found?.status.conditions?.find(({ type }) => type === 'DisruptionTarget');

test('a node is told of when it comes and when it goes, and gets a part of the pods’ network', async () => {
  await using lab = await startTestCluster();
  await lab.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'extra' } });
  expect(lab.get<Node>('v1 Node', 'extra', '')?.spec).toMatchObject({
    podCIDR: '10.244.0.0/24',
    podCIDRs: ['10.244.0.0/24'],
  });
  expect(lab.get('v1 Node', 'extra', '')?.metadata.annotations).toEqual({ 'node.alpha.kubernetes.io/ttl': '0' });
  await lab.remove('v1 Node', 'extra', {}, '');
  expect(lab.events('extra')).toEqual([
    'RegisteredNode: Node extra event: Registered Node extra in Controller',
    'RemovingNode: Node extra event: Removing Node extra from Controller',
  ]);
});

test('pods of a node that was deleted fail and go once it has been missed for forty seconds', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', {}));
  lab.setKubelet('node01', false);
  let last: Pod | undefined;
  lab.cluster.watch(lab.cluster.resource('pods'), ({ object }) => void (last = object as Pod));
  await lab.remove('v1 Node', 'node01', {}, '');
  await lab.advance(39);
  expect(lab.get('v1 Pod', 'p')).toBeDefined();
  await lab.advance(2);
  expect(lab.get('v1 Pod', 'p')).toBeUndefined();
  expect(disruption(last)).toMatchObject({ reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' });
});

test('a pod that is being deleted on a node out of service does not wait for its kubelet', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', {}));
  lab.setKubelet('node01', false);
  await lab.advance(61);
  await lab.remove('v1 Pod', 'p');
  expect(lab.get('v1 Pod', 'p')).toBeDefined();
  await taint(lab, [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }]);
  expect(lab.get('v1 Pod', 'p')).toBeUndefined();
});

test('a taint that goes in time spares the pod that tolerated it for a while', async () => {
  await using lab = await startTestCluster();
  const tolerations = [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }];
  await lab.apply(pod('patient', { tolerations }), pod('other', {}));
  lab.setKubelet('node01', false);
  await taint(lab, [noExecute]);
  expect(disruption(lab.get<Pod>('v1 Pod', 'other'))).toMatchObject({
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  });
  await lab.advance(10);
  await taint(lab, []);
  await lab.advance(60);
  expect(lab.get('v1 Pod', 'patient')?.metadata.deletionTimestamp).toBeUndefined();
  expect(lab.events('patient')).toContain('TaintManagerEviction: Cancelling deletion of Pod default/patient');
});
