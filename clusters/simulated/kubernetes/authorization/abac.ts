import { z } from 'zod';
import type { Attributes, Authorizer } from './authorizer.ts';

const EVERYBODY = 'system:authenticated';
const GROUP = 'abac.authorization.kubernetes.io';

const spec = z.object({
  user: z.string().default(''),
  group: z.string().default(''),
  readonly: z.boolean().default(false),
  apiGroup: z.string().default(''),
  resource: z.string().default(''),
  namespace: z.string().default(''),
  nonResourcePath: z.string().default(''),
});

export type AbacPolicy = z.infer<typeof spec>;

/** One policy a line, `{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {…}}`, or in the form without version. */
export function readAbacPolicies(path: string, content: string): readonly AbacPolicy[] {
  return content.split('\n').flatMap((line, at) => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return [];
    try {
      return [policyOf(JSON.parse(text) as Record<string, unknown>)];
    } catch (error) {
      throw new Error(`error reading policy file ${path}, line ${at + 1}: ${text}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
}

/** Every version means `system:authenticated` by `*` (pkg/apis/abac/v0 and v1beta1, conversion.go). */
function policyOf(value: Record<string, unknown>): AbacPolicy {
  const { apiVersion, kind } = value;
  if (apiVersion === undefined && kind === undefined) return ofUnversioned(spec.parse(value));
  if (apiVersion !== `${GROUP}/v1beta1` || kind !== 'Policy') {
    throw new Error(
      `no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')}`,
    );
  }
  const policy = spec.parse(value['spec'] ?? {});
  return policy.user === '*' || policy.group === '*' ? { ...policy, user: '', group: EVERYBODY } : policy;
}

/** What an old policy leaves out matches everything. */
function ofUnversioned(policy: AbacPolicy): AbacPolicy {
  const { user, group, namespace, resource } = policy;
  const isForAll = (user === '' && group === '') || user === '*' || group === '*';
  return {
    ...policy,
    ...(isForAll ? { user: '', group: EVERYBODY } : {}),
    apiGroup: '*',
    namespace: namespace === '' ? '*' : namespace,
    resource: resource === '' ? '*' : resource,
    nonResourcePath: namespace === '' && resource === '' ? '*' : '',
  };
}

/** pkg/auth/authorizer/abac/abac.go */
export const abacAuthorizer = (policies: readonly AbacPolicy[]): Authorizer => ({
  authorize: (asked) =>
    policies.some((policy) => matches(policy, asked))
      ? { decision: 'allow', reason: '' }
      : { decision: 'no opinion', reason: 'No policy matched.' },
});

const READING = new Set(['get', 'list', 'watch']);

function matches(policy: AbacPolicy, asked: Attributes): boolean {
  if (!isAbout(policy, asked.user)) return false;
  if (policy.readonly && !READING.has(asked.verb)) return false;
  const fits = (wanted: string, value: string): boolean => wanted === '*' || wanted === value;
  if (asked.isResource) {
    const { namespace, resource, apiGroup } = policy;
    return fits(namespace, asked.namespace) && fits(resource, asked.resource) && fits(apiGroup, asked.group);
  }
  const { nonResourcePath: path } = policy;
  return fits(path, asked.path) || (path.endsWith('*') && asked.path.startsWith(path.replace(/\*+$/, '')));
}

function isAbout({ user, group }: AbacPolicy, { username, groups }: Attributes['user']): boolean {
  if (user === '' && group === '') return false;
  return (user === '' || user === username) && (group === '' || groups.includes(group));
}
