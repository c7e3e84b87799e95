import { admissionProblems } from './admission-config.ts';
import { authorizationProblems } from './authorization-config.ts';
import type { FlagReader } from './flag-reader.ts';
import { auditProblems } from './problems/audit.ts';
import { authenticationProblems, tokenRequestProblems } from './problems/authentication.ts';
import { featureGateProblem } from './problems/feature-gates.ts';
import { genericProblems } from './problems/generic.ts';
import { loggingProblems, metricsProblems, peerProblems } from './problems/observability.ts';
import { fairnessProblems, runtimeConfigProblems } from './problems/runtime-config.ts';
import { serviceProblems, serviceRangeProblem } from './problems/services.ts';
import { storageProblems } from './problems/storage.ts';
import { StartupError } from './startup-error.ts';

/**
 * Whether the flags go together, before any file is read. Throws a `StartupError` with all that is wrong, in upstream's order and as it
 * joins them (pkg/controlplane/apiserver/options/validation.go, cmd/kube-apiserver/app/options/validation.go).
 */
export function validateFlags(flags: FlagReader): void {
  // Feature gates, logging and the range of Services are set up one after the other, each of which may end the start.
  const gate = featureGateProblem(flags.list('feature-gates'));
  if (gate !== undefined) throw new StartupError(gate);
  refuse(loggingProblems(flags));
  const range = serviceRangeProblem(flags);
  if (range !== undefined) throw new StartupError(range);
  refuse([
    ...genericProblems(flags),
    ...storageProblems(flags),
    ...fairnessProblems(flags),
    ...portProblems(flags),
    ...authenticationProblems(flags),
    ...authorizationProblems(flags),
    ...auditProblems(flags),
    ...admissionProblems(flags),
    ...runtimeConfigProblems(flags),
    ...tokenRequestProblems(flags),
    ...metricsProblems(flags),
    ...peerProblems(flags),
    ...serviceProblems(flags),
  ]);
}

/** SecureServingOptions.Validate (apiserver/pkg/server/options/serving.go). */
function portProblems(flags: FlagReader): string[] {
  const port = flags.number('secure-port', 6443);
  return port < 1 || port > 65535
    ? [`--secure-port ${port} must be between 1 and 65535, inclusive. It cannot be turned off with 0`]
    : [];
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new StartupError(oneError(problems));
}

/** One problem stands alone, several in brackets, none twice (apimachinery/pkg/util/errors Aggregate). At least one is given. */
export function oneError(problems: readonly string[]): string {
  const different = [...new Set(problems)];
  return different.length === 1 ? different.join('') : `[${different.join(', ')}]`;
}
