import { expect, test } from 'vitest';
import { CLUSTER_PLAN } from '../../bootstrap/cluster-plan.ts';
import { nodeObject } from '../../bootstrap/nodes.ts';
import type { ControllerRevision, DaemonSet, Node } from '../../model/generated/objects.ts';
import { startTestCluster } from '../test-cluster.ts';
import { daemonSet, sorted, withImage } from '../test-manifests.ts';

const KIND = 'apps/v1 DaemonSet';
const [CONTROL_PLANE] = CLUSTER_PLAN.nodes;

test('a pod runs on every node that the selector and the tolerations allow, new nodes too', async () => {
  await using lab = await startTestCluster();
  await lab.apply(daemonSet('all', {}, { tolerations: [{ operator: 'Exists' }] }));
  await lab.apply(daemonSet('workers'), daemonSet('ssd', {}, { nodeSelector: { disk: 'ssd' } }));
  if (CONTROL_PLANE === undefined) throw new Error('no control plane in the plan');
  await lab.apply(nodeObject(CONTROL_PLANE, '2026-01-01T00:00:00Z'));
  const nodesOf = (app: string): unknown[] => lab.pods({ app }).map(({ spec }) => spec.nodeName);
  expect(sorted(nodesOf('all'))).toEqual(['controlplane', 'node01']);
  expect(nodesOf('workers')).toEqual(['node01']);
  expect(nodesOf('ssd')).toEqual([]);
  await lab.edit('v1 Node', 'node01', (draft) => void (draft.metadata.labels = { disk: 'ssd' }), '');
  expect(nodesOf('ssd')).toEqual(['node01']);
});

test('a new template replaces pods and leaves a revision of the old one', async () => {
  await using lab = await startTestCluster();
  await lab.apply(daemonSet('d'));
  await lab.edit(KIND, 'd', withImage('nginx:1.26'));
  expect(lab.pods({ app: 'd' }).map(({ spec }) => spec.containers?.[0]?.image)).toEqual(['nginx:1.26']);
  expect(lab.get<DaemonSet>(KIND, 'd')?.status).toMatchObject({ updatedNumberScheduled: 1, numberAvailable: 1 });
  const revisions = lab.list<ControllerRevision>('apps/v1 ControllerRevision', 'default');
  expect(sorted(revisions.map(({ revision }) => revision))).toEqual(['1', '2']);
});

test('OnDelete waits until somebody deletes the old pod', async () => {
  await using lab = await startTestCluster();
  await lab.apply(daemonSet('d', { updateStrategy: { type: 'OnDelete' } }));
  await lab.edit(KIND, 'd', withImage('nginx:1.26'));
  const image = (): unknown => lab.pods({ app: 'd' })[0]?.spec.containers?.[0]?.image;
  expect(image()).toBe('nginx:1.27');
  await lab.remove('v1 Pod', lab.pods({ app: 'd' })[0]?.metadata.name ?? '');
  expect(image()).toBe('nginx:1.26');
});

test('a NoExecute taint removes the daemon pod, NoSchedule leaves it', async () => {
  await using lab = await startTestCluster();
  await lab.apply(daemonSet('d'));
  const taint = (effect: string): Promise<void> =>
    lab.edit(
      'v1 Node',
      'node01',
      (draft) => void ((draft as Node).spec = { ...(draft as Node).spec, taints: [{ key: 'k', effect }] }),
      '',
    );
  await taint('NoSchedule');
  expect(lab.pods({ app: 'd' })).toHaveLength(1);
  await taint('NoExecute');
  expect(lab.pods({ app: 'd' })).toHaveLength(0);
});

test('with a surge the new pod is ready before the old one goes', async () => {
  await using lab = await startTestCluster();
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
  await lab.apply(daemonSet('d', { updateStrategy: { type: 'RollingUpdate', rollingUpdate } }));
  const ready: number[] = [];
  lab.cluster.watch(lab.cluster.resource('pods'), () =>
    ready.push(lab.pods({ app: 'd' }).filter(({ metadata }) => metadata.deletionTimestamp === undefined).length),
  );
  await lab.edit(KIND, 'd', withImage('nginx:1.26'));
  expect(Math.min(...ready)).toBe(1);
  expect(Math.max(...ready)).toBe(2);
  expect(lab.pods({ app: 'd' }).map(({ spec }) => spec.containers?.[0]?.image)).toEqual(['nginx:1.26']);
});

test('an old pod that does not run is replaced whatever the limits', async () => {
  await using lab = await startTestCluster();
  await lab.apply(daemonSet('d', {}, { containers: [{ name: 'c', image: 'nginx:no-such-tag' }] }));
  await lab.edit(KIND, 'd', withImage('nginx:1.26'));
  expect(lab.pods({ app: 'd' }).map(({ spec }) => spec.containers?.[0]?.image)).toEqual(['nginx:1.26']);
});
