import { expect, test } from 'vitest';
import { schemaOf } from '../../model/schema.ts';
import { toTyped } from '../../model/typed.ts';
import type { KubeObject } from '../../object.ts';
import { builtInResources } from '../../resources/registry.ts';
import { canonical } from './canonical.ts';

const rows = builtInResources();

function written(object: Partial<KubeObject>): { stored: string; read: string } {
  const draft = { metadata: { name: 'one' }, ...object } as KubeObject;
  const row = rows.find(({ kind }) => kind === draft.kind);
  if (row === undefined) throw new Error(draft.kind);
  const stored = JSON.stringify(canonical(draft, row));
  return { stored, read: JSON.stringify(toTyped(draft, schemaOf(row.type)).object) };
}

const container = { name: 'app', image: 'nginx', resources: {} };
const memory = { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } };

test.each<[string, Partial<KubeObject>, string]>([
  [
    'a quantity that was not given is zero',
    { kind: 'Pod', apiVersion: 'v1', spec: { containers: [{ ...container, env: [memory] }] } },
    '"resourceFieldRef":{"resource":"limits.memory","divisor":"0"}',
  ],
  [
    'an empty list that protobuf does not hold comes back as null',
    { kind: 'ClusterRole', apiVersion: 'rbac.authorization.k8s.io/v1', rules: [] },
    '"rules":null}',
  ],
  [
    'a struct is there though it holds nothing, an empty map is not',
    { kind: 'Pod', apiVersion: 'v1', spec: { nodeSelector: {}, containers: [container] } },
    '"spec":{"containers":[{"name":"app","image":"nginx","resources":{}}]},"status":{}}',
  ],
  [
    'maps are sorted, and what a pointer holds stays however empty it is',
    { kind: 'Deployment', apiVersion: 'apps/v1', spec: { replicas: 0, selector: { matchLabels: { b: '1', a: '2' } } } },
    '"replicas":0,"selector":{"matchLabels":{"a":"2","b":"1"}}',
  ],
])('%s, whether the server or a client made the object', (_what, object, text) => {
  const { stored, read } = written(object);
  expect(stored).toContain(text);
  expect(stored).toBe(read);
});
