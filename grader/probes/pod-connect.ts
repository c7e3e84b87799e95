import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { podExec } from '../kube/pod-exec.ts';
import { type Observation, observed, unobservable, within } from './observation.ts';

/**
 * Connects with what images have: bash, else busybox's nc. Address, port and seconds are arguments, never part of the text.
 * The last line tells what the exit status says; the tools' own words on standard error tell the rest.
 */
const SCRIPT = `
if command -v bash >/dev/null 2>&1; then timeout "$3" bash -c ': >"/dev/tcp/$0/$1"' "$1" "$2"
elif command -v nc >/dev/null 2>&1; then nc -w "$3" "$1" "$2" -e true
else echo breachlab:no-tool; exit; fi
case $? in 0) echo breachlab:open;; 124|143) echo breachlab:timeout;; *) echo breachlab:failed;; esac
`;

/**
 * Connects from inside the first running pod with those labels.
 * Fact: `{ state: 'open' | 'refused' | 'timeout' | 'unreachable' | 'unresolved' }`. Unobservable when there is no such pod, no shell or
 * nothing to connect with in its image.
 */
export async function observePodConnect(
  probe: Extract<Probe, { kind: 'pod-connect' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const seconds = String(Math.ceil(probe.timeout));
  // Besides the connection, exec itself takes its time.
  const time = within(signal, probe.timeout + 5);
  const ended = await podExec(await lab.kubeAccess('admin'), {
    namespace: probe.namespace,
    labelSelector: probe.labelSelector,
    argv: ['sh', '-c', SCRIPT, 'probe', probe.to, String(probe.port), seconds],
    signal: time.signal,
  });
  signal.throwIfAborted();
  if (ended.outcome === 'not-run') return unobservable(ended.reason);
  const state = connectionState(ended.stdout, ended.stderr);
  if (state === undefined)
    return unobservable(`${ended.pod} has nothing to connect with: ${ended.stderr.slice(0, 200)}`);
  return observed({ state }, `${ended.pod} → ${probe.to}:${probe.port}: ${state}`);
}

/** What the script's last word and the tools' messages (busybox and glibc) say; undefined when the image has no tool. */
export function connectionState(stdout: string, stderr: string): string | undefined {
  const word = /breachlab:([a-z-]+)\s*$/.exec(stdout)?.[1];
  if (word === 'open' || word === 'timeout') return word;
  if (word !== 'failed') return undefined;
  if (/refused/i.test(stderr)) return 'refused';
  if (/bad address|not known|name resolution|Name or service/i.test(stderr)) return 'unresolved';
  if (/timed out/i.test(stderr)) return 'timeout';
  if (/unreachable|no route/i.test(stderr)) return 'unreachable';
  return undefined;
}
