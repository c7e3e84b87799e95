import type { ExecOptions, Host } from '../../clusters/cluster.ts';
import type { HostName } from '../../protocol/host.ts';

/** `workstation` and `node01` of a lab, without its cluster. */
export interface HostsUnderTest {
  readonly on: (name: HostName) => Host;
  /** Runs a shell line; the output of both streams, and the status unless it is 0. */
  readonly sh: (name: HostName, line: string, options?: Partial<ExecOptions>) => Promise<string>;
}

/** Long enough for one call on a busy machine. */
export const soon = (): AbortSignal => AbortSignal.timeout(30_000);
