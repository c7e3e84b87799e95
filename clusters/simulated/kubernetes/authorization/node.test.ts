import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeNamespace, startTestPlane, type TestPlane } from '../admission/test-plane.ts';
import type { UserInfo } from '../authentication/user.ts';
import type { Attributes } from './authorizer.ts';
import { nodeAuthorizer } from './node.ts';

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

const asks = (
  verb: string,
  resource: string,
  more: Partial<Extract<Attributes, { isResource: true }>> = {},
): Attributes => ({
  user: NODE,
  verb,
  isResource: true,
  group: '',
  version: 'v1',
  resource,
  subresource: '',
  namespace: '',
  name: '',
  ...more,
});

describe('the Node authorizer', () => {
  it.each([
    [asks('get', 'secrets', { namespace: 'shop', name: 'db' }), 'allow', ''],
    [
      asks('get', 'secrets', { namespace: 'shop', name: 'other' }),
      'no opinion',
      "no relationship found between node 'node01' and this object",
    ],
    [asks('list', 'secrets', { namespace: 'shop' }), 'no opinion', 'No Object name found'],
    [
      asks('update', 'secrets', { namespace: 'shop', name: 'db' }),
      'no opinion',
      'can only read resources of this type',
    ],
    [asks('get', 'configmaps', { namespace: 'shop', name: 'kube-root-ca.crt' }), 'allow', ''],
    [asks('create', 'serviceaccounts', { namespace: 'shop', name: 'default', subresource: 'token' }), 'allow', ''],
    [asks('get', 'nodes', { name: 'node01' }), 'allow', ''],
    [
      asks('get', 'nodes', { name: 'node02' }),
      'no opinion',
      'node "node01" cannot read "node02", only its own Node object',
    ],
    [asks('list', 'pods', { fieldSelector: 'spec.nodeName=node01' }), 'allow', ''],
    [asks('list', 'pods'), 'no opinion', 'can only list/watch pods with spec.nodeName field selector'],
    [asks('create', 'events', { namespace: 'shop' }), 'allow', ''],
    [
      asks('update', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-node-lease', name: 'node02' }),
      'no opinion',
      'can only access node lease with the same name as the requesting node',
    ],
    [{ ...asks('get', 'pods'), user: { ...NODE, username: 'jane' } }, 'no opinion', 'unknown node for user "jane"'],
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
