import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBed, type Answer, type TestBed } from '../test-bed.ts';

const CORE = '/api/v1/namespaces/default';
const APPLY = { 'Content-Type': 'application/apply-patch+yaml' };

let bed: TestBed;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

const apply = (path: string, manager: string, body: object, more = '') =>
  bed.call('PATCH', `${CORE}/${path}?fieldManager=${manager}${more}`, body, APPLY);

const configMap = (name: string, parts: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  ...parts,
});

/** Each owner with the paths it owns, as FieldsV1 has them. */
const owners = ({ json }: Answer): Record<string, unknown> =>
  Object.fromEntries(
    (json['metadata']!['managedFields'] as unknown as Record<string, unknown>[]).map(
      ({ manager, operation, fieldsV1 }) => [`${String(manager)} ${String(operation)}`, fieldsV1],
    ),
  );

describe('ownership', () => {
  it('shares the elements of a set, and takes those away that nobody wants any more', async () => {
    const finalizers = (...names: string[]) => configMap('set', {}, { finalizers: names });
    await apply('configmaps/set', 'a', finalizers('x/1', 'x/2'));
    const both = await apply('configmaps/set', 'b', finalizers('x/2', 'x/3'));
    expect(both.json['metadata']!['finalizers']).toEqual(['x/1', 'x/2', 'x/3']);
    const left = await apply('configmaps/set', 'a', configMap('set', {}));
    expect(left.json['metadata']!['finalizers']).toEqual(['x/2', 'x/3']);
    expect(owners(left)).toEqual({ 'b Apply': { 'f:metadata': { 'f:finalizers': { 'v:"x/2"': {}, 'v:"x/3"': {} } } } });
  });

  it('holds an atomic list as one value', async () => {
    const subsets = (ip: string) => ({
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'atomic' },
      subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }],
    });
    await apply('endpoints/atomic', 'a', subsets('10.0.0.1'));
    const clash = await apply('endpoints/atomic', 'b', subsets('10.0.0.2'));
    expect(clash.json['message']).toBe('Apply failed with 1 conflict: conflict with "a": .subsets');
  });

  it('merges nested maps, and gives a forced field to the one who forces', async () => {
    await apply(
      'configmaps/nested',
      'a',
      configMap('nested', { data: { one: '1', two: '2' } }, { labels: { l: '1' } }),
    );
    const forced = await apply('configmaps/nested', 'b', configMap('nested', { data: { two: '3' } }), '&force=true');
    expect(forced.json['data']).toEqual({ one: '1', two: '3' });
    expect(owners(forced)).toEqual({
      'a Apply': { 'f:data': { 'f:one': {} }, 'f:metadata': { 'f:labels': { 'f:l': {} } } },
      'b Apply': { 'f:data': { 'f:two': {} } },
    });
    const gone = await apply('configmaps/nested', 'a', configMap('nested', {}));
    expect([gone.json['data'], gone.json['metadata']!['labels']]).toEqual([{ two: '3' }, undefined]);
  });

  it('lists every conflict with its owner', async () => {
    await apply('configmaps/many', 'a', configMap('many', { data: { one: '1', two: '2' } }));
    const clash = await apply('configmaps/many', 'b', configMap('many', { data: { one: '3', two: '4' } }));
    expect(clash.json['message']).toBe('Apply failed with 2 conflicts: conflicts with "a":\n- .data.one\n- .data.two');
  });

  it('leaves the status to its subresource, and the rest to the object', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'status' },
      spec: { ports: [{ port: 80 }] },
    };
    await apply('services/status', 'a', service);
    const condition = {
      type: 'T',
      status: 'True',
      reason: 'R',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const wanted = { ...service, spec: { type: 'NodePort' }, status: { conditions: [condition] } };
    const told = await apply('services/status/status', 'b', wanted);
    expect([told.json['spec']!['type'], told.json['status']!['conditions']]).toEqual(['ClusterIP', [condition]]);
    expect(Object.keys(owners(told)['b Apply'] as object)).toEqual(['f:status']);
    const ignored = await apply('services/status', 'c', { ...service, spec: {}, status: { conditions: [] } });
    expect(ignored.json['status']!['conditions']).toEqual([condition]);
  });

  it('goes over from client-side apply without conflicts, and keeps its annotation true', async () => {
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
    const applied = `${JSON.stringify(configMap('moved', { data: { a: '1', b: '2' } }))}\n`;
    const sent = configMap('moved', { data: { a: '1', b: '2' } }, { annotations: { [annotation]: applied } });
    await bed.call('POST', `${CORE}/configmaps?fieldManager=kubectl-client-side-apply`, sent);
    const clash = await apply('configmaps/moved', 'someone', configMap('moved', { data: { a: '9' } }));
    expect(clash.status).toBe(409);
    const moved = await apply('configmaps/moved', 'kubectl', configMap('moved', { data: { a: '9' } }));
    expect(moved.json['data']).toEqual({ a: '9', b: '2' });
    const kept = moved.json['metadata']!['annotations']![annotation] as unknown as string;
    expect(JSON.parse(kept)).toMatchObject({ data: { a: '9' } });
  });

  it('wants the verb create for an object that is not there, and its uid not at all', async () => {
    const claimed = await apply('configmaps/none', 'a', configMap('none', {}, { uid: 'abc' }));
    expect([claimed.status, claimed.json['message']]).toEqual([
      409,
      'Operation cannot be fulfilled on configmaps "none": uid mismatch: the provided object specified uid abc, and no existing object was found',
    ]);
  });
});

describe('a configuration that does not fit', () => {
  const container = (more: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i', ...more }] },
  });
  const at = '.spec.containers[name="c"]';

  it.each([
    [
      { env: [{ name: 'A', value: 5 }] },
      `${at}.env[name="A"].value: expected string, got &value.valueUnstructured{Value:5}`,
    ],
    [{ image: ['x'] }, `${at}.image: expected string, got &value.valueUnstructured{Value:[]interface {}{"x"}}`],
    [
      { ports: [{ containerPort: '80' }] },
      `${at}.ports[containerPort="80",protocol="TCP"].containerPort: expected numeric (int or float), got string`,
    ],
    [{ tty: 'yes' }, `${at}.tty: expected boolean, got &{yes}`],
    [{ resources: { limits: { cpu: [] } } }, `${at}.resources.limits.cpu: expected any scalar, got &{[]}`],
    [{ args: 'x' }, `${at}.args: expected list, got &{x}`],
    [{ args: [1] }, `${at}.args[0]: expected string, got &value.valueUnstructured{Value:1}`],
    [{ env: [{ name: 'A' }, { name: 'A' }] }, `${at}.env: duplicate entries for key [name="A"]`],
    [{ env: [{ value: '1' }, { value: '2' }] }, `${at}.env: duplicate entries for key [name=""]`],
    [{ env: [null] }, `${at}.env: element 0: associative list with keys may not have a null element`],
    [{ env: ['A=1'] }, `${at}.env: element 0: associative list with keys may not have non-map elements`],
    [
      { imag: 'x', prots: [] },
      `errors:\n  ${at}.imag: field not declared in schema\n  ${at}.prots: field not declared in schema`,
    ],
  ])('%j', async (more, why) => {
    const answer = await apply('pods/p', 'a', container(more));
    expect([answer.status, answer.json['message']]).toEqual([
      500,
      `failed to create typed patch object (default/p; /v1, Kind=Pod): ${why}`,
    ]);
  });

  it('takes numbers for quantities', async () =>
    expect(
      (await apply('pods/q', 'a', { ...container({ resources: { limits: { cpu: 1 } } }), metadata: { name: 'q' } }))
        .status,
    ).toBe(201));
});
