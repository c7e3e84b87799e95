import { FlagReader } from '../../kubernetes/flags/flag-reader.ts';
import { parseFlags } from '../../kubernetes/flags/parse.ts';
import { featureGateProblem } from '../../kubernetes/flags/problems/feature-gates.ts';
import { loggingProblems, metricsProblems } from '../../kubernetes/flags/problems/observability.ts';
import { StartupError } from '../../kubernetes/flags/startup-error.ts';
import { oneError } from '../../kubernetes/flags/validate.ts';
import type { ProgramFlags } from './program-flags.ts';
import { UnreadCommandLine } from './settings-error.ts';

/** How a program is elected among its like (component-base/config/types.go LeaderElectionConfiguration). Durations in seconds. */
export interface LeaderElection {
  readonly leaderElect: boolean;
  readonly leaseDuration: number;
  readonly renewDeadline: number;
  readonly retryPeriod: number;
  readonly resourceLock: string;
  readonly resourceName: string;
  readonly resourceNamespace: string;
}

/** What the command line of kube-scheduler or kube-controller-manager comes to. */
export interface ProgramSettings {
  readonly flags: FlagReader;
  readonly kubeconfig: string;
  /** 0 where it serves nothing. */
  readonly port: number;
  readonly address: string;
  /** Paths that anybody may ask for; one that ends in `*` stands for all that begin so. */
  readonly alwaysAllowPaths: readonly string[];
  readonly profiling: boolean;
  readonly leaderElection: LeaderElection;
  /** What it says of flags that it does not take as they are. */
  readonly warnings: readonly string[];
}

const ALWAYS_ALLOWED = ['/healthz', '/readyz', '/livez'];

/**
 * Reads a command line (without the program's own name) and looks whether its flags go together; `more` tells what is wrong beside with
 * those of this program. Throws `UnreadCommandLine`, or a `StartupError` as the program logs it
 * (cmd/kube-scheduler/app/server.go, cmd/kube-controller-manager/app/controllermanager.go).
 */
export function readSettings(
  program: ProgramFlags,
  argv: readonly string[],
  more: (flags: FlagReader) => readonly string[] = () => [],
): ProgramSettings {
  const parsed = parseFlags(argv, program);
  if ('failed' in parsed) throw new UnreadCommandLine(parsed.failed);
  const flags = new FlagReader(parsed.ok);
  const gate = featureGateProblem(flags.list('feature-gates'));
  if (gate !== undefined) throw new StartupError(gate);
  refuse(loggingProblems(flags));
  const port = flags.number('secure-port', program.port);
  refuse([...more(flags), ...portProblem(port), ...metricsProblems(flags)]);
  return {
    flags,
    kubeconfig: flags.text('kubeconfig'),
    port,
    address: flags.text('bind-address', '0.0.0.0'),
    alwaysAllowPaths: flags.has('authorization-always-allow-paths')
      ? flags.list('authorization-always-allow-paths')
      : ALWAYS_ALLOWED,
    profiling: flags.flag('profiling', true),
    leaderElection: withElectionFlags(electionDefaults(program.program), flags),
    warnings: Object.entries(program.deprecated)
      .filter(([name]) => flags.has(name))
      .map(([name, text]) => `Flag --${name} has been deprecated, ${text}`),
  };
}

/** component-base/config/v1alpha1/defaults.go RecommendedDefaultLeaderElectionConfiguration. */
export const electionDefaults = (name: string): LeaderElection => ({
  leaderElect: true,
  leaseDuration: 15,
  renewDeadline: 10,
  retryPeriod: 2,
  resourceLock: 'leases',
  resourceName: name,
  resourceNamespace: 'kube-system',
});

/** Flags win over whatever else says it. */
export const withElectionFlags = (below: LeaderElection, flags: FlagReader): LeaderElection => ({
  leaderElect: flags.flag('leader-elect', below.leaderElect),
  leaseDuration: flags.number('leader-elect-lease-duration', below.leaseDuration),
  renewDeadline: flags.number('leader-elect-renew-deadline', below.renewDeadline),
  retryPeriod: flags.number('leader-elect-retry-period', below.retryPeriod),
  resourceLock: flags.text('leader-elect-resource-lock', below.resourceLock),
  resourceName: flags.text('leader-elect-resource-name', below.resourceName),
  resourceNamespace: flags.text('leader-elect-resource-namespace', below.resourceNamespace),
});

/** Why nobody can be elected so (client-go/tools/leaderelection/leaderelection.go NewLeaderElector, resourcelock/interface.go New). */
export function electionProblem({
  leaderElect,
  leaseDuration,
  renewDeadline,
  retryPeriod,
  resourceLock,
}: LeaderElection): string | undefined {
  if (!leaderElect) return undefined;
  if (resourceLock !== 'leases') return `couldn't create resource lock: Invalid lock-type ${resourceLock}`;
  const elector = (why: string): string => `couldn't create leader elector: ${why}`;
  if (leaseDuration <= renewDeadline) return elector('leaseDuration must be greater than renewDeadline');
  if (renewDeadline <= JITTER * retryPeriod)
    return elector('renewDeadline must be greater than retryPeriod*JitterFactor');
  if (leaseDuration < 1e-9) return elector('leaseDuration must be greater than zero');
  if (retryPeriod < 1e-9) return elector('retryPeriod must be greater than zero');
  return undefined;
}

const JITTER = 1.2;

/** SecureServingOptions.Validate (apiserver/pkg/server/options/serving.go): these programs may do without. */
const portProblem = (port: number): readonly string[] =>
  port < 0 || port > 65_535
    ? [`--secure-port ${port} must be between 0 and 65535, inclusive. 0 for turning off secure port`]
    : [];

/** Throws a `StartupError` with all of them, if there are any. */
export function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new StartupError(oneError(problems));
}
