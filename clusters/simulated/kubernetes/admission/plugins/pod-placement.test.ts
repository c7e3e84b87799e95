import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../model/generated/objects.ts';
import { ADMIN, JANE, makeNamespace, startTestPlane, type TestPlane } from '../test-plane.ts';

let stack: DisposableStack;
beforeEach(() => {
  stack = new DisposableStack();
});
afterEach(() => stack.dispose());

/** A plane with these plugins, configured as a control file would. */
async function planeWith(plugins: string, configuration: Readonly<Record<string, object>> = {}): Promise<TestPlane> {
  const entries = Object.entries(configuration).map(([name, config]) => ({ name, configuration: config }));
  const file = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins: entries };
  const flags = [`--enable-admission-plugins=${plugins}`, '--admission-control-config-file=/admission.yaml'];
  const plane = stack.use(await startTestPlane({ flags, files: { '/admission.yaml': JSON.stringify(file) } }));
  await makeNamespace(plane, 'shop');
  return plane;
}

const pod = (spec: object = {}, container: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { containers: [{ name: 'c', image: 'nginx', ...container }], ...spec },
});

const annotate = (plane: TestPlane, annotations: Record<string, string>) =>
  plane.cluster.modify(plane.cluster.resource('namespaces'), { namespace: '', name: 'shop' }, (draft) => {
    draft.metadata.annotations = annotations;
  });

describe('PodNodeSelector', () => {
  const config = {
    podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'env=dev', shop: 'env=prod,disk=ssd,a=b' },
  };

  it('adds the selector of the namespace, refuses what contradicts it, and what is not on its list', async () => {
    const plane = await planeWith('PodNodeSelector', { PodNodeSelector: config });
    await annotate(plane, { 'scheduler.alpha.kubernetes.io/node-selector': 'env=prod' });
    const made = (await plane.create(pod({ nodeSelector: { disk: 'ssd' } }))) as Pod;
    expect(made.spec.nodeSelector).toEqual({ env: 'prod', disk: 'ssd' });
    await expect(plane.create(pod({ nodeSelector: { env: 'dev' } }))).rejects.toThrow(
      'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector',
    );
    await expect(plane.create(pod({ nodeSelector: { zone: 'x' } }))).rejects.toThrow(
      'pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist',
    );
  });

  it('uses the selector of the cluster where a namespace has none', async () => {
    const plane = await planeWith('PodNodeSelector', {
      PodNodeSelector: { podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'env=dev' } },
    });
    expect(((await plane.create(pod())) as Pod).spec.nodeSelector).toEqual({ env: 'dev' });
  });
});

describe('PodTolerationRestriction', () => {
  it('adds the default tolerations, and one for memory pressure to pods that ask for resources', async () => {
    const plane = await planeWith('PodTolerationRestriction', {
      PodTolerationRestriction: { default: [{ key: 'team', operator: 'Exists' }] },
    });
    const made = (await plane.create(pod({}, { resources: { requests: { cpu: '1' } } }))) as Pod;
    expect(made.spec.tolerations?.map(({ key }) => key)).toEqual([
      'team',
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
      'node.kubernetes.io/memory-pressure',
    ]);
  });

  it('refuses tolerations that the namespace does not allow', async () => {
    const plane = await planeWith('PodTolerationRestriction');
    const allowed = [
      { key: 'team', operator: 'Exists' },
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
    ];
    await annotate(plane, {
      'scheduler.alpha.kubernetes.io/tolerationsWhitelist': JSON.stringify([
        ...allowed,
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
      ]),
    });
    await plane.create(pod({ tolerations: [{ key: 'team', operator: 'Equal', value: 'a', effect: 'NoSchedule' }] }));
    await expect(plane.create(pod({ tolerations: [{ operator: 'Exists' }] }))).rejects.toThrow(
      expect.objectContaining({
        code: 500,
        message:
          'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
      }),
    );
  });
});

it('LimitPodHardAntiAffinityTopology allows hosts alone', async () => {
  const plane = await planeWith('LimitPodHardAntiAffinityTopology');
  const away = (topologyKey: string) => ({
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: { a: 'b' } } }],
      },
    },
  });
  await plane.create(pod(away('kubernetes.io/hostname')));
  await expect(plane.create(pod(away('zone')))).rejects.toThrow(
    'pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed',
  );
});

it('ExtendedResourceToleration lets pods onto the nodes of what they ask for', async () => {
  const plane = await planeWith('ExtendedResourceToleration');
  const amounts = { 'example.com/gpu': '1', cpu: '1' };
  const made = (await plane.create(pod({}, { resources: { requests: amounts, limits: amounts } }))) as Pod;
  expect(made.spec.tolerations).toContainEqual({ key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' });
});

it('NamespaceAutoProvision makes the namespace that something is created in', async () => {
  const plane = await planeWith('NamespaceAutoProvision');
  await plane.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'new' } });
  expect(plane.get('v1', 'Namespace', '', 'new')).toBeDefined();
});

describe('EventRateLimit', () => {
  const event = (namespace: string) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: 'e-', namespace },
    involvedObject: { kind: 'Pod', namespace, name: 'p' },
  });

  it('takes so many events of a namespace and no more', async () => {
    const limits = [{ type: 'Namespace', qps: 1, burst: 2, cacheSize: 10 }];
    const plane = await planeWith('EventRateLimit', { EventRateLimit: { limits } });
    await makeNamespace(plane, 'other');
    await plane.create(event('shop'));
    await plane.create(event('shop'));
    await expect(plane.create(event('shop'))).rejects.toThrow(
      expect.objectContaining({
        code: 429,
        message: 'Too many requests: limit reached on type Namespace for key shop',
      }),
    );
    await plane.create(event('other'));
  });

  it.each([
    [{}, 'limits: Invalid value: null: must not be empty'],
    [
      { limits: [{ type: 'Pod', qps: 0, burst: 1 }] },
      '[limits[0].type: Unsupported value: \\"Pod\\": supported values: \\"Namespace\\", \\"Server\\", \\"SourceAndObject\\", \\"User\\", limits[0].qps: Invalid value: 0: must be positive]',
    ],
  ])('keeps the server down with a configuration such as %j', async (config, why) => {
    await expect(planeWith('EventRateLimit', { EventRateLimit: config })).rejects.toThrow(why);
  });
});

describe('OwnerReferencesPermissionEnforcement', () => {
  const role = (verbs: string[], resources: string[]) => ({ apiGroups: [''], resources, verbs });

  it('lets only those set an owner who may delete the object, and block only those who may hold up the owner', async () => {
    const plane = await planeWith('OwnerReferencesPermissionEnforcement');
    const { cluster } = plane;
    await plane.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'writer', namespace: 'shop' },
      rules: [role(['create', 'update'], ['configmaps'])],
    });
    await plane.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'jane', namespace: 'shop' },
      subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'writer' },
    });
    const owner = await plane.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'o', namespace: 'shop' },
    });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: owner.metadata.uid! };
    const owned = (name: string, more: object) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'shop', ownerReferences: [{ ...reference, ...more }] },
    });
    const made = await plane.create(owned('mine', {}), JANE);
    await expect(plane.create(owned('held', { blockOwnerDeletion: true }), JANE)).rejects.toThrow(
      'configmaps "held" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can\'t set finalizers on: , <nil>',
    );
    await plane.create(owned('held', { blockOwnerDeletion: true }), ADMIN);
    const without = { ...made, metadata: { ...made.metadata, ownerReferences: [] } };
    await expect(cluster.update(cluster.resource('configmaps'), without, { user: JANE })).rejects.toThrow(
      'configmaps "mine" is forbidden: cannot set an ownerRef on a resource you can\'t delete: , <nil>',
    );
  });
});
