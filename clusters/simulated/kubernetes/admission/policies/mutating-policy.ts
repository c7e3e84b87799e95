import { mergeConfiguration } from '../../apiserver/apply/merge.ts';
import { JsonPatchError, patchInPlace, type JsonOperation } from '../../apiserver/patch/json-operations.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { KubeObject } from '../../object.ts';
import { ApiError } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import { CostExceeded, MOST_PER_REQUEST, within } from '../cel/budget.ts';
import { withMapsForObjects } from '../cel/object-literals.ts';
import type { Program } from '../cel/program.ts';
import { fromCel } from '../cel/values.ts';
import { forbid } from '../forbid.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import type { Asked, Reinvocation } from '../reinvocation.ts';
import { paramsOf, type Binding } from './bindings.ts';
import { asMatched, takeBack } from './equivalent.ts';
import { isAdmissionConfiguration, matchesResources, type MatchResources } from './match.ts';
import { meetsConditions } from './match-conditions.ts';
import { policyProgram, type PolicyProgram, type Variable } from './policy-program.ts';

interface Mutation {
  patchType?: 'ApplyConfiguration' | 'JSONPatch';
  applyConfiguration?: { expression: string };
  jsonPatch?: { expression: string };
}
interface Policy extends KubeObject {
  spec: {
    failurePolicy?: 'Fail' | 'Ignore';
    paramKind?: { apiVersion: string; kind: string };
    matchConstraints?: MatchResources;
    reinvocationPolicy?: 'Never' | 'IfNeeded';
    matchConditions?: { name: string; expression: string }[];
    variables?: Variable[];
    mutations?: Mutation[];
  };
}

const GROUP = 'admissionregistration.k8s.io';
/** Fields that a configuration may not set (apiserver/pkg/admission/plugin/policy/mutating/patch/smd.go). */
const OWN_METADATA = new Set(['name', 'namespace', 'generateName', 'uid', 'selfLink', 'managedFields']);

const NAME = 'MutatingAdmissionPolicy';

/** apiserver/pkg/admission/plugin/policy/mutating: policies in order, each seeing what the ones before did. Refusals have its words. */
export const mutatingAdmissionPolicy = (authorizer: Authorizer): AdmissionPlugin => ({
  name: NAME,
  mutate(request, cluster, run) {
    if (isAdmissionConfiguration(request) || request.object === undefined) return;
    const policies = cluster.list(cluster.resource('mutatingadmissionpolicies', GROUP)) as readonly Policy[];
    if (policies.length === 0) return;
    const bindings = cluster.list(cluster.resource('mutatingadmissionpolicybindings', GROUP)) as readonly Binding[];
    const asked = run.askedBy(NAME);
    if (run.second) asked.foundAs(request.object);
    for (const policy of policies) {
      const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
      const row = own.length === 0 ? undefined : matchesResources(policy.spec.matchConstraints, request, cluster);
      if (row === undefined) continue;
      const shown = asMatched(request, row);
      for (const binding of own) applyBinding(policy, binding, shown, { cluster, authorizer, run, asked });
      takeBack(request, shown);
    }
    asked.leftAs(request.object);
  },
});

interface Parts {
  readonly cluster: Cluster;
  readonly authorizer: Authorizer;
  readonly run: Reinvocation;
  readonly asked: Asked;
}

function applyBinding(policy: Policy, binding: Binding, request: AdmissionRequest, parts: Parts): void {
  if (matchesResources(binding.spec.matchResources, request, parts.cluster) === undefined) return;
  try {
    const params = paramsOf(policy.spec.paramKind, binding, request, parts.cluster);
    if ('failed' in params) throw new Error(`failed to configure binding: ${params.failed}`);
    within(MOST_PER_REQUEST, () => {
      for (const param of params.found) mutateOnce(policy, binding, request, { ...parts, param });
    });
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (policy.spec.failurePolicy === 'Ignore') return;
    const why =
      error instanceof CostExceeded ? 'mutation failed due to running out of cost budget' : (error as Error).message;
    const text = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${why}`;
    const { message, details } = forbid(request, text);
    throw new ApiError(422, 'Invalid', message, {
      ...details,
      causes: [{ message: text } as { reason: string; message: string }],
    });
  }
}

/** A policy with one parameter, unless this is a second run that it is not wanted in. */
function mutateOnce(
  policy: Policy,
  binding: Binding,
  request: AdmissionRequest,
  around: Parts & Parameters<PolicyProgram['values']>[1],
): void {
  const { run, asked, param } = around;
  const { name: paramName, namespace: paramNamespace } = param?.metadata ?? {};
  const key = JSON.stringify([policy.metadata.name, binding.metadata.name, paramNamespace, paramName]);
  if (run.second && !asked.isDue(key)) return;
  const before = JSON.stringify(request.object);
  if (!mutateBy(policy, request, around)) return;
  if (JSON.stringify(request.object) !== before) {
    asked.changed();
    run.needed = true;
  }
  if (policy.spec.reinvocationPolicy === 'IfNeeded') asked.remember(key);
}

/** Expressions see the object as the mutations before theirs left it. False where the policy's conditions leave it out. */
function mutateBy(
  { spec }: Policy,
  request: AdmissionRequest,
  around: Parameters<PolicyProgram['values']>[1],
): boolean {
  const program = policyProgram(spec.variables ?? [], { params: spec.paramKind !== undefined, authorizer: true });
  const object = request.object;
  if (object === undefined) return false;
  const matched = meetsConditions(spec.matchConditions, (expression) =>
    run(program.expression(expression), expression, program.values(request, around)),
  );
  if ('failed' in matched) throw new Error(matched.failed);
  if (!matched.meets) return false;
  for (const mutation of spec.mutations ?? []) {
    const source =
      (mutation.patchType === 'JSONPatch' ? mutation.jsonPatch : mutation.applyConfiguration)?.expression ?? '';
    const result = fromCel(run(mutationProgram(program, source), source, program.values(request, around)));
    if (mutation.patchType === 'JSONPatch') patch(object, result);
    else configure(object, result, request);
  }
  return true;
}

/** Object literals are maps to this evaluator. */
function mutationProgram(program: PolicyProgram, source: string): Program {
  return program.expression(withMapsForObjects(source) ?? source);
}

function run(program: Program, expression: string, values: Record<string, unknown>): unknown {
  if ('failed' in program) throw new Error(`compilation error: compilation failed: ${program.failed}`);
  try {
    return program.run(values);
  } catch (error) {
    throw new Error(`expression '${expression}' resulted in error: ${(error as Error).message}`, { cause: error });
  }
}

function patch(object: KubeObject, result: unknown): void {
  if (!Array.isArray(result)) throw new Error('type mismatch: JSONPatchType.List');
  try {
    patchInPlace(object, result as JsonOperation[]);
  } catch (error) {
    if (error instanceof JsonPatchError) throw new Error(`JSON Patch: ${error.message}`, { cause: error });
    throw error;
  }
}

function configure(object: KubeObject, result: unknown, { resource }: AdmissionRequest): void {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) {
    throw new Error('must evaluate to an ApplyConfiguration but got a value of another type');
  }
  const metadata = ((result as Partial<KubeObject>).metadata ?? {}) as unknown as Record<string, unknown>;
  const forbidden = Object.keys(metadata).find((field) => OWN_METADATA.has(field));
  if (forbidden !== undefined) throw new Error(`invalid ApplyConfiguration: may not mutate metadata.${forbidden}`);
  const configuration = { ...result, apiVersion: object.apiVersion, kind: object.kind } as KubeObject;
  const merged = mergeConfiguration(object, configuration, resource);
  const { metadata: mergedMetadata, ...rest } = structuredClone(merged);
  Object.assign(object, rest, { metadata: { ...object.metadata, ...mergedMetadata } });
}
