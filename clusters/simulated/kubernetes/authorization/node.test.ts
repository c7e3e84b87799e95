import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespace, startTestPlane, type TestPlane } from '../admission/test-plane.ts';
import type { UserInfo } from '../authentication/user.ts';
import { nodeAuthorizer } from './node.ts';
import { asks } from './test-asks.ts';

const NODE: UserInfo = { username: 'system:node:node01', groups: ['system:nodes', 'system:authenticated'], extra: {} };

let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
  await makeNamespace(plane, 'shop');
  for (const name of ['node01', 'node02']) await plane.create({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
  await plane.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      nodeName: 'node01',
      containers: [{ name: 'c', image: 'nginx', envFrom: [{ secretRef: { name: 'db' } }] }],
    },
  });
});
afterAll(() => plane[Symbol.dispose]());

describe('the Node authorizer', () => {
  it.each([
    [asks(NODE, 'get', 'secrets', { namespace: 'shop', name: 'db' }), 'allow', ''],
    [
      asks(NODE, 'get', 'secrets', { namespace: 'shop', name: 'other' }),
      'no opinion',
      "no relationship found between node 'node01' and this object",
    ],
    [asks(NODE, 'list', 'secrets', { namespace: 'shop' }), 'no opinion', 'No Object name found'],
    [
      asks(NODE, 'update', 'secrets', { namespace: 'shop', name: 'db' }),
      'no opinion',
      'can only read resources of this type',
    ],
    [asks(NODE, 'get', 'configmaps', { namespace: 'shop', name: 'kube-root-ca.crt' }), 'allow', ''],
    [
      asks(NODE, 'create', 'serviceaccounts', { namespace: 'shop', name: 'default', subresource: 'token' }),
      'allow',
      '',
    ],
    [asks(NODE, 'get', 'nodes', { name: 'node01' }), 'allow', ''],
    [
      asks(NODE, 'get', 'nodes', { name: 'node02' }),
      'no opinion',
      'node "node01" cannot read "node02", only its own Node object',
    ],
    [asks(NODE, 'list', 'pods', { fieldSelector: 'spec.nodeName=node01' }), 'allow', ''],
    [asks(NODE, 'list', 'pods'), 'no opinion', 'can only list/watch pods with spec.nodeName field selector'],
    [asks(NODE, 'create', 'events', { namespace: 'shop' }), 'allow', ''],
    [
      asks(NODE, 'update', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-node-lease', name: 'node02' }),
      'no opinion',
      'can only access node lease with the same name as the requesting node',
    ],
    [
      { ...asks(NODE, 'get', 'pods'), user: { ...NODE, username: 'jane' } },
      'no opinion',
      'unknown node for user "jane"',
    ],
  ])('decides %#', (asked, decision, reason) => {
    expect(nodeAuthorizer(plane.cluster).authorize(asked)).toEqual({ decision, reason });
  });
});

describe('NodeRestriction', () => {
  const nodes = () => plane.cluster.resource('nodes');
  const label = (name: string, key: string) =>
    plane.cluster.modify(
      nodes(),
      { namespace: '', name },
      (draft) => void (draft.metadata.labels = { ...draft.metadata.labels, [key]: 'x' }),
      { user: NODE },
    );

  it('keeps a kubelet to its own node and its own labels', async () => {
    await label('node01', 'example.com/rack');
    await expect(label('node02', 'example.com/rack')).rejects.toThrow(
      'node "node01" is not allowed to modify node "node02"',
    );
    await expect(label('node01', 'node-restriction.kubernetes.io/tier')).rejects.toThrow(
      'nodes "node01" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/tier',
    );
  });

  it('lets a kubelet make nothing but mirror pods', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x', namespace: 'shop' },
      spec: { nodeName: 'node01', containers: [{ name: 'c', image: 'nginx' }] },
    };
    await expect(plane.create(pod, NODE)).rejects.toThrow(
      'pods "x" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "node01" can only create mirror pods',
    );
  });
});
