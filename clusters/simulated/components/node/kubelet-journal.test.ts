import { expect, test } from 'vitest';
import type { KubeObject } from '../../kubernetes/object.ts';
import { kubeletLines } from './kubelet-journal.ts';

const pod = (more: { node?: string; meta?: object; waiting?: object } = {}): KubeObject =>
  ({
    metadata: { namespace: 'shop', name: 'web', uid: 'u1', ...more.meta },
    spec: more.node === undefined ? {} : { nodeName: more.node },
    status: { containerStatuses: [{ name: 'nginx', state: { waiting: more.waiting } }] },
  }) as unknown as KubeObject;

const lines = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject, old?: KubeObject) =>
  kubeletLines('node01', { type, object, revision: 1, ...(old === undefined ? {} : { old }) }).map(
    ({ severity, message }) => `${severity} ${message}`,
  );

const here = { node: 'node01' };
const backOff = { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container=nginx' };

test('a pod is heard of when it is bound to the node, when it is to end, and when it is gone', () => {
  expect(lines('ADDED', pod())).toEqual([]);
  expect(lines('MODIFIED', pod(here), pod())).toEqual(['I "SyncLoop ADD" source="api" pods=["shop/web"]']);
  expect(lines('MODIFIED', pod(here), pod(here))).toEqual([]);
  const ending = pod({ ...here, meta: { deletionTimestamp: '2026-11-23T00:00:00Z' } });
  expect(lines('MODIFIED', ending, pod(here))).toEqual(['I "SyncLoop DELETE" source="api" pods=["shop/web"]']);
  expect(lines('DELETED', ending)).toEqual(['I "SyncLoop REMOVE" source="api" pods=["shop/web"]']);
});

test('why a container does not run is told once', () => {
  expect(lines('MODIFIED', pod({ ...here, waiting: backOff }), pod(here))).toEqual([
    'E "Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"nginx\\" with CrashLoopBackOff: \\"back-off 10s restarting failed container=nginx\\"" pod="shop/web" podUID="u1"',
  ]);
  expect(lines('MODIFIED', pod({ ...here, waiting: backOff }), pod({ ...here, waiting: backOff }))).toEqual([]);
  expect(lines('MODIFIED', pod({ ...here, waiting: { reason: 'ContainerCreating' } }), pod(here))).toEqual([]);
});

test('pods of other nodes and mirror pods are none of its business', () => {
  expect(lines('ADDED', pod({ node: 'controlplane' }))).toEqual([]);
  const annotations = { 'kubernetes.io/config.mirror': 'x' };
  expect(lines('ADDED', pod({ ...here, meta: { annotations } }))).toEqual([]);
});
