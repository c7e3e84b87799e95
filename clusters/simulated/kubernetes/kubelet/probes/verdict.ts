import type { Container, Probe } from '../../model/generated/objects.ts';

export type ProbeKind = 'Startup' | 'Liveness' | 'Readiness';

/** What one try of a probe came to. `isFinal`: it would be the same for as long as the container runs. */
export interface ProbeOutcome {
  readonly succeeded: boolean;
  /** What the event says of a failure. */
  readonly message: string;
  readonly isFinal?: boolean;
}

/** What a probe holds of a container by now. */
export interface Verdict {
  /** Undefined while the tries have not yet come to anything. */
  readonly holds: boolean | undefined;
  /** How the last tries ended, and how many in a row. */
  readonly last: boolean | undefined;
  readonly inARow: number;
}

/** What is held of a container before its first probe (pkg/kubelet/prober/worker.go newWorker). */
export const firstVerdict = (kind: ProbeKind): Verdict => ({
  holds: { Startup: undefined, Liveness: true, Readiness: false }[kind],
  last: undefined,
  inARow: 0,
});

/** The verdict after another try: it changes only once the threshold is reached (pkg/kubelet/prober/worker.go doProbe). */
export function after(before: Verdict, succeeded: boolean, probe: Probe): Verdict {
  const inARow = before.last === succeeded ? before.inARow + 1 : 1;
  const needed = succeeded ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return { holds: inARow < needed ? before.holds : succeeded, last: succeeded, inARow };
}

/** The probes that a container has. */
export const probesOf = ({ startupProbe, livenessProbe, readinessProbe }: Container): [ProbeKind, Probe][] =>
  (
    [
      ['Startup', startupProbe],
      ['Liveness', livenessProbe],
      ['Readiness', readinessProbe],
    ] as const
  ).flatMap(([kind, probe]) => (probe === undefined ? [] : [[kind, probe] as [ProbeKind, Probe]]));
