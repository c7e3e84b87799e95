import { expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { createControlPlane } from '../control-plane.ts';
import { realRandomness } from '../randomness.ts';
import { builtInResources } from '../resources/registry.ts';
import type { Cluster } from '../store/cluster.ts';
import { bootCluster } from './boot.ts';
import { publishClusterInfo } from './cluster-info.ts';
import { CLUSTER_PLAN } from './cluster-plan.ts';

const empty = (): Cluster =>
  createControlPlane({
    clock: realClock,
    randomness: realRandomness,
    rows: builtInResources(),
    secure: () => Promise.resolve({ failed: 'nobody asks' }),
    log: () => undefined,
  }).cluster;

const named = (cluster: Cluster, plural: string, namespace: string, group = ''): string[] =>
  cluster.list(cluster.resource(plural, group), namespace).map(({ metadata }) => metadata.name);

const authority = { server: 'https://10.10.0.10:6443', certificateAuthority: 'PEM' };

test('a cluster begins with what kubeadm and its controllers make', async () => {
  const cluster = empty();
  await bootCluster(cluster, CLUSTER_PLAN);
  await publishClusterInfo(cluster, authority);
  await publishClusterInfo(cluster, authority);
  expect(named(cluster, 'configmaps', 'kube-system')).toEqual([
    'coredns',
    'kube-apiserver-legacy-service-account-token-tracking',
    'kube-proxy',
    'kubeadm-config',
    'kubelet-config',
  ]);
  expect(named(cluster, 'serviceaccounts', 'kube-system')).toHaveLength(38);
  expect(named(cluster, 'rolebindings', 'kube-public', 'rbac.authorization.k8s.io')).toContain(
    'kubeadm:bootstrap-signer-clusterinfo',
  );
  const info = cluster.get(cluster.resource('configmaps'), 'kube-public', 'cluster-info');
  expect(info?.['data']).toEqual({
    kubeconfig: expect.stringContaining(
      'certificate-authority-data: UEVN\n    server: https://10.10.0.10:6443',
    ) as string,
  });
});

test('a cluster without kube-public publishes nothing', async () => {
  const cluster = empty();
  await publishClusterInfo(cluster, authority);
  expect(cluster.list(cluster.resource('configmaps'))).toEqual([]);
});
