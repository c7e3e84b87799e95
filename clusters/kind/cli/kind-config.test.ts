import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kindConfig, nodeContainer } from './kind-config.ts';

test('a cluster has a control plane and a node of one image, and is published on loopback alone', () => {
  const config = parse(kindConfig({ image: 'kindest/node:v1.36.0', serverNames: ['controlplane'] })) as object;
  expect(config).toMatchObject({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: { apiServerAddress: '127.0.0.1', apiServerPort: 0, ipFamily: 'ipv4' },
    nodes: [
      { role: 'control-plane', image: 'kindest/node:v1.36.0' },
      { role: 'worker', image: 'kindest/node:v1.36.0' },
    ],
  });
});

test('the API server’s certificate keeps kind’s names beside those asked for', () => {
  const { kubeadmConfigPatches } = parse(kindConfig({ image: 'node', serverNames: ['controlplane'] })) as {
    kubeadmConfigPatches: string[];
  };
  expect(parse(kubeadmConfigPatches[0] ?? '')).toEqual({
    kind: 'ClusterConfiguration',
    apiServer: { certSANs: ['localhost', '127.0.0.1', 'controlplane'] },
  });
});

test('files and patches of kubeadm are passed on, each to its node', () => {
  const config = parse(
    kindConfig({
      image: 'node',
      serverNames: [],
      mounts: { node01: [{ from: '/here/audit.yaml', to: '/etc/kubernetes/audit.yaml' }] },
      kubeadmPatches: ['kind: KubeletConfiguration'],
    }),
  ) as { nodes: { extraMounts?: object[] }[] };
  expect(config).toMatchObject({
    kubeadmConfigPatches: [expect.anything(), 'kind: KubeletConfiguration'],
  });
  expect(config.nodes.map(({ extraMounts }) => extraMounts)).toEqual([
    undefined,
    [{ hostPath: '/here/audit.yaml', containerPath: '/etc/kubernetes/audit.yaml' }],
  ]);
});

test('a cluster of one node is its control plane', () => {
  const { nodes } = parse(kindConfig({ image: 'node', nodes: 1, serverNames: [] })) as { nodes: unknown[] };
  expect(nodes).toEqual([{ role: 'control-plane', image: 'node' }]);
});

test('the nodes’ containers are named as kind names them', () => {
  expect([nodeContainer('lab', 'controlplane'), nodeContainer('lab', 'node01')]).toEqual([
    'lab-control-plane',
    'lab-worker',
  ]);
});
