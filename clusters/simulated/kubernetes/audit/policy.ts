import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { UserInfo } from '../authentication/user.ts';

export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof LEVELS)[number];

const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof STAGES)[number];

const strings = z.array(z.string()).nullish();
const ruleShape = z.strictObject({
  level: z.string().optional(),
  users: strings,
  userGroups: strings,
  verbs: strings,
  resources: z
    .array(z.strictObject({ group: z.string().nullish(), resources: strings, resourceNames: strings }))
    .nullish(),
  namespaces: strings,
  nonResourceURLs: strings,
  omitStages: strings,
  omitManagedFields: z.boolean().nullish(),
});
const policyShape = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({}).nullish(),
  rules: z.array(ruleShape).nullish(),
  omitStages: strings,
  omitManagedFields: z.boolean().nullish(),
});

type Rule = z.infer<typeof ruleShape>;

/** audit/v1 Policy. */
export interface Policy {
  readonly rules: readonly Rule[];
  readonly omitStages: ReadonlySet<string>;
  readonly omitManagedFields: boolean;
}

/** What a rule is matched against. */
export interface Auditable {
  readonly verb: string;
  readonly user: UserInfo;
  /** Path without the query. */
  readonly path: string;
  readonly resource:
    | {
        readonly group: string;
        readonly resource: string;
        readonly subresource: string;
        readonly namespace: string;
        readonly name: string;
      }
    | undefined;
}

export interface Verdict {
  readonly level: Level;
  readonly omitStages: ReadonlySet<string>;
  readonly omitManagedFields: boolean;
}

/**
 * Reads an audit Policy. `failed` is upstream's reason, with which the API server stays down (apiserver/pkg/audit/policy/reader.go,
 * apis/audit/validation/validation.go).
 */
export function readPolicy(
  path: string,
  content: string | undefined,
): { readonly ok: Policy } | { readonly failed: string } {
  const fail = (why: string): { failed: string } => ({ failed: `loading audit policy file: ${why}` });
  if (content === undefined) return fail(`failed to read file path "${path}": open ${path}: no such file or directory`);
  if (content.trim() === '') return fail(`file was empty: "${path}"`);
  const document = parseDocument(content);
  const [syntax] = document.errors;
  if (syntax !== undefined)
    return fail(`failed decoding: yaml: ${syntax.message.split('\n')[0] ?? ''}: from file ${path}`);
  const raw: unknown = document.toJS();
  const { kind, apiVersion } = (raw ?? {}) as { kind?: string; apiVersion?: string };
  if (kind !== 'Policy' || apiVersion !== 'audit.k8s.io/v1') {
    const why =
      kind === undefined
        ? `Object 'Kind' is missing in '${content.trim()}'`
        : `no kind "${kind}" is registered for version "${apiVersion ?? ''}" in scheme "pkg/audit/scheme.go:30"`;
    return fail(`failed decoding: ${why}: from file ${path}`);
  }
  const read = policyShape.safeParse(raw);
  if (!read.success) {
    const [issue] = read.error.issues;
    const at = (issue?.path ?? [])
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .slice(1);
    const unknown =
      issue?.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown field "${at === '' ? '' : `${at}.`}${key}"`)
        : [];
    return fail(
      `strict decoding error: ${unknown.length > 0 ? unknown.join(', ') : `${at}: ${issue?.message ?? ''}`}: from file ${path}`,
    );
  }
  const problems = policyProblems(read.data);
  if (problems.length > 0) return fail(problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`);
  if ((read.data.rules ?? []).length === 0) return fail(`loaded illegal policy with 0 rules from file ${path}`);
  return {
    ok: {
      rules: read.data.rules ?? [],
      omitStages: new Set(read.data.omitStages ?? []),
      omitManagedFields: read.data.omitManagedFields === true,
    },
  };
}

function policyProblems(policy: z.infer<typeof policyShape>): string[] {
  const problems: string[] = [];
  const checkStages = (where: string, stages: readonly string[] | null | undefined): void => {
    for (const [at, stage] of (stages ?? []).entries()) {
      if (!STAGES.some((known) => known === stage)) {
        problems.push(
          `${where}[${at}]: Invalid value: ${JSON.stringify(stage)}: allowed stages are ${STAGES.join(',')}`,
        );
      }
    }
  };
  checkStages('omitStages', policy.omitStages);
  for (const [at, rule] of (policy.rules ?? []).entries()) {
    const where = `rules[${at}]`;
    if (rule.level === undefined || rule.level === '') problems.push(`${where}.level: Required value`);
    else if (!LEVELS.some((level) => level === rule.level)) {
      const supported = LEVELS.map((level) => JSON.stringify(level)).join(', ');
      problems.push(`${where}.level: Unsupported value: ${JSON.stringify(rule.level)}: supported values: ${supported}`);
    }
    const urls = rule.nonResourceURLs ?? [];
    if (urls.length > 0 && ((rule.resources ?? []).length > 0 || (rule.namespaces ?? []).length > 0)) {
      problems.push(
        `${where}.nonResourceURLs: Invalid value: ${JSON.stringify(urls)}: rules cannot apply to both regular resources and non-resource URLs`,
      );
    }
    for (const [index, url] of urls.entries()) {
      if (url !== '*' && !url.startsWith('/')) {
        problems.push(
          `${where}.nonResourceURLs[${index}]: Invalid value: ${JSON.stringify(url)}: non-resource URL rules must begin with a '/' character`,
        );
      } else if (url !== '*' && url.slice(0, -1).includes('*')) {
        problems.push(
          `${where}.nonResourceURLs[${index}]: Invalid value: ${JSON.stringify(url)}: non-resource URL wildcards '*' must be the final character of the rule`,
        );
      }
    }
    for (const [index, { group, resources, resourceNames }] of (rule.resources ?? []).entries()) {
      if ((group ?? '') !== '' && !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(group ?? '')) {
        problems.push(
          `${where}.resources[${index}].group: Invalid value: ${JSON.stringify(group)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        );
      }
      if ((resourceNames ?? []).length > 0 && (resources ?? []).length === 0) {
        problems.push(
          `${where}.resources[${index}].resourceNames: Invalid value: ${JSON.stringify(resourceNames)}: using resourceNames requires at least one resource`,
        );
      }
    }
    checkStages(`${where}.omitStages`, rule.omitStages);
  }
  return problems;
}

const NOTHING: Verdict = { level: 'None', omitStages: new Set(), omitManagedFields: false };

/** The first rule that matches decides (audit/policy/checker.go). */
export function judge(policy: Policy, asked: Auditable): Verdict {
  const rule = policy.rules.find((candidate) => matches(candidate, asked));
  if (rule === undefined) return NOTHING;
  return {
    level: rule.level as Level,
    omitStages:
      (rule.omitStages ?? []).length === 0
        ? policy.omitStages
        : new Set([...policy.omitStages, ...(rule.omitStages ?? [])]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
  };
}

function matches(rule: Rule, { user, verb, path, resource }: Auditable): boolean {
  const within = (list: readonly string[] | null | undefined, value: string): boolean =>
    list === undefined || list === null || list.length === 0 || list.includes(value);
  if (!within(rule.users, user.username)) return false;
  const groups = rule.userGroups ?? [];
  if (groups.length > 0 && !groups.some((group) => user.groups.includes(group))) return false;
  if (!within(rule.verbs, verb)) return false;
  const namespaces = rule.namespaces ?? [];
  const resources = rule.resources ?? [];
  const urls = rule.nonResourceURLs ?? [];
  if (namespaces.length > 0 || resources.length > 0) {
    if (resource === undefined) return false;
    if (namespaces.length > 0 && !namespaces.includes(resource.namespace)) return false;
    return resources.length === 0 || resources.some((selected) => resourceMatches(selected, resource));
  }
  if (urls.length === 0) return true;
  return (
    resource === undefined &&
    urls.some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))))
  );
}

function resourceMatches(
  selected: NonNullable<Rule['resources']>[number],
  { group, resource, subresource, name }: NonNullable<Auditable['resource']>,
): boolean {
  if ((selected.group ?? '') !== group) return false;
  const kinds = selected.resources ?? [];
  if (kinds.length === 0) return true;
  const names = selected.resourceNames ?? [];
  if (names.length > 0 && !names.includes(name)) return false;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return kinds.some(
    (kind) =>
      kind === '*' ||
      kind === combined ||
      (kind.startsWith('*/') && subresource !== '' && kind.slice(2) === subresource) ||
      (kind.endsWith('/*') && subresource !== '' && kind.slice(0, -2) === resource),
  );
}
