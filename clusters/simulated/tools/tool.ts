import type { HostName } from '../../../protocol/host.ts';
import type { Clock } from '../clock.ts';
import type { Command, SimulatedHost } from '../hosts/simulated-host.ts';
import type { TemplateEntry } from '../hosts/template-entry.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import type { ContainerEvents } from './falco/events.ts';

/**
 * A security tool that a learner expects on a machine, as the lab models it: it reads the files, flags, objects and images of this lab,
 * and speaks with the real tool's options, ids and texts. `--version` says that it is the lab's model; what it does not do it refuses
 * with `not simulated: …` and exit status 1.
 */
export interface Tool {
  /** What is typed. */
  readonly name: string;
  /** Where its package has it, if that is not /usr/local/bin. */
  readonly program?: string;
  readonly on: readonly HostName[];
  /** Its configuration and data files, where there are any. */
  readonly files?: readonly TemplateEntry[];
  command(context: ToolContext): Command;
}

export interface ToolContext {
  /** The machine that it runs on. Files are read through it, never through this process's own file system. */
  readonly host: SimulatedHost;
  readonly clock: Clock;
  /** What the cluster holds, for tools that watch it. */
  readonly cluster: Cluster;
  /** Command lines of the modelled programs that run on the machine now: daemons, control plane, containers of pods. */
  readonly processes: () => readonly (readonly string[])[];
  /** What happens in the containers of the machine's pods. */
  readonly events: ContainerEvents;
  /** Writes to the machine's journal as a program that somebody runs. */
  readonly log: (identifier: string, line: string) => void;
}
