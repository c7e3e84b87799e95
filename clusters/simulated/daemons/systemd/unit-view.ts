import type { Ending } from './ending.ts';
import type { SocketView } from './sockets.ts';
import type { UnitDefinition } from './unit-files.ts';

export type UnitState =
  /** `hasExited`: what ran is done, and the unit counts as active (`RemainAfterExit=`). */
  | { readonly active: 'inactive' | 'active'; readonly since: Date | undefined; readonly hasExited?: true }
  | { readonly active: 'failed' | 'activating'; readonly since: Date; readonly ending: Ending };

export interface UnitView {
  readonly definition: UnitDefinition;
  readonly state: UnitState;
  /** Its main process, or the last one, as far as that has a number on the host. */
  readonly main: MainProcess | undefined;
  /** Starts that systemd made of itself since somebody last made one. */
  readonly restarts: number;
  /** Of a socket unit that is active. */
  readonly socket: SocketView | undefined;
  /** The services that it starts, or the sockets that start it. */
  readonly triggers: readonly string[];
  readonly triggeredBy: readonly string[];
}

export interface MainProcess {
  readonly pid: number;
  /** Its program's. */
  readonly name: string;
  readonly words: readonly string[];
  /** Undefined while it runs. */
  readonly ending: Ending | undefined;
}

export interface JobResult {
  readonly outcome:
    | 'done'
    | 'not-found'
    | 'masked'
    | 'bad-setting'
    | 'inactive'
    | 'no-reload'
    | 'failed'
    | 'dependency';
}

/** `exists`: a file of its own stands where the mask would go. */
export type FileChange =
  | { readonly outcome: 'done'; readonly lines: readonly string[] }
  | { readonly outcome: 'not-found' | 'masked' | 'exists' };
