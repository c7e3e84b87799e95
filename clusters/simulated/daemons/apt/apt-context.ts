import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Options } from '../command-line.ts';

/** What installing and removing packages changes of a host beside dpkg's record. */
export interface ServiceUnits {
  /** Whether the host can have that unit: its daemon is one of those that were there when the lab began. */
  knows(unit: string): boolean;
  /** Brings or takes away the unit of a package. One that is taken away is stopped. */
  setInstalled(unit: string, installed: boolean): Promise<void>;
}

/** A call of apt's programs after its verb. */
export interface AptCall {
  readonly host: SimulatedHost;
  readonly units: ServiceUnits;
  readonly call: CommandCall;
  readonly options: Options;
  readonly words: readonly string[];
}

/** apt's own status for errors. */
export const APT_ERROR = 100;

/** Says `E: …` and gives the status. */
export async function fail(call: CommandCall, ...lines: readonly string[]): Promise<number> {
  await call.stderr(lines.map((line) => (line.startsWith('not simulated') ? `${line}\n` : `E: ${line}\n`)).join(''));
  return APT_ERROR;
}

/** `13.0 MB` (apt-pkg/contrib/strutl.cc SizeToStr). */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const kilo = bytes / 1000;
  if (kilo < 1000) return kilo < 100 ? `${kilo.toFixed(1)} kB` : `${Math.round(kilo)} kB`;
  const mega = kilo / 1000;
  return mega < 100 ? `${mega.toFixed(1)} MB` : `${Math.round(mega)} MB`;
}

export const READING =
  'Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\n';
