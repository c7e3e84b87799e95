import { ApiError } from '../../status.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import { CostExceeded, MOST_PER_REQUEST, within } from '../cel/budget.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { paramsOf, type Binding } from './bindings.ts';
import { asMatched } from './equivalent.ts';
import { isAdmissionConfiguration, matchesResources, type MatchResources } from './match.ts';
import { meetsConditions } from './match-conditions.ts';
import { policyProgram, type Around } from './policy-program.ts';

interface Policy extends KubeObject {
  spec: {
    failurePolicy?: 'Fail' | 'Ignore';
    paramKind?: { apiVersion: string; kind: string };
    matchConstraints?: MatchResources;
    matchConditions?: { name: string; expression: string }[];
    variables?: { name: string; expression: string }[];
    validations?: { expression: string; message?: string; messageExpression?: string; reason?: string }[];
    auditAnnotations?: { key: string; valueExpression: string }[];
  };
}
interface Denial {
  readonly policy: Policy;
  readonly binding: Binding | undefined;
  readonly message: string;
  readonly reason: string;
}

const GROUP = 'admissionregistration.k8s.io';
const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};
const OUT_OF_BUDGET = {
  message: 'validation failed due to running out of cost budget, no further validation rules will be run',
  reason: 'Invalid',
} as const;
/** Longest text of a messageExpression and of an audit annotation, in characters. */
const MAX_MESSAGE = 5 * 1024;
const MAX_ANNOTATION = 10 * 1024;

/** apiserver/pkg/admission/plugin/policy/validating, with the texts of its dispatcher and validator. */
export const validatingAdmissionPolicy = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'ValidatingAdmissionPolicy',
  validate(request, cluster) {
    if (isAdmissionConfiguration(request)) return;
    const policies = cluster.list(cluster.resource('validatingadmissionpolicies', GROUP)) as readonly Policy[];
    if (policies.length === 0) return;
    const bindings = cluster.list(cluster.resource('validatingadmissionpolicybindings', GROUP)) as readonly Binding[];
    const denials: Denial[] = [];
    const audited: AuditedFailure[] = [];
    for (const policy of policies) {
      const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
      const row = own.length === 0 ? undefined : matchesResources(policy.spec.matchConstraints, request, cluster);
      if (row === undefined) continue;
      const shown = asMatched(request, row);
      try {
        within(MOST_PER_REQUEST, () => judgeBy(policy, own, shown, { cluster, authorizer }, { denials, audited }));
      } catch (error) {
        if (!(error instanceof CostExceeded)) throw error;
        if (policy.spec.failurePolicy !== 'Ignore') denials.push({ policy, binding: own[0], ...OUT_OF_BUDGET });
      }
    }
    if (audited.length > 0) request.annotate(FAILURES, JSON.stringify(audited));
    const [first] = denials;
    if (first !== undefined) throw denied(request, first);
  },
});

function denied(request: AdmissionRequest, { policy, binding, message, reason }: Denial): ApiError {
  const by = binding === undefined ? '' : ` with binding '${binding.metadata.name}'`;
  const text = `ValidatingAdmissionPolicy '${policy.metadata.name}'${by} denied request: ${message}`;
  const { message: whole, details } = forbid(request, text);
  return new ApiError(CODES[reason] ?? 422, reason, whole, {
    ...details,
    causes: [{ message: text } as { reason: string; message: string }],
  });
}

function judgeBy(
  policy: Policy,
  bindings: readonly Binding[],
  request: AdmissionRequest,
  { cluster, authorizer }: { readonly cluster: Cluster; readonly authorizer: Authorizer },
  outcome: Outcome,
): void {
  const annotations = new Map<string, string[]>();
  const fails = policy.spec.failurePolicy !== 'Ignore';
  for (const binding of bindings) {
    if (matchesResources(binding.spec.matchResources, request, cluster) === undefined) continue;
    const params = paramsOf(policy.spec.paramKind, binding, request, cluster);
    if ('failed' in params) {
      if (fails) {
        outcome.denials.push({
          policy,
          binding,
          message: `failed to configure binding: ${params.failed}`,
          reason: 'Invalid',
        });
      }
      continue;
    }
    for (const param of params.found) {
      const result = evaluate(policy, request, { cluster, authorizer, param });
      for (const { at, message, reason } of result.violations)
        act(request, { policy, binding, message, reason }, at, outcome);
      for (const [key, value] of result.annotations) {
        const known = annotations.get(key) ?? [];
        if (!known.includes(value)) annotations.set(key, [...known, value]);
      }
    }
  }
  for (const [key, values] of annotations) request.annotate(`${policy.metadata.name}/${key}`, values.join(', '));
}

/** One of the failures that the event of the request is annotated with (policy/validating/dispatcher.go ValidationFailureValue). */
interface AuditedFailure {
  readonly message: string;
  readonly policy: string;
  readonly binding: string;
  readonly expressionIndex: number;
  readonly validationActions: readonly string[];
}
interface Outcome {
  readonly denials: Denial[];
  readonly audited: AuditedFailure[];
}
const FAILURES = 'validation.policy.admission.k8s.io/validation_failure';

function act(
  request: AdmissionRequest,
  denial: Denial & { binding: Binding },
  at: number,
  { denials, audited }: Outcome,
): void {
  const { policy, binding, message } = denial;
  const actions = binding.spec.validationActions ?? [];
  if (actions.includes('Deny')) denials.push(denial);
  if (actions.includes('Audit')) {
    audited.push({
      message,
      policy: policy.metadata.name,
      binding: binding.metadata.name,
      expressionIndex: at,
      validationActions: actions,
    });
  }
  if (actions.includes('Warn')) {
    request.warn(
      `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${message}`,
    );
  }
}

interface Violation {
  readonly at: number;
  readonly message: string;
  readonly reason: string;
}

function evaluate(
  { spec }: Policy,
  request: AdmissionRequest,
  around: Around,
): { violations: Violation[]; annotations: [string, string][] } {
  const program = policyProgram(spec.variables ?? [], { params: spec.paramKind !== undefined, authorizer: true });
  const values = program.values(request, around);
  const run = (expression: string): { value: unknown } | { failed: string } => {
    const compiled = program.expression(expression);
    if ('failed' in compiled) return { failed: `compilation error: compilation failed: ${compiled.failed}` };
    try {
      return { value: compiled.run(values) };
    } catch (error) {
      return { failed: `expression '${expression}' resulted in error: ${(error as Error).message}` };
    }
  };
  const fails = spec.failurePolicy !== 'Ignore';
  const matched = meetsConditions(spec.matchConditions, (expression) => {
    const result = run(expression);
    if ('failed' in result) throw new Error(result.failed);
    return result.value;
  });
  if ('failed' in matched)
    return { violations: fails ? [{ at: 0, message: matched.failed, reason: 'Invalid' }] : [], annotations: [] };
  if (!matched.meets) return { violations: [], annotations: [] };
  const violations = (spec.validations ?? []).flatMap((validation, at): Violation[] => {
    const result = run(validation.expression);
    if ('failed' in result) return fails ? [{ at, message: result.failed, reason: 'Invalid' }] : [];
    if (result.value === true) return [];
    const said = validation.messageExpression === undefined ? undefined : run(validation.messageExpression);
    const expressed = said !== undefined && 'value' in said && typeof said.value === 'string' ? said.value.trim() : '';
    const usable = expressed.length <= MAX_MESSAGE && !expressed.includes('\n') ? expressed : '';
    const message = usable || (validation.message ?? '').trim() || `failed expression: ${validation.expression.trim()}`;
    return [{ at, message, reason: validation.reason ?? 'Invalid' }];
  });
  const annotations = (spec.auditAnnotations ?? []).flatMap(({ key, valueExpression }): [string, string][] => {
    const result = run(valueExpression);
    if ('failed' in result || typeof result.value !== 'string' || result.value.trim() === '') return [];
    return [[key, result.value.trim().slice(0, MAX_ANNOTATION)]];
  });
  return { violations, annotations };
}
