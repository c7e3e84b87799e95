import { Environment } from '@marcbachmann/cel-js';
import { AUTHORIZER_TYPE, authorizerLibrary } from './libraries/authorizer.ts';
import { comprehensions } from './libraries/comprehensions.ts';
import { formats } from './libraries/formats.ts';
import { lists } from './libraries/lists.ts';
import { networks } from './libraries/networks.ts';
import { quantities } from './libraries/quantities.ts';
import { semver } from './libraries/semver.ts';
import { strings } from './libraries/strings.ts';
import { urls } from './libraries/urls.ts';

/** Larger expressions do not compile. Nested calls of cel-js' parser and evaluator use the stack of JavaScript. */
const LIMITS = { maxAstNodes: 5000, maxDepth: 60 } as const;

/**
 * CEL with Kubernetes' libraries (https://kubernetes.io/docs/reference/using-api/cel/): lists, sets, regex, url, ip, cidr, quantity,
 * semver, format, cel-go's strings and encoders, and comprehensions over two variables. Compile with `compile` of program.ts, which
 * bounds what expressions may cost. `authorizer` has its own type.
 */
export function celEnvironment(variables: readonly string[]): Environment {
  const environment = libraries.clone();
  for (const name of variables) environment.registerVariable(name, name === 'authorizer' ? AUTHORIZER_TYPE : 'dyn');
  return environment;
}

const libraries = new Environment({
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
  limits: LIMITS,
});
for (const register of [
  lists,
  comprehensions,
  strings,
  quantities,
  networks,
  urls,
  semver,
  formats,
  authorizerLibrary,
]) {
  register(libraries);
}
