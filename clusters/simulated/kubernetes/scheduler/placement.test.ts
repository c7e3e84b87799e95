import { expect, test } from 'vitest';
import { startTestCluster } from '../controllers/test-cluster.ts';
import { deployment, pod, sorted } from '../controllers/test-manifests.ts';
import type { Node, Pod } from '../model/generated/objects.ts';
import { asks, type Fields, nodeOf, twoZones, why } from './test-zones.ts';

const term = (app: string, topologyKey = 'zone'): Fields => ({ topologyKey, labelSelector: { matchLabels: { app } } });
const near = (app: string): Fields => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
});
const apart = (app: string): Fields => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
});
const spread = (whenUnsatisfiable: string, app: string): Fields => ({
  topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable, ...term(app) }],
});
const helpless = 'no new claims to deallocate, preemption: 0/2 nodes are available: 2';

test('replicas of one workload are spread over the nodes', async () => {
  await using lab = await twoZones();
  await lab.apply(deployment('web', { replicas: 4 }));
  expect(sorted(lab.pods({ app: 'web' }).map(({ spec }) => spec.nodeName))).toEqual([
    'node01',
    'node01',
    'node02',
    'node02',
  ]);
});

test('pods that must be near wait for the one they want, which comes first when it wants itself', async () => {
  await using lab = await twoZones();
  await lab.apply(pod('follower', near('leader')));
  expect(why(lab, 'follower')).toBe(
    `0/2 nodes are available: 2 node(s) didn't match pod affinity rules. ${helpless} Preemption is not helpful for scheduling.`,
  );
  await lab.apply(pod('leader', { ...near('leader'), nodeSelector: { zone: 'b' } }, { app: 'leader' }));
  expect([nodeOf(lab, 'leader'), nodeOf(lab, 'follower')]).toEqual(['node02', 'node02']);
});

test('anti-affinity holds both ways: for the pod that has it and for those it shuns', async () => {
  await using lab = await twoZones();
  await lab.apply(pod('a', apart('x'), { app: 'x' }), pod('b', apart('x'), { app: 'x' }));
  expect(sorted([nodeOf(lab, 'a'), nodeOf(lab, 'b')])).toEqual(['node01', 'node02']);
  await lab.apply(pod('c', apart('x'), { app: 'x' }), pod('d', {}, { app: 'x' }));
  const noVictims = `${helpless} No preemption victims found for incoming pod.`;
  expect(why(lab, 'c')).toBe(`0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. ${noVictims}`);
  expect(why(lab, 'd')).toBe(
    `0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules. ${noVictims}`,
  );
});

test.each([
  [
    'DoNotSchedule',
    undefined,
    "1 node(s) didn't match pod topology spread constraints, 1 node(s) had untolerated taint(s)",
  ],
  ['ScheduleAnyway', 'node01', 'nothing'],
])('a spread that says %s puts a pod on %s when the emptier zone is tainted', async (action, node, reason) => {
  await using lab = await twoZones();
  const cordon = (name: string): Promise<void> =>
    lab.edit('v1 Node', name, (draft) => void ((draft as Node).spec.taints = [{ key: 'k', effect: 'NoSchedule' }]), '');
  const tolerant = { nodeSelector: { zone: 'a' } };
  await lab.apply(pod('a', tolerant, { app: 'x' }), pod('b', spread(action, 'x'), { app: 'x' }));
  expect(nodeOf(lab, 'b')).toBe('node02');
  await cordon('node02');
  await lab.apply(pod('c', { ...tolerant }, { app: 'x' }), pod('d', spread(action, 'x'), { app: 'x' }));
  expect(nodeOf(lab, 'd')).toBe(node);
  expect(why(lab, 'd') ?? 'nothing').toContain(reason);
});

test('a node without the label of a spread is not one for its pods', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', spread('DoNotSchedule', 'x'), { app: 'x' }));
  expect(why(lab, 'p')).toMatch(
    /1 node\(s\) didn't match pod topology spread constraints \(missing required label\)\./,
  );
});

test('host ports clash by protocol and address', async () => {
  await using lab = await startTestCluster();
  const on = (hostIP?: string): Fields => ({
    containers: [
      { name: 'c', image: 'nginx:1.27', ports: [{ containerPort: 80, hostPort: 8080, ...(hostIP ? { hostIP } : {}) }] },
    ],
  });
  await lab.apply(pod('a', on('127.0.0.1')), pod('b', on('10.10.0.11')), pod('c', on()));
  expect([nodeOf(lab, 'a'), nodeOf(lab, 'b'), nodeOf(lab, 'c')]).toEqual(['node01', 'node01', undefined]);
  expect(why(lab, 'c')).toContain("1 node(s) didn't have free ports for the requested pod ports");
});

test('a pod for one named node is told that the others do not satisfy a plugin', async () => {
  await using lab = await twoZones();
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['node01'] }];
  const affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } },
  };
  await lab.apply(pod('p', asks('64', { affinity })));
  expect(why(lab, 'p')).toMatch(
    /^0\/2 nodes are available: 1 Insufficient cpu, 1 node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]\./,
  );
});

test('preferences decide between nodes that would do', async () => {
  await using lab = await twoZones();
  const preference = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] };
  const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] };
  const far = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term('liked') }] };
  await lab.apply(pod('liked', { affinity: { nodeAffinity } }, { app: 'liked' }));
  await lab.apply(
    pod('shy', { affinity: { podAntiAffinity: far } }),
    pod('friend', { affinity: { podAffinity: far } }),
  );
  expect(['liked', 'shy', 'friend'].map((name) => nodeOf(lab, name))).toEqual(['node02', 'node01', 'node02']);
});

test('a gate keeps a pod from the scheduler until it is opened', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', { schedulingGates: [{ name: 'g' }] }));
  expect(why(lab, 'p')).toBe('Scheduling is blocked due to non-empty scheduling gates');
  await lab.edit('v1 Pod', 'p', (draft) => void delete (draft as Pod).spec.schedulingGates);
  expect(nodeOf(lab, 'p')).toBe('node01');
  expect(lab.get<Pod>('v1 Pod', 'p')?.status.conditions).toContainEqual(
    expect.objectContaining({ type: 'PodScheduled', status: 'True' }),
  );
});
