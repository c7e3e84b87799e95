import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JANE, makeNamespace, startTestPlane, type TestPlane } from '../test-plane.ts';

let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
  await makeNamespace(plane, 'shop');
});
afterAll(() => plane[Symbol.dispose]());

const API = 'admissionregistration.k8s.io/v1';
const policy = (name: string, spec: object): object => ({
  apiVersion: API,
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    },
    ...spec,
  },
});
const bind = (name: string, policyName: string, spec: object): object => ({
  apiVersion: API,
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: {
    policyName,
    matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
    ...spec,
  },
});
const configMap = (name: string, namespace: string, data: Record<string, string> = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

describe('a ValidatingAdmissionPolicy', () => {
  it('denies with its message, its expression or what its messageExpression says', async () => {
    await makeNamespace(plane, 'judged');
    await plane.create(
      policy('deny', {
        variables: [{ name: 'size', expression: 'has(object.data) ? size(object.data) : 0' }],
        matchConditions: [{ name: 'not-root', expression: "!object.metadata.name.startsWith('kube-')" }],
        validations: [
          { expression: 'variables.size <= 2', message: 'at most two' },
          {
            expression: "!object.metadata.name.startsWith('bad')",
            messageExpression: "'the name ' + object.metadata.name + ' is bad'",
            reason: 'Forbidden',
          },
          { expression: "request.userInfo.username != 'jane'" },
          {
            expression:
              "!has(object.data) || !('limit' in object.data) || quantity(object.data.limit).isLessThan(quantity('1Gi'))",
          },
        ],
      }),
    );
    await plane.create(bind('judged', 'deny', { validationActions: ['Deny'] }));
    const start = (name: string) =>
      `configmaps "${name}" is forbidden: ValidatingAdmissionPolicy 'deny' with binding 'judged' denied request: `;
    await expect(plane.create(configMap('a', 'judged', { a: '', b: '', c: '' }))).rejects.toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: `${start('a')}at most two`,
    });
    await expect(plane.create(configMap('bad', 'judged'))).rejects.toMatchObject({
      code: 403,
      message: `${start('bad')}the name bad is bad`,
    });
    await expect(plane.create(configMap('c', 'judged'), JANE)).rejects.toThrow(
      `failed expression: request.userInfo.username != 'jane'`,
    );
    await expect(plane.create(configMap('d', 'judged', { limit: '2Gi' }))).rejects.toThrow('failed expression');
    await plane.create(configMap('kube-e', 'judged', { a: '', b: '', c: '' }));
    await plane.create(configMap('f', 'shop', { a: '', b: '', c: '' }));
  });

  it('fails closed on an expression that breaks, unless told to ignore it', async () => {
    await makeNamespace(plane, 'broken');
    await plane.create(policy('breaks', { validations: [{ expression: 'object.data.missing == "x"' }] }));
    await plane.create(bind('broken', 'breaks', { validationActions: ['Deny'] }));
    await expect(plane.create(configMap('a', 'broken', { b: '' }))).rejects.toThrow(
      `expression 'object.data.missing == "x"' resulted in error: `,
    );
    await plane.cluster.modify(
      plane.cluster.resource('validatingadmissionpolicies', 'admissionregistration.k8s.io'),
      { namespace: '', name: 'breaks' },
      (draft) => void ((draft['spec'] as { failurePolicy: string }).failurePolicy = 'Ignore'),
    );
    await plane.create(configMap('a', 'broken', { b: '' }));
  });

  it('judges by the objects its binding names', async () => {
    await makeNamespace(plane, 'counted');
    await plane.create(
      policy('with-params', {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConditions: [{ name: 'others', expression: "object.metadata.name != 'limits'" }],
        validations: [{ expression: 'size(object.data) <= int(params.data.most)' }],
      }),
    );
    await plane.create(
      bind('counted', 'with-params', {
        validationActions: ['Deny'],
        paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' },
      }),
    );
    await expect(plane.create(configMap('a', 'counted', { a: '' }))).rejects.toThrow(
      'no params found for policy binding',
    );
    const bindings = plane.cluster.resource('validatingadmissionpolicybindings', 'admissionregistration.k8s.io');
    await plane.cluster.delete(bindings, '', 'counted');
    await plane.create(configMap('limits', 'counted', { most: '1' }));
    await plane.create(
      bind('counted', 'with-params', {
        validationActions: ['Deny'],
        paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' },
      }),
    );
    await plane.create(configMap('a', 'counted', { a: '' }));
    await expect(plane.create(configMap('b', 'counted', { a: '', b: '' }))).rejects.toThrow('failed expression');
  });
});
