import type { Field } from '../hosts/frames.ts';
import type { Architecture } from '../hosts/kernel-numbers.ts';
import { ANSWERED, CHANGING, OBSERVED, observedCallsFilter } from '../hosts/observed-calls.ts';
import type { Confinement } from './sandbox.ts';

/** What a supervisor is told of what a container is held to, as hosts/agent/observer.pl takes it: the filter of calls that wait, then terms. */
export function confinementFields({ profile, mode, files, sandbox, logged }: Confinement): readonly Field[] {
  const calls = [...OBSERVED, ...(files === undefined ? [] : CHANGING), ...(sandbox === undefined ? [] : ANSWERED)];
  return [
    observedCallsFilter(process.arch as Architecture, calls, logged?.steps),
    profile,
    mode,
    files === undefined ? '' : 1,
    sandbox ?? '',
    logged?.numbers ?? '',
    ...(files ?? []).flatMap(({ kind, access, pattern }) => [kind, access, pattern]),
  ];
}
