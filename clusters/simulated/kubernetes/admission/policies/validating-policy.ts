import { ApiError } from '../../status.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import { selects } from '../../authorization/selector.ts';
import type { LabelSelector } from '../../authorization/rules.ts';
import { asCel, celEnvironment, celError, compile, type Program } from '../cel/environment.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { reviewRequest } from './admission-review-request.ts';
import { isAdmissionConfiguration, matchesResources, type MatchResources } from './match.ts';

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
interface Binding extends KubeObject {
  spec: {
    policyName: string;
    validationActions?: string[];
    matchResources?: MatchResources;
    paramRef?: {
      name?: string;
      namespace?: string;
      selector?: LabelSelector;
      parameterNotFoundAction?: 'Allow' | 'Deny';
    };
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
/** Longest text of a messageExpression and of an audit annotation, in characters. */
const MAX_MESSAGE = 5 * 1024;
const MAX_ANNOTATION = 10 * 1024;

/** apiserver/pkg/admission/plugin/policy/validating, with the texts of its dispatcher and validator. */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  validate(request, cluster) {
    if (isAdmissionConfiguration(request)) return;
    const policies = cluster.list(cluster.resource('validatingadmissionpolicies', GROUP)) as readonly Policy[];
    if (policies.length === 0) return;
    const bindings = cluster.list(cluster.resource('validatingadmissionpolicybindings', GROUP)) as readonly Binding[];
    const denials: Denial[] = [];
    for (const policy of policies) {
      const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
      if (own.length === 0 || !matchesResources(policy.spec.matchConstraints, request, cluster)) continue;
      judgeBy(policy, own, request, cluster, denials);
    }
    const [first] = denials;
    if (first !== undefined) throw denied(request, first);
  },
};

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
  cluster: Cluster,
  denials: Denial[],
): void {
  const annotations = new Map<string, string[]>();
  const fails = policy.spec.failurePolicy !== 'Ignore';
  for (const binding of bindings) {
    if (!matchesResources(binding.spec.matchResources, request, cluster)) continue;
    const params = paramsOf(policy, binding, request, cluster);
    if ('failed' in params) {
      if (fails) {
        denials.push({ policy, binding, message: `failed to configure binding: ${params.failed}`, reason: 'Invalid' });
      }
      continue;
    }
    for (const param of params.found) {
      const result = evaluate(policy, request, cluster, param);
      for (const { at, message, reason } of result.violations)
        act(request, { policy, binding, message, reason }, at, denials);
      for (const [key, value] of result.annotations) {
        const known = annotations.get(key) ?? [];
        if (!known.includes(value)) annotations.set(key, [...known, value]);
      }
    }
  }
  for (const [key, values] of annotations) request.annotate(`${policy.metadata.name}/${key}`, values.join(', '));
}

function act(request: AdmissionRequest, denial: Denial & { binding: Binding }, at: number, denials: Denial[]): void {
  const { policy, binding, message } = denial;
  const actions = binding.spec.validationActions ?? [];
  if (actions.includes('Deny')) denials.push(denial);
  if (actions.includes('Audit')) {
    const failure = {
      message,
      policy: policy.metadata.name,
      binding: binding.metadata.name,
      expressionIndex: at,
      validationActions: actions,
    };
    request.annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify([failure]));
  }
  if (actions.includes('Warn')) {
    request.warn(
      `Validation failed for ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}': ${message}`,
    );
  }
}

/** The objects a binding hands to its policy, one evaluation each; a policy without paramKind is evaluated once without (generic/policy_dispatcher.go CollectParams). */
function paramsOf(
  { spec: { paramKind } }: Policy,
  { spec: { paramRef } }: Binding,
  request: AdmissionRequest,
  cluster: Cluster,
): { readonly found: readonly (KubeObject | undefined)[] } | { readonly failed: string } {
  if (paramKind === undefined || paramRef === undefined) return { found: [undefined] };
  const resource = cluster.resourceOfKind(paramKind.apiVersion, paramKind.kind);
  if (resource === undefined) {
    return {
      failed: `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    };
  }
  const namespace = resource.namespaced ? (paramRef.namespace ?? request.namespace) : '';
  if (resource.namespaced && namespace === '') {
    return { failed: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
  }
  const { name, selector } = paramRef;
  const one = name === undefined ? undefined : cluster.get(resource, namespace, name);
  const found =
    name === undefined
      ? cluster
          .list(resource, resource.namespaced ? namespace : undefined)
          .filter(({ metadata }) => selects(selector ?? {}, metadata.labels))
      : one === undefined
        ? []
        : [one];
  if (found.length > 0) return { found };
  if (paramRef.parameterNotFoundAction === 'Allow') return { found: [] };
  return { failed: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
}

const VARIABLES = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'variables'];
const environment = celEnvironment(VARIABLES);
const programs = new Map<string, Program>();
const MAX_PROGRAMS = 2000;

function program(expression: string): Program {
  let known = programs.get(expression);
  if (known === undefined) {
    if (programs.size >= MAX_PROGRAMS) programs.clear();
    known = compile(environment, expression);
    programs.set(expression, known);
  }
  return known;
}

interface Violation {
  readonly at: number;
  readonly message: string;
  readonly reason: string;
}

function evaluate(
  { spec }: Policy,
  request: AdmissionRequest,
  cluster: Cluster,
  param: KubeObject | undefined,
): { violations: Violation[]; annotations: [string, string][] } {
  const values = variablesOf(spec.variables ?? [], request, cluster, param);
  const run = (expression: string): { value: unknown } | { failed: string } => {
    const compiled = program(expression);
    if ('failed' in compiled) return { failed: `compilation error: compilation failed: ${compiled.failed}` };
    try {
      return { value: compiled.run(values) };
    } catch (error) {
      return { failed: `expression '${expression}' resulted in error: ${celError(error)}` };
    }
  };
  const fails = spec.failurePolicy !== 'Ignore';
  for (const condition of spec.matchConditions ?? []) {
    const result = run(condition.expression);
    if ('failed' in result)
      return { violations: fails ? [{ at: 0, message: result.failed, reason: 'Invalid' }] : [], annotations: [] };
    if (result.value !== true) return { violations: [], annotations: [] };
  }
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

/** `variables` are lazy: each is evaluated when an expression first names it, once a request (cel/composition.go). */
function variablesOf(
  definitions: readonly { name: string; expression: string }[],
  request: AdmissionRequest,
  cluster: Cluster,
  param: KubeObject | undefined,
): Record<string, unknown> {
  const isNamespace = request.resource.group === '' && request.resource.plural === 'namespaces';
  const namespace =
    request.namespace === '' || isNamespace
      ? undefined
      : cluster.get(cluster.resource('namespaces'), '', request.namespace);
  const variables: Record<string, unknown> = {};
  const values: Record<string, unknown> = {
    object: asCel(request.object ?? null),
    oldObject: asCel(request.oldObject ?? null),
    request: asCel(reviewRequest(request)),
    params: asCel(param ?? null),
    namespaceObject: asCel(namespace ?? null),
    variables,
  };
  for (const { name, expression } of definitions) {
    Object.defineProperty(variables, name, {
      enumerable: true,
      configurable: true,
      get() {
        const compiled = program(expression);
        if ('failed' in compiled) throw new Error(`composited variable "${name}" fails to compile: ${compiled.failed}`);
        const value: unknown = compiled.run(values);
        Object.defineProperty(variables, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return values;
}
