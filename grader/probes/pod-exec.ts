import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { podExec } from '../kube/pod-exec.ts';
import { type Observation, observed, unobservable, within } from './observation.ts';

/**
 * Runs a program in the first running pod with those labels. Fact: `{ exitCode, stdout, stderr }`, texts of at most 256 KB.
 * Unobservable when there is no such pod or the program cannot be started there.
 */
export async function observePodExec(
  probe: Extract<Probe, { kind: 'pod-exec' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const time = within(signal, probe.timeout);
  const ended = await podExec(await lab.kubeAccess('admin'), { ...probe, signal: time.signal });
  signal.throwIfAborted();
  if (ended.outcome === 'not-run') return unobservable(ended.reason);
  const { exitCode, stdout, stderr, pod } = ended;
  return observed(
    { exitCode, stdout, stderr },
    `${pod}$ ${probe.argv.join(' ')}\nexit ${exitCode}\n${stdout.slice(0, 300)}${stderr.slice(0, 200)}`.trimEnd(),
  );
}
