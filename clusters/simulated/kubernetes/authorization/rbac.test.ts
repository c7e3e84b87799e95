import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, JANE, makeNamespace, startTestPlane, type TestPlane } from '../admission/test-plane.ts';
import { impersonate } from '../authentication/impersonation.ts';
import type { UserInfo } from '../authentication/user.ts';
import { defaultPolicy } from './default-policy/default-policy.ts';
import { forbiddenRequest } from './forbidden.ts';
import { asks } from './test-asks.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API = `${GROUP}/v1`;
const role = (name: string, rules: unknown[], namespace = 'shop') => ({
  apiVersion: API,
  kind: 'Role',
  metadata: { name, namespace },
  rules,
});
const binding = (name: string, roleRef: { kind: string; name: string }, user: string, namespace = 'shop') => ({
  apiVersion: API,
  kind: 'RoleBinding',
  metadata: { name, namespace },
  roleRef: { apiGroup: GROUP, ...roleRef },
  subjects: [{ kind: 'User', apiGroup: GROUP, name: user }],
});
const inShop = (...[user, verb, resource, more]: Parameters<typeof asks>) =>
  asks(user, verb, resource, { namespace: 'shop', ...more });
let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
  await makeNamespace(plane, 'shop');
  await plane.create(role('role-maker', [{ verbs: ['*'], apiGroups: [GROUP], resources: ['roles', 'rolebindings'] }]));
  await plane.create(role('pods', [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] }]));
  await plane.create(role('binder', [{ verbs: ['create'], apiGroups: [GROUP], resources: ['roles', 'rolebindings'] }]));
  await plane.create(binding('pods', { kind: 'Role', name: 'pods' }, 'jane'));
  await plane.create(binding('binder', { kind: 'Role', name: 'binder' }, 'bob'));
  await plane.create(binding('dangling', { kind: 'Role', name: 'gone' }, 'carl'));
});
afterAll(() => plane[Symbol.dispose]());
const BOB: UserInfo = { ...JANE, username: 'bob' };

describe('the RBAC authorizer', () => {
  it.each([
    [
      inShop(JANE, 'get', 'pods', { name: 'web' }),
      'allow',
      'RBAC: allowed by RoleBinding "pods/shop" of Role "pods" to User "jane"',
    ],
    [
      inShop(JANE, 'get', 'pods', { subresource: 'log' }),
      'allow',
      'RBAC: allowed by RoleBinding "pods/shop" of Role "pods" to User "jane"',
    ],
    [inShop(JANE, 'get', 'pods', { subresource: 'exec' }), 'no opinion', ''],
    [inShop(JANE, 'get', 'pods', { namespace: 'default' }), 'no opinion', ''],
    [inShop(JANE, 'delete', 'pods'), 'no opinion', ''],
    [inShop({ ...JANE, username: 'carl' }, 'get', 'pods'), 'no opinion', `RBAC: role.${GROUP} "gone" not found`],
    [inShop(ADMIN, 'delete', 'nodes'), 'allow', ''],
    [
      { user: JANE, verb: 'get', isResource: false as const, path: '/version' },
      'allow',
      'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
    ],
  ])('decides %#', async (asked, decision, reason) => {
    expect(await plane.security.authorizer.authorize(asked)).toEqual({ decision, reason });
  });

  it('forgets a binding with its deletion', async () => {
    await plane.create(binding('short', { kind: 'ClusterRole', name: 'view' }, 'dora'));
    const asked = inShop({ ...JANE, username: 'dora' }, 'list', 'services');
    expect(await plane.security.authorizer.authorize(asked)).toMatchObject({ decision: 'allow' });
    await plane.cluster.delete(plane.cluster.resource('rolebindings', GROUP), 'shop', 'short');
    expect(await plane.security.authorizer.authorize(asked)).toMatchObject({ decision: 'no opinion' });
  });

  it('words its refusals as kubectl shows them', () => {
    expect(forbiddenRequest(inShop(JANE, 'list', 'deployments', { group: 'apps' }), '').message).toBe(
      'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" in the namespace "shop"',
    );
    expect(forbiddenRequest({ user: JANE, verb: 'get', isResource: false, path: '/metrics' }, '').message).toBe(
      'forbidden: User "jane" cannot get path "/metrics"',
    );
  });

  it('lists what a user may do', () => {
    const review = plane.security.rulesFor(JANE, 'shop');
    expect(review.resourceRules).toContainEqual({
      verbs: ['get', 'list'],
      apiGroups: [''],
      resources: ['pods', 'pods/log'],
    });
    expect(review.incomplete).toBe(false);
    expect(plane.security.rulesFor({ ...JANE, username: 'carl' }, 'shop')).toMatchObject({
      incomplete: true,
      evaluationError: `role.${GROUP} "gone" not found`,
    });
  });
});

describe('escalation checks', () => {
  it('lets nobody grant what they do not hold', async () => {
    await expect(
      plane.create(binding('b', { kind: 'ClusterRole', name: 'cluster-admin' }, 'bob'), BOB),
    ).rejects.toThrow(
      `rolebindings.${GROUP} "b" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}`,
    );
    await expect(
      plane.create(role('r', [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['secrets'] }]), BOB),
    ).rejects.toThrow('{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}');
    await expect(plane.create(binding('b', { kind: 'Role', name: 'missing' }, 'bob'), BOB)).rejects.toMatchObject({
      code: 404,
    });
  });

  it('lets those who hold it, or may bind or escalate, grant it', async () => {
    await plane.create(role('same', [{ verbs: ['create'], apiGroups: [GROUP], resources: ['roles'] }]), BOB);
    await plane.create(binding('role-maker', { kind: 'Role', name: 'role-maker' }, 'eve'));
    const eve: UserInfo = { ...JANE, username: 'eve' };
    await plane.create(role('more', [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }]), eve);
    await plane.create(binding('more', { kind: 'Role', name: 'missing' }, 'eve'), eve);
    await expect(
      plane.create(binding('most', { kind: 'ClusterRole', name: 'edit' }, 'eve'), eve),
    ).rejects.toMatchObject({ code: 403 });
  });
});

describe('impersonate', () => {
  const asked = inShop(JANE, 'list', 'pods');
  const as = async (user: UserInfo, headers: Record<string, string | string[]>) =>
    impersonate(user, headers, asked, plane.security.authorizer);

  it('makes an administrator anyone', async () => {
    expect(await as(ADMIN, { 'impersonate-user': 'carl', 'impersonate-group': ['dev', 'ops'] })).toEqual({
      username: 'carl',
      groups: ['dev', 'ops', 'system:authenticated'],
      extra: {},
    });
    expect(await as(ADMIN, { 'impersonate-user': 'system:serviceaccount:shop:app' })).toMatchObject({
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
    });
  });

  it('names the constrained verb in its refusal', async () => {
    await expect(as(JANE, { 'impersonate-user': 'carl' })).rejects.toThrow(
      'pods is forbidden: User "jane" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "shop"',
    );
    await expect(as(JANE, { 'impersonate-user': 'system:serviceaccount:kube-system:default' })).rejects.toThrow(
      'cannot impersonate-on:serviceaccount:list',
    );
  });

  it('asks for a user where there are groups', async () => {
    await expect(as(ADMIN, { 'impersonate-group': ['dev'] })).rejects.toMatchObject({ code: 400 });
    expect(await as(JANE, {})).toBeUndefined();
  });
});

describe('defaultPolicy', () => {
  it('is made once and frozen, with upstream’s numbers', () => {
    const policy = defaultPolicy();
    expect(defaultPolicy()).toBe(policy);
    expect(Object.isFrozen(policy.clusterRoles[0]?.rules?.[0]?.verbs)).toBe(true);
    expect(Object.entries(policy).map(([kind, objects]) => [kind, (objects as unknown[]).length])).toEqual([
      ['clusterRoles', 69],
      ['clusterRoleBindings', 50],
      ['roles', 7],
      ['roleBindings', 7],
    ]);
  });

  it('gathers view into edit and edit into admin', () => {
    const rules = (name: string) =>
      defaultPolicy().clusterRoles.find(({ metadata }) => metadata.name === name)?.rules ?? [];
    expect(rules('edit').slice(-rules('view').length)).toEqual(rules('view'));
    expect(rules('admin').slice(0, rules('edit').length)).toEqual(rules('edit'));
  });
});

describe('what the RBAC authorizer remembers', () => {
  it('ends with a change of a role or of a binding, and tells names apart', async () => {
    await makeNamespace(plane, 'memory');
    const dora: UserInfo = { ...JANE, username: 'dora' };
    const decide = async (name: string): Promise<string> =>
      (await plane.security.authorizer.authorize(inShop(dora, 'get', 'secrets', { namespace: 'memory', name })))
        .decision;
    expect(await decide('a')).toBe('no opinion');
    await plane.create(
      role('one', [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a'] }], 'memory'),
    );
    await plane.create(binding('one', { kind: 'Role', name: 'one' }, 'dora', 'memory'));
    expect(await Promise.all(['a', 'b'].map(decide))).toEqual(['allow', 'no opinion']);
    await plane.cluster.modify(
      plane.cluster.resource('roles', GROUP),
      { namespace: 'memory', name: 'one' },
      (draft) =>
        void ((draft as { rules?: { resourceNames: string[] }[] }).rules = [
          { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['b'] } as never,
        ]),
    );
    expect(await Promise.all(['a', 'b'].map(decide))).toEqual(['no opinion', 'allow']);
    await plane.cluster.delete(plane.cluster.resource('rolebindings', GROUP), 'memory', 'one');
    expect(await decide('b')).toBe('no opinion');
  });
});
