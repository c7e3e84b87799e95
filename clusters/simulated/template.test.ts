import { expect, test } from 'vitest';
import type { Seed } from '../cluster.ts';
import { realClock } from './clock.ts';
import { CLUSTER_PLAN } from './kubernetes/bootstrap/cluster-plan.ts';
import { MANIFESTS } from './kubernetes/bootstrap/static-pods.ts';
import { createControlPlane } from './kubernetes/control-plane.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import { realRandomness } from './kubernetes/randomness.ts';
import { builtInResources } from './kubernetes/resources/registry.ts';
import type { Cluster } from './kubernetes/store/cluster.ts';
import { ClusterTemplates } from './template.ts';

const common = { clock: realClock, randomness: realRandomness, log: (): void => undefined };
const MIRROR = 'kubernetes.io/config.mirror';

async function settled(seed: Partial<Seed>): Promise<Cluster> {
  const templates = new ClusterTemplates({ ...common, plan: CLUSTER_PLAN });
  const secure = (): Promise<{ failed: string }> => Promise.resolve({ failed: 'nobody starts it' });
  const plane = createControlPlane({ ...common, rows: builtInResources(), secure });
  plane.restore(await templates.of({ hosts: [], manifests: [], files: [], ...seed }));
  return plane.cluster;
}

const podsOf = (cluster: Cluster, namespace: string): readonly Pod[] =>
  cluster.list(cluster.resource('pods'), namespace) as unknown as readonly Pod[];

const pod = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app', namespace },
  spec: { containers: [{ name: 'app', image: 'nginx' }] },
});

test('pods of the seed are admitted as by kubeadm’s API server: they carry a token, tolerations and a priority', async () => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const cluster = await settled({ manifests: [namespace, pod('shop')] });
  const [seeded] = podsOf(cluster, 'shop');
  expect(seeded?.spec.volumes?.map(({ name }) => name)).toEqual([expect.stringMatching(/^kube-api-access-/)]);
  expect(seeded?.spec).toMatchObject({ serviceAccountName: 'default', priority: 0 });
  expect(seeded?.spec.tolerations).toHaveLength(2);
  expect(seeded?.status?.phase).toBe('Running');
});

test('a seed that admission refuses is refused', async () => {
  const metadata = { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata };
  await expect(settled({ manifests: [namespace, pod('shop')] })).rejects.toThrow(/violates PodSecurity "restricted/);
});

test('the static pods are mirrored, those of the seed’s own manifests too', async () => {
  const content = Buffer.from(JSON.stringify({ ...pod('kube-system'), metadata: { name: 'extra' } }));
  const cluster = await settled({
    files: [{ host: 'controlplane', path: `${MANIFESTS}/extra.yaml`, content, mode: 0o600 }],
  });
  const mirrors = [...podsOf(cluster, 'kube-system'), ...podsOf(cluster, 'default')].filter(
    ({ metadata }) => metadata.annotations?.[MIRROR] !== undefined,
  );
  expect(mirrors.map(({ metadata }) => metadata.name)).toEqual([
    'etcd-controlplane',
    'kube-apiserver-controlplane',
    'kube-controller-manager-controlplane',
    'kube-scheduler-controlplane',
    'extra-controlplane',
  ]);
  expect(mirrors[0]?.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['kubelet']);
  expect(mirrors[0]?.spec).toMatchObject({ priority: 2_000_001_000, preemptionPolicy: 'PreemptLowerPriority' });
});

test('no authority is in a template: each lab publishes its own', async () => {
  const cluster = await settled({});
  const configMaps = cluster.list(cluster.resource('configmaps'));
  expect(configMaps.length).toBeGreaterThan(0);
  expect(JSON.stringify(configMaps)).not.toContain('BEGIN CERTIFICATE');
});
