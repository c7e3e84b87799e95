import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../object.ts';
import { withMapsForObjects } from '../cel/object-literals.ts';
import { makeNamespace, startTestPlane, type TestPlane } from '../test-plane.ts';

const API = 'admissionregistration.k8s.io/v1';
let plane: TestPlane;
beforeAll(async () => {
  plane = await startTestPlane();
  await makeNamespace(plane, 'shop');
});
afterAll(() => plane[Symbol.dispose]());

async function policy(name: string, mutations: object[], spec: object = {}): Promise<void> {
  await makeNamespace(plane, name);
  await plane.create({
    apiVersion: API,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods', 'configmaps'] },
        ],
      },
      reinvocationPolicy: 'Never',
      mutations,
      ...spec,
    },
  });
  await plane.create({
    apiVersion: API,
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
    },
  });
}
const configured = (expression: string): object => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patched = (expression: string): object => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const configMap = (namespace: string, data: object = {}): Promise<KubeObject> =>
  plane.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace, labels: { a: 'b' } }, data });

describe('MutatingAdmissionPolicy', () => {
  it('lays a configuration over the object and merges lists by their keys', async () => {
    await policy('sidecar', [
      configured(
        `Object{
           metadata: Object.metadata{labels: {"team": request.namespace}},
           spec: Object.spec{
             initContainers: [Object.spec.initContainers{name: "mesh", image: "mesh/proxy:v1", restartPolicy: "Always"}],
             containers: [Object.spec.containers{name: "app", imagePullPolicy: "Always"}]
           }
         }`,
      ),
    ]);
    const pod = await plane.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'sidecar', labels: { app: 'x' } },
      spec: { containers: [{ name: 'app', image: 'nginx' }] },
    });
    expect(pod.metadata.labels).toEqual({ app: 'x', team: 'sidecar' });
    expect(pod['spec']).toMatchObject({
      containers: [{ name: 'app', image: 'nginx', imagePullPolicy: 'Always' }],
      initContainers: [{ name: 'mesh', restartPolicy: 'Always' }],
    });
  });

  it('applies JSON patches, one mutation after another', async () => {
    await policy(
      'patch',
      [
        patched(`[JSONPatch{op: "add", path: "/data/first", value: "1"}]`),
        patched(
          `[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("x/y"), value: variables.seen}]`,
        ),
      ],
      { variables: [{ name: 'seen', expression: `string(object.data.size())` }] },
    );
    const made = await configMap('patch', { zero: '0' });
    expect(made['data']).toEqual({ zero: '0', first: '1' });
    expect(made.metadata.labels).toEqual({ a: 'b', 'x/y': '2' });
  });

  it('leaves out optional fields that hold nothing', async () => {
    await policy('maybe', [
      configured('Object{data: Object.data{?there: object.data[?"a"], ?gone: object.data[?"none"]}}'),
    ]);
    expect((await configMap('maybe', { a: '7' }))['data']).toEqual({ a: '7', there: '7' });
  });

  it('leaves what its conditions leave out', async () => {
    await policy('choosy', [patched(`[JSONPatch{op: "add", path: "/data/x", value: "1"}]`)], {
      matchConditions: [{ name: 'marked', expression: `has(object.metadata.labels.marked)` }],
    });
    expect((await configMap('choosy', { a: '' }))['data']).toEqual({ a: '' });
  });

  it('fails closed, unless told to ignore', async () => {
    await policy('breaks', [patched(`[JSONPatch{op: "test", path: "/data/a", value: object.data.missing}]`)]);
    await expect(configMap('breaks', { a: '' })).rejects.toThrow(
      `policy 'breaks' with binding 'breaks' denied request: expression '[JSONPatch{op: "test", path: "/data/a", value: object.data.missing}]' resulted in error: no such key: missing`,
    );
    const labels = `Object{metadata: Object.metadata{labels: {'a': string(variables.size)}}}`;
    await policy('counts', [configured(labels)], { variables: [{ name: 'size', expression: 'int(object.data.a)' }] });
    await expect(configMap('counts', { a: 'many' })).rejects.toThrow(
      `composited variable "size" fails to evaluate: type conversion error from 'string' to 'int'`,
    );
    await policy('ignores', [patched(`[JSONPatch{op: "remove", path: "/data/missing"}]`)], { failurePolicy: 'Ignore' });
    await configMap('ignores');
  });
});

describe('policies that depend on others', () => {
  it('are run again when a later one changed what they saw, if they wish', async () => {
    const count = patched(
      `[JSONPatch{op: "add", path: "/metadata/labels/n" + string(object.metadata.labels.size()), value: "x"}]`,
    );
    await policy('again', [count], { reinvocationPolicy: 'IfNeeded' });
    await policy('later', [patched(`[JSONPatch{op: "add", path: "/data/later", value: "1"}]`)]);
    await plane.create({
      apiVersion: API,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: 'later-there' },
      spec: {
        policyName: 'later',
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'again' } } },
      },
    });
    const made = await configMap('again', { a: '' });
    expect(made.metadata.labels).toEqual({ a: 'b', n1: 'x', n2: 'x' });
    expect(made['data']).toEqual({ a: '', later: '1' });
  });

  it('are told the parameters that their binding names', async () => {
    await policy('told', [patched(`[JSONPatch{op: "add", path: "/data/team", value: params.data.team}]`)], {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConditions: [{ name: 'not-itself', expression: `object.metadata.name != 'teams'` }],
    });
    const bindings = plane.cluster.resource('mutatingadmissionpolicybindings', 'admissionregistration.k8s.io');
    await plane.cluster.modify(bindings, { namespace: '', name: 'told' }, (draft) => {
      (draft['spec'] as { paramRef?: object }).paramRef = { name: 'teams', parameterNotFoundAction: 'Deny' };
    });
    await expect(configMap('told')).rejects.toThrow(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    );
    await plane.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'teams', namespace: 'shop' },
      data: { team: 'blue' },
    });
    await plane.cluster.modify(bindings, { namespace: '', name: 'told' }, (draft) => {
      (draft['spec'] as { paramRef?: object }).paramRef = {
        name: 'teams',
        namespace: 'shop',
        parameterNotFoundAction: 'Deny',
      };
    });
    expect((await configMap('told', { a: '' }))['data']).toEqual({ a: '', team: 'blue' });
  });

  it('see the version of an object that they are for', async () => {
    await makeNamespace(plane, 'scaled');
    await plane.create({
      apiVersion: API,
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: 'scaled' },
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ['autoscaling'],
              apiVersions: ['v1'],
              operations: ['CREATE'],
              resources: ['horizontalpodautoscalers'],
            },
          ],
        },
        reinvocationPolicy: 'Never',
        mutations: [patched(`[JSONPatch{op: "add", path: "/spec/targetCPUUtilizationPercentage", value: 40}]`)],
      },
    });
    await plane.create({
      apiVersion: API,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: 'scaled' },
      spec: { policyName: 'scaled' },
    });
    const made = await plane.create({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'scaled' },
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
    });
    expect(JSON.stringify(made['spec'])).toContain('"averageUtilization":40');
  });
});

describe('object literals', () => {
  it.each([
    ['Object{a: Object.b{c: [1, {"Object{": "x"}]}}', '{ "a": { "c": [1, {"Object{": "x"}]}}'],
    ['[JSONPatch{op: "add", path: "/a{", value: {"k": x}}]', '[{ "op": "add", "path": "/a{", "value": {"k": x}}]'],
    ['object.Object{', undefined],
    ['Object{?a: x}', '{ "a": x}'],
  ])('become maps: %s', (source, maps) => {
    expect(withMapsForObjects(source)).toBe(maps);
  });
});
