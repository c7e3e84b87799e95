import type { Environment } from '@marcbachmann/cel-js';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import { celEnvironment } from '../cel/environment.ts';
import { CelAuthorizer } from '../cel/libraries/authorizer.ts';
import { compile, type Program } from '../cel/program.ts';
import { asCel } from '../cel/values.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { reviewRequest } from './admission-review-request.ts';

export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/** What a policy's expressions may name besides its variables. */
export interface Declared {
  readonly params: boolean;
  readonly authorizer: boolean;
}

/** The values of `variables`: cel-js knows the type by its class. */
class Variables {
  readonly [name: string]: unknown;
}

/** Each value is made when an expression first names it, once a request (cel/composition.go). */
function lazyVariables(
  definitions: readonly Variable[],
  programOf: (name: string) => Program,
  values: () => Record<string, unknown>,
): Variables {
  const variables = new Variables();
  for (const { name } of definitions) {
    Object.defineProperty(variables, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        const program = programOf(name);
        if ('failed' in program) throw new Error(`composited variable "${name}" fails to compile: ${program.failed}`);
        const value = evaluated(name, () => program.run(values()));
        Object.defineProperty(variables, name, { value, enumerable: true });
        return value;
      },
    });
  }
  return variables;
}

function evaluated(name: string, run: () => unknown): unknown {
  try {
    return run();
  } catch (cause) {
    throw new Error(`composited variable "${name}" fails to evaluate: ${(cause as Error).message}`, { cause });
  }
}

const VARIABLES_TYPE = 'kubernetes.variables';
const MOST_KEPT = 1000;

/** The compiled expressions of one set of variables. Expressions compile once a process. */
export class PolicyProgram {
  readonly #environment: Environment;
  readonly #programs = new Map<string, Program>();
  readonly #variables: readonly Variable[];

  /** Variables see the ones before them, and have the types of their expressions; `base` has the other names. */
  constructor(variables: readonly Variable[], base: Environment) {
    this.#variables = variables;
    const fields: Record<string, string> = {};
    let environment = withVariables(base, fields);
    for (const { name, expression } of variables) {
      const program = compile(environment, expression);
      this.#programs.set(`variable ${name}`, program);
      fields[name] =
        'failed' in program ? 'dyn' : program.type.replace(/^list$/, 'list<dyn>').replace(/^map$/, 'map<dyn, dyn>');
      environment = withVariables(base, fields);
    }
    this.#environment = environment;
  }

  variable(name: string): Program {
    return this.#programs.get(`variable ${name}`) ?? { failed: 'no such variable' };
  }

  expression(expression: string): Program {
    const known = this.#programs.get(`expression ${expression}`);
    if (known !== undefined) return known;
    const made = compile(this.#environment, expression);
    if (this.#programs.size < MOST_KEPT) this.#programs.set(`expression ${expression}`, made);
    return made;
  }

  /** What the expressions name, for one request and one parameter. */
  values(request: AdmissionRequest, around: Around): Record<string, unknown> {
    const values: Record<string, unknown> = {
      ...requestValues(request),
      params: asCel(around.param ?? null),
      namespaceObject: asCel(namespaceOf(request, around.cluster) ?? null),
      authorizer: authorizerOf(request, around.authorizer),
    };
    values['variables'] = lazyVariables(
      this.#variables,
      (name) => this.variable(name),
      () => values,
    );
    return values;
  }
}

export interface Around {
  readonly cluster: Cluster;
  readonly authorizer: Authorizer;
  readonly param: KubeObject | undefined;
}

/** `object`, `oldObject` and `request`. */
export const requestValues = (request: AdmissionRequest): Record<string, unknown> => ({
  object: asCel(request.object ?? null),
  oldObject: asCel(request.oldObject ?? null),
  request: asCel(reviewRequest(request)),
});

export const authorizerOf = (request: AdmissionRequest, authorizer: Authorizer): CelAuthorizer =>
  new CelAuthorizer(request.user, authorizer, {
    group: request.resource.group,
    version: request.resource.version,
    resource: request.resource.plural,
    subresource: request.subresource,
    namespace: request.namespace,
    name: request.name,
  });

function withVariables(base: Environment, fields: Readonly<Record<string, string>>): Environment {
  const environment = base.clone();
  const declare = (types: Readonly<Record<string, string>>): Environment =>
    environment
      .registerType(VARIABLES_TYPE, { ctor: Variables, fields: { ...types } })
      .registerVariable('variables', VARIABLES_TYPE);
  try {
    return declare(fields);
  } catch {
    // A type that cannot be a field's (cel-js names some that it does not read).
    const plain = base.clone();
    return plain
      .registerType(VARIABLES_TYPE, {
        ctor: Variables,
        fields: Object.fromEntries(Object.keys(fields).map((name) => [name, 'dyn'])),
      })
      .registerVariable('variables', VARIABLES_TYPE);
  }
}

function namespaceOf(request: AdmissionRequest, cluster: Cluster): KubeObject | undefined {
  const isNamespace = request.resource.group === '' && request.resource.plural === 'namespaces';
  return request.namespace === '' || isNamespace
    ? undefined
    : cluster.get(cluster.resource('namespaces'), '', request.namespace);
}

/** Programs by what they are made of, forgotten together at some point. */
const kept = new Map<string, PolicyProgram>();

export function policyProgram(variables: readonly Variable[], declared: Declared): PolicyProgram {
  const key = JSON.stringify([variables.map(({ name, expression }) => [name, expression]), declared]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const names = ['object', 'oldObject', 'request', 'namespaceObject'];
  if (declared.params) names.push('params');
  if (declared.authorizer) names.push('authorizer');
  const made = new PolicyProgram(variables, celEnvironment(names));
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, made);
  return made;
}
