import { expect, test } from 'vitest';
import type {
  EndpointSlice,
  Endpoints,
  HorizontalPodAutoscaler,
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  ResourceQuota,
  Secret,
} from '../model/generated/objects.ts';
import type { RoleObject } from '../authorization/rules.ts';
import { startTestCluster } from './test-cluster.ts';
import { deployment, pod } from './test-manifests.ts';

const configMap = (name: string, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
});

test('a namespace goes when what holds its contents lets go', async () => {
  await using lab = await startTestCluster();
  await lab.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
  await lab.apply(
    configMap('held', { namespace: 'n', finalizers: ['example.com/hold'] }),
    configMap('c', { namespace: 'n' }),
  );
  await lab.remove('v1 Namespace', 'n', {}, '');
  const { status } = lab.get<Namespace>('v1 Namespace', 'n', '') ?? {};
  expect(status?.phase).toBe('Terminating');
  expect(status?.conditions?.map(({ message }) => message)).toContain(
    'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  );
  await lab.edit('v1 ConfigMap', 'held', (draft) => void delete draft.metadata.finalizers, 'n');
  await lab.advance(1);
  expect(lab.get('v1 Namespace', 'n', '')).toBeUndefined();
});

test.each([
  { propagationPolicy: 'Background', left: 0 },
  { propagationPolicy: 'Foreground', left: 0 },
  { propagationPolicy: 'Orphan', left: 1 },
] as const)('$propagationPolicy deletion of a Deployment leaves $left pods', async ({ propagationPolicy, left }) => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web'));
  await lab.remove('apps/v1 Deployment', 'web', { propagationPolicy });
  expect(lab.get('apps/v1 Deployment', 'web')).toBeUndefined();
  expect(lab.pods({ app: 'web' })).toHaveLength(left);
});

test('what is made to belong to an owner that never was is collected', async () => {
  await using lab = await startTestCluster();
  await lab.apply(configMap('lost'));
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: '11111111-2222-3333-4444-555555555555' };
  await lab.edit('v1 ConfigMap', 'lost', (draft) => void (draft.metadata.ownerReferences = [owner]));
  expect(lab.get('v1 ConfigMap', 'lost')).toBeUndefined();
});

test('endpoints and slices tell ready pods from the others', async () => {
  await using lab = await startTestCluster();
  const labels = { app: 'web' };
  const readinessProbe = { tcpSocket: { port: 81 } };
  await lab.apply(
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80 }] } },
    pod('ready', {}, labels),
    pod('unready', { containers: [{ name: 'c', image: 'nginx:1.27', readinessProbe }] }, labels),
  );
  const [subset] = lab.get<Endpoints>('v1 Endpoints', 'web')?.subsets ?? [];
  expect(subset?.addresses?.map(({ targetRef }) => targetRef?.name)).toEqual(['ready']);
  expect(subset?.notReadyAddresses?.map(({ targetRef }) => targetRef?.name)).toEqual(['unready']);
  const [slice] = lab
    .list<EndpointSlice>('discovery.k8s.io/v1 EndpointSlice', 'default')
    .filter(({ metadata }) => metadata.generateName === 'web-');
  expect(slice?.endpoints?.map(({ targetRef, conditions }) => [targetRef?.name, conditions?.ready])).toEqual([
    ['ready', true],
    ['unready', false],
  ]);
});

test.each([
  [{ minAvailable: 2 }, { desiredHealthy: 2, disruptionsAllowed: 1, expectedPods: 3 }],
  [{ maxUnavailable: '34%' }, { desiredHealthy: 1, disruptionsAllowed: 2, expectedPods: 3 }],
])('a disruption budget of %j says %j for three healthy pods', async (limits, expected) => {
  await using lab = await startTestCluster();
  const spec = { selector: { matchLabels: { app: 'web' } }, ...limits };
  await lab.apply(deployment('web', { replicas: 3 }));
  await lab.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec });
  const { status } = lab.get<PodDisruptionBudget>('policy/v1 PodDisruptionBudget', 'b') ?? {};
  expect(status).toMatchObject({ currentHealthy: 3, ...expected });
  expect(status?.conditions?.[0]).toMatchObject({
    type: 'DisruptionAllowed',
    status: 'True',
    reason: 'SufficientPods',
  });
});

test('a quota follows what comes and goes', async () => {
  await using lab = await startTestCluster();
  const spec = { hard: { pods: '5', configmaps: '9' } };
  await lab.apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec }, pod('a'), pod('b'));
  const used = (): unknown => lab.get<ResourceQuota>('v1 ResourceQuota', 'q')?.status?.used;
  expect(used()).toEqual({ configmaps: '1', pods: '2' });
  await lab.remove('v1 Pod', 'a');
  expect(used()).toEqual({ configmaps: '1', pods: '1' });
});

const elsewhere = { namespaces: ['other'], topologyKey: 'kubernetes.io/hostname', labelSelector: {} };
const asking = { containers: [{ name: 'c', image: 'nginx:1.27', resources: { requests: { cpu: '1m' } } }] };

test.each([
  ['Terminating', { activeDeadlineSeconds: 60 }],
  ['NotBestEffort', asking],
  [
    'CrossNamespacePodAffinity',
    { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [elsewhere] } } },
  ],
])('a quota of the scope %s counts the pods that are in it', async (scope, inside) => {
  await using lab = await startTestCluster();
  const spec = { hard: { pods: '5' }, scopes: [scope] };
  await lab.apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec });
  await lab.apply(pod('inside', inside), pod('outside'));
  expect(lab.get<ResourceQuota>('v1 ResourceQuota', 'q')?.status?.used).toEqual({ pods: '1' });
});

test('claims find the smallest volume that fits; a volume in use is deleted last', async () => {
  await using lab = await startTestCluster();
  const volume = (name: string, storage: string): object => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/d' } },
  });
  const claim = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
  });
  await lab.apply(volume('big', '9Gi'), volume('small', '1Gi'), volume('fits', '3Gi'), claim('c'));
  expect(lab.get<PersistentVolumeClaim>('v1 PersistentVolumeClaim', 'c')).toMatchObject({
    spec: { volumeName: 'fits' },
    status: { phase: 'Bound', capacity: { storage: '3Gi' } },
  });
  await lab.apply(pod('user', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }));
  await lab.remove('v1 PersistentVolumeClaim', 'c');
  expect(lab.get('v1 PersistentVolumeClaim', 'c')?.metadata.deletionTimestamp).toBeDefined();
  await lab.remove('v1 Pod', 'user');
  expect(lab.get('v1 PersistentVolumeClaim', 'c')).toBeUndefined();
  expect(lab.get<PersistentVolume>('v1 PersistentVolume', 'fits', '')?.status?.phase).toBe('Released');
  await lab.remove('v1 PersistentVolume', 'big', {}, '');
  await lab.apply(claim('lonely'));
  expect(lab.events('lonely')).toEqual([
    'FailedBinding: no persistent volumes available for this claim and no storage class is set',
  ]);
});

test('a token Secret is filled for its ServiceAccount and goes with it', async () => {
  await using lab = await startTestCluster();
  const annotations = { 'kubernetes.io/service-account.name': 'bot' };
  const type = 'kubernetes.io/service-account-token';
  await lab.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } });
  await lab.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 't', annotations }, type });
  const secret = lab.get<Secret>('v1 Secret', 't');
  expect(Object.keys(secret?.data ?? {}).sort()).toEqual(['ca.crt', 'namespace', 'token']);
  const [, claims = ''] = Buffer.from(secret?.data?.['token'] ?? '', 'base64')
    .toString()
    .split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    sub: 'system:serviceaccount:default:bot',
  });
  await lab.remove('v1 ServiceAccount', 'bot');
  expect(lab.get('v1 Secret', 't')).toBeUndefined();
});

test('aggregated ClusterRoles take up the rules of roles that are labelled later', async () => {
  await using lab = await startTestCluster();
  const rules = [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }];
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'w', labels },
    rules,
  };
  await lab.apply(role);
  const view = lab.get<RoleObject>('rbac.authorization.k8s.io/v1 ClusterRole', 'view', '');
  expect(view?.rules).toContainEqual(rules[0]);
});

test('an autoscaler without a metrics API keeps the bounds and says what it lacks', async () => {
  await using lab = await startTestCluster();
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const spec = { scaleTargetRef, minReplicas: 2, maxReplicas: 4 };
  await lab.apply(deployment('web'));
  await lab.apply({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h' }, spec });
  await lab.advance(15);
  expect(lab.pods({ app: 'web' })).toHaveLength(2);
  const { status } = lab.get<HorizontalPodAutoscaler>('autoscaling/v2 HorizontalPodAutoscaler', 'h') ?? {};
  expect(status?.conditions?.find(({ type }) => type === 'ScalingActive')).toMatchObject({
    status: 'False',
    reason: 'FailedGetResourceMetric',
  });
  expect(lab.events('h')[0]).toBe(
    'SuccessfulRescale: New size: 2; reason: Current number of replicas below Spec.MinReplicas',
  );
});
