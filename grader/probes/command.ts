import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { messageOf, type Observation, observed, unobservable, within } from './observation.ts';

const OUTPUT_BYTES = 256 * 1024;

/**
 * Runs a program on a host, without a shell. Believe it only as far as the host's own programs can be believed: the learner is root there.
 * Fact: `{ exitCode, stdout, stderr }`, the texts as UTF-8 and at most 256 KB each. Unobservable when it does not end in time.
 */
export async function observeCommand(
  probe: Extract<Probe, { kind: 'command' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const what = `${probe.host}$ ${probe.argv.join(' ')}`;
  const time = within(signal, probe.timeout);
  const host = await lab.host(probe.host);
  try {
    const { exitCode, stdout, stderr } = await host.exec(probe.argv, {
      ...(probe.stdin === undefined ? {} : { stdin: probe.stdin }),
      maxBytes: OUTPUT_BYTES,
      signal: time.signal,
    });
    const fact = { exitCode, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
    return observed(
      fact,
      `${what}\nexit ${exitCode}\n${fact.stdout.slice(0, 300)}${fact.stderr.slice(0, 200)}`.trimEnd(),
    );
  } catch (error) {
    signal.throwIfAborted();
    return unobservable(time.expired() ? `${what}: not done in ${probe.timeout} s` : `${what}: ${messageOf(error)}`);
  }
}
