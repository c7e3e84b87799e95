import type { Environment } from '@marcbachmann/cel-js';
import type { Resource } from '../../resources/resource.ts';
import type { Cluster } from '../../store/cluster.ts';
import { celEnvironment } from '../cel/environment.ts';
import { ObjectTypes } from '../cel/object-types.ts';
import type { Rule } from './match.ts';
import { PolicyProgram, type Variable } from './policy-program.ts';

/** What is looked at of a ValidatingAdmissionPolicy. */
export interface CheckedPolicy {
  readonly paramKind?: { readonly apiVersion?: string; readonly kind?: string };
  readonly matchConstraints?: { readonly resourceRules?: readonly Rule[] };
  readonly variables?: readonly Variable[];
  readonly validations?: readonly { readonly expression: string; readonly messageExpression?: string }[];
}

export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

const MOST_TYPES = 10;

/**
 * What is wrong with a policy's expressions over the types that it is for; its status tells, and nothing else comes of it
 * (apiserver/pkg/admission/plugin/policy/validating/typechecking.go Check). What `has` asks for is not looked at.
 */
export function typeWarnings(policy: CheckedPolicy, cluster: Cluster): ExpressionWarning[] {
  const programs = rowsToCheck(policy, cluster).map((row) => ({
    kind: `${row.group === '' ? '/' : `${row.group}/`}${row.version}, Kind=${row.kind}`,
    program: typedProgram(policy, row, cluster),
  }));
  return (policy.validations ?? []).flatMap(({ expression, messageExpression = '' }, at) =>
    (
      [
        ['expression', expression],
        ['messageExpression', messageExpression],
      ] as const
    ).flatMap(([field, source]): ExpressionWarning[] => {
      if (source === '') return [];
      const found = programs.flatMap(({ kind, program }) => {
        const compiled = program.expression(source);
        return 'failed' in compiled ? [`${kind}: ${compiled.failed}\n`] : [];
      });
      return found.length === 0 ? [] : [{ fieldRef: `spec.validations[${at}].${field}`, warning: found.join('\n') }];
    }),
  );
}

function typedProgram(policy: CheckedPolicy, row: Resource, cluster: Cluster): PolicyProgram {
  const environment: Environment = celEnvironment(['request', 'namespaceObject', 'authorizer']);
  const types = new ObjectTypes(environment);
  const own = types.of(row);
  for (const name of ['object', 'oldObject']) environment.registerVariable(name, own);
  const { apiVersion, kind } = policy.paramKind ?? {};
  const params = apiVersion === undefined || kind === undefined ? undefined : cluster.resourceOfKind(apiVersion, kind);
  if (params !== undefined) environment.registerVariable('params', types.of(params));
  return new PolicyProgram(policy.variables ?? [], environment);
}

/** The rows that rules without wildcards name, by group, version and kind; no more than ten. */
function rowsToCheck({ matchConstraints }: CheckedPolicy, cluster: Cluster): readonly Resource[] {
  const found = new Set<Resource>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of matchConstraints?.resourceRules ?? []) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    const plain = resources.filter((name) => !/[*/]/.test(name));
    for (const row of cluster.resources()) {
      if (found.size < MOST_TYPES && apiGroups.includes(row.group) && apiVersions.includes(row.version)) {
        if (plain.includes(row.plural)) found.add(row);
      }
    }
  }
  const key = ({ group, version, kind }: Resource): string => `${group}\0${version}\0${kind}`;
  return [...found].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
