import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Api } from './api.ts';
import type { SuiteResult } from './suite-result.ts';

const RbacObject = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});
type RbacObject = z.infer<typeof RbacObject>;

const RbacList = z.array(RbacObject);

const PLURALS: Readonly<Record<string, string>> = {
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
};

/** The default roles and bindings of a real API server: what this one serves must be equal, rules in the same order. */
export async function rbacConformance(fixtures: string, api: Api): Promise<SuiteResult> {
  const suite = 'rbac';
  const folder = join(fixtures, 'rbac');
  const misses: { name: string; reason: string }[] = [];
  let total = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    for (const wanted of RbacList.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))) {
      total += 1;
      const { name, namespace } = wanted.metadata;
      const where = namespace === undefined ? '' : `/namespaces/${namespace}`;
      const path = `/apis/rbac.authorization.k8s.io/v1${where}/${PLURALS[wanted.kind]}/${encodeURIComponent(name)}`;
      const { status, body } = await api({ method: 'GET', path });
      if (status !== 200) misses.push({ name: `${wanted.kind} ${name}`, reason: `status ${status}` });
      else if (!isDeepStrictEqual(essence(RbacObject.parse(body)), essence(wanted))) {
        misses.push({ name: `${wanted.kind} ${name}`, reason: 'it differs' });
      }
    }
  }
  if (total === 0) misses.push({ name: folder, reason: 'no .json files' });
  return { suite, passed: Math.max(0, total - misses.length), total: Math.max(1, total), misses };
}

/** Without what no two clusters share: uid, times, versions, managed fields. */
function essence({ metadata, ...rest }: RbacObject): unknown {
  const { name, namespace, labels, annotations } = metadata;
  return { ...rest, metadata: { name, namespace, labels, annotations } };
}
