import type { ReadFile } from '../../kubernetes/flags/read-file.ts';
import { StartupError } from '../../kubernetes/flags/startup-error.ts';
import { SCHEDULER_FLAGS } from './program-flags.ts';
import { electionProblem, type ProgramSettings, readSettings, refuse, withElectionFlags } from './program-settings.ts';
import { configProblems, DEFAULT_PROFILE, schedulerConfig, seconds, withoutEffect } from './scheduler-config-file.ts';
import { UnreadCommandLine } from './settings-error.ts';

export interface SchedulerSettings extends ProgramSettings {
  /** The names of its profiles: it places the pods that ask for one of them. */
  readonly schedulerNames: readonly string[];
}

/** What cobra says before the error, as this program does not silence it (component-base/cli/run.go). */
const USAGE = 'Usage:\n  kube-scheduler [flags]\n\nnot simulated: the list of the flags of kube-scheduler\n\n';

/**
 * Reads kube-scheduler's command line and the file of its `--config`, beside which only the flags of leader election count
 * (cmd/kube-scheduler/app/options/options.go ApplyTo). Throws `UnreadCommandLine` or `StartupError`.
 */
export async function schedulerSettings(argv: readonly string[], read: ReadFile): Promise<SchedulerSettings> {
  const given = fromFlags(argv);
  const path = given.flags.text('config');
  const settings = path === '' ? { ...given, schedulerNames: [DEFAULT_PROFILE] } : await withConfig(given, path, read);
  const unelected = electionProblem(settings.leaderElection);
  if (unelected !== undefined) throw new StartupError(unelected);
  if (given.flags.text('write-config-to') !== '')
    throw new StartupError('not simulated: --write-config-to of kube-scheduler');
  return settings;
}

function fromFlags(argv: readonly string[]): ProgramSettings {
  try {
    return readSettings(SCHEDULER_FLAGS, argv);
  } catch (error) {
    if (error instanceof UnreadCommandLine) throw new UnreadCommandLine(USAGE + error.message, { cause: error });
    throw error;
  }
}

async function withConfig(given: ProgramSettings, path: string, read: ReadFile): Promise<SchedulerSettings> {
  const config = await schedulerConfig(path, read);
  const { leaseDuration, renewDeadline, retryPeriod, ...names } = config.leaderElection;
  const below = {
    ...names,
    leaseDuration: seconds(leaseDuration),
    renewDeadline: seconds(renewDeadline),
    retryPeriod: seconds(retryPeriod),
  };
  const leaderElection = withElectionFlags(below, given.flags);
  refuse(configProblems(config, leaderElection));
  return {
    ...given,
    kubeconfig: config.clientConnection.kubeconfig,
    profiling: config.enableProfiling,
    leaderElection,
    schedulerNames: config.schedulerNames,
    warnings: [...given.warnings, ...withoutEffect(config)],
  };
}
