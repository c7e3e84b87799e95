import { expect, test } from 'vitest';
import type { EndpointSlice, Endpoints } from '../../model/generated/objects.ts';
import { startTestCluster, type TestCluster } from '../test-cluster.ts';
import { pod } from '../test-manifests.ts';

const labels = { app: 'web' };
const service = (name: string, spec: object): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
const slicesOf = (lab: TestCluster, name: string): readonly EndpointSlice[] =>
  lab
    .list<EndpointSlice>('discovery.k8s.io/v1 EndpointSlice', 'default')
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
const endpointsOf = (lab: TestCluster, name: string): Endpoints | undefined => lab.get<Endpoints>('v1 Endpoints', name);
const probe = { readinessProbe: { tcpSocket: { port: 81 } } };
const unready = (name: string): object =>
  pod(name, { containers: [{ name: 'c', image: 'nginx:1.27', ...probe }] }, labels);

test('every port of a Service is told, by number or as its pods name it', async () => {
  await using lab = await startTestCluster();
  const ports = [
    { name: 'http', port: 80, targetPort: 'web', appProtocol: 'http' },
    { name: 'metrics', port: 9090, targetPort: 9113 },
    { name: 'nobody', port: 1, targetPort: 'unknown' },
  ];
  const containers = [{ name: 'c', image: 'nginx:1.27', ports: [{ name: 'web', containerPort: 8080 }] }];
  await lab.apply(service('web', { selector: labels, ports }), pod('p', { containers }, labels));
  const expected = [
    { name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'http' },
    { name: 'metrics', port: 9113, protocol: 'TCP' },
  ];
  expect(slicesOf(lab, 'web').map((slice) => slice.ports)).toEqual([expected]);
  expect(endpointsOf(lab, 'web')?.subsets?.[0]?.ports).toEqual(expected);
});

test('a pod on its way out is terminating in the slices and gone from the Endpoints', async () => {
  await using lab = await startTestCluster();
  await lab.apply(service('web', { selector: labels }), pod('p', {}, labels));
  lab.setKubelet('node01', false);
  await lab.remove('v1 Pod', 'p');
  const conditions = slicesOf(lab, 'web').flatMap(({ endpoints }) => (endpoints ?? []).map((one) => one.conditions));
  expect(conditions).toEqual([{ ready: false, serving: true, terminating: true }]);
  expect(endpointsOf(lab, 'web')?.subsets).toBeUndefined();
});

test('a Service that publishes unready addresses calls them ready', async () => {
  await using lab = await startTestCluster();
  await lab.apply(service('web', { selector: labels, publishNotReadyAddresses: true, clusterIP: 'None' }));
  await lab.apply(unready('p'));
  const [slice] = slicesOf(lab, 'web');
  expect(slice?.endpoints?.[0]?.conditions).toEqual({ ready: true, serving: false, terminating: false });
  expect(slice?.metadata.labels).toMatchObject({ 'service.kubernetes.io/headless': '' });
  expect(endpointsOf(lab, 'web')?.subsets?.[0]?.addresses).toHaveLength(1);
});

test('the time since when endpoints are so is told with each change', async () => {
  await using lab = await startTestCluster();
  await lab.apply(service('web', { selector: labels }));
  const times = (): unknown[] =>
    [endpointsOf(lab, 'web'), ...slicesOf(lab, 'web')].map(
      (object) => object?.metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'],
    );
  expect(new Set(times())).toEqual(new Set(['2026-01-01T00:00:00Z']));
  await lab.advance(9);
  await lab.apply(pod('p', {}, labels));
  expect(new Set(times())).toEqual(new Set(['2026-01-01T00:00:09Z']));
  await lab.advance(9);
  await lab.remove('v1 Pod', 'p', { gracePeriodSeconds: 0 });
  expect(new Set(times())).toEqual(new Set([undefined]));
});

test('pods that ask for a name under a headless Service are told by it', async () => {
  await using lab = await startTestCluster();
  await lab.apply(service('db', { selector: labels, clusterIP: 'None' }));
  await lab.apply(pod('p', { hostname: 'db-0', subdomain: 'db' }, labels));
  expect(slicesOf(lab, 'db')[0]?.endpoints?.[0]?.hostname).toBe('db-0');
  expect(endpointsOf(lab, 'db')?.subsets?.[0]?.addresses?.[0]?.hostname).toBe('db-0');
});

test('Endpoints that somebody wrote for a Service without a selector are mirrored as slices', async () => {
  await using lab = await startTestCluster();
  const written = (ip: string): object => ({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'outside', labels: { made: 'by-hand' } },
    subsets: [{ addresses: [{ ip }], ports: [{ port: 5432 }] }],
  });
  await lab.apply(service('outside', {}), written('192.0.2.7'));
  const [slice] = slicesOf(lab, 'outside');
  expect(slice).toMatchObject({
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.7'], conditions: { ready: true } }],
    ports: [{ name: '', port: 5432, protocol: 'TCP' }],
    metadata: {
      labels: { made: 'by-hand', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' },
      ownerReferences: [{ kind: 'Endpoints', name: 'outside' }],
    },
  });
  await lab.remove('v1 Endpoints', 'outside');
  expect(slicesOf(lab, 'outside')).toEqual([]);
});
