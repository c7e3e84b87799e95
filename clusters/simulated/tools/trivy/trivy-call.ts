import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { lastOption, type Options, type OptionTable, optionTable, parseLine } from '../../daemons/command-line.ts';
import { writeDocument } from '../host-documents.ts';

export const TRIVY_VERSION = '0.67.2';

/** One call of a trivy command, its line read. */
export interface TrivyCall {
  readonly call: CommandCall;
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly options: Options;
  readonly words: readonly string[];
}

/** Ends the call with trivy's `FATAL` line. */
export class Fatal extends Error {
  override readonly name = 'Fatal';
}

/** Options of every command; those without a value here change nothing in a lab. */
const GLOBAL = [
  '-q --quiet',
  '-d --debug',
  '-f --format=',
  '-o --output=',
  '-s --severity=',
  '--exit-code=',
  '--ignorefile=',
  '--cache-dir=',
  '--timeout=',
  '--no-progress',
  '--insecure',
] as const;

export const trivyOptions = (...more: readonly string[]): OptionTable => optionTable(...GLOBAL, ...more);

/** Throws `Fatal` for what it does not know. */
export function readLine(
  name: string,
  args: readonly string[],
  table: OptionTable,
): Pick<TrivyCall, 'options' | 'words'> {
  const line = parseLine(args, table);
  if (line.outcome === 'wrong') throw new Fatal(`not simulated: trivy ${name} ${line.argument} (${line.complaint})`);
  return line;
}

/** An option's value, or that of the variable that stands for it, `TRIVY_EXIT_CODE` for `--exit-code`. */
export const setting = ({ options, call }: Pick<TrivyCall, 'options' | 'call'>, name: string): string | undefined =>
  lastOption(options, name) ?? call.env[`TRIVY_${name.toUpperCase().replaceAll('-', '_')}`];

export function isSet(trivy: Pick<TrivyCall, 'options' | 'call'>, name: string): boolean {
  const value = setting(trivy, name);
  return value !== undefined && value !== 'false';
}

/** A line on standard error in the form of trivy's log. */
export async function log(trivy: TrivyCall, level: 'INFO' | 'WARN', text: string): Promise<void> {
  if (!isSet(trivy, 'quiet')) await trivy.call.stderr(`${logTime(trivy.clock)}\t${level}\t${text}\n`);
}

export const logTime = (clock: Clock): string => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;

/** Prints the report, or saves it where `--output` says. */
export async function deliver(trivy: TrivyCall, report: string): Promise<void> {
  const file = setting(trivy, 'output');
  if (file === undefined || file === '') return trivy.call.stdout(report);
  const complaint = await writeDocument(trivy.host, trivy.call.cwd, file, report);
  if (complaint !== undefined)
    throw new Fatal(`report error: unable to write results: failed to create a file: ${complaint}`);
}

/** Columns of the terminal that the report goes to; undefined for a file or a pipe. */
export const reportColumns = (trivy: TrivyCall): number | undefined =>
  setting(trivy, 'output') === undefined ? trivy.call.columns : undefined;

/** `--exit-code`: what to end with when something was found. */
export function exitStatus(trivy: TrivyCall, findings: number): number {
  const text = setting(trivy, 'exit-code') ?? '0';
  if (!/^\d{1,3}$/.test(text))
    throw new Fatal(
      `invalid argument "${text}" for "--exit-code" flag: strconv.ParseInt: parsing "${text}": invalid syntax`,
    );
  return findings > 0 ? Number(text) : 0;
}
