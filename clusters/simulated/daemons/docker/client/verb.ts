import type { z } from 'zod';
import type { Clock } from '../../../clock.ts';
import type { HostUser } from '../../../hosts/host-user.ts';
import type { CommandCall, SimulatedHost } from '../../../hosts/simulated-host.ts';
import { renderTemplate } from '../../go-template/render.ts';
import { textTable } from '../../text-table.ts';
import { type DockerClient, DockerClientError, refusalOf } from './docker-client.ts';
import { lastFlag, type Flags, type FlagSpec } from './flags.ts';

/** One call of a docker command. */
export interface DockerRequest {
  readonly host: SimulatedHost;
  readonly call: CommandCall;
  /** Who calls, unless it is root. */
  readonly user: HostUser | undefined;
  readonly client: DockerClient;
  readonly flags: Flags;
  readonly words: readonly string[];
  readonly clock: Clock;
}

/** As many words as one likes. */
export const ANY = Number.POSITIVE_INFINITY;
/** The flag of commands that print an object. */
export const FORMAT = ['-f --format'];

/** One of docker's commands. */
export interface Verb {
  readonly flags?: FlagSpec;
  /** What follows its name in a usage line. */
  readonly usage: string;
  readonly description: string;
  /** How many words it takes at least and at most. */
  readonly words: readonly [least: number, most: number];
  /** The first word ends its flags. */
  readonly stopAtWord?: true;
  /** Returns its exit status. */
  readonly run: (request: DockerRequest) => Promise<number>;
}

/** A command that takes as many words as its usage line names: `CONTAINER [ARG...]` is one or more. */
export const command = (usage: string, description: string, run: Verb['run'], flags: FlagSpec = {}): Verb => ({
  usage,
  description,
  words: wordsOf(usage),
  flags,
  run,
});

function wordsOf(usage: string): Verb['words'] {
  // A blank within brackets parts no words, and those may hold brackets themselves.
  const words = usage.replace(/^\[OPTIONS\] ?/, '').match(/(?:\[(?:[^[\]]|\[[^\]]*\])*\]|[^\s[])+/g) ?? [];
  const least = words.filter((word) => !word.startsWith('[')).length;
  return [least, words.some((word) => word.endsWith('...]')) ? ANY : words.length];
}

export async function complain(call: CommandCall, text: string, code: number): Promise<number> {
  await call.stderr(`${text}\n`);
  return code;
}

/** Asks the engine, and reads its answer. Rejects with `DockerClientError` where it refuses. */
export async function ask<T>(
  client: DockerClient,
  schema: z.ZodType<T>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await client.send(method, path, body);
  const text = answer.body.toString('utf8');
  if (answer.status >= 400) throw refusalOf(text);
  return schema.parse(text.trim() === '' ? undefined : JSON.parse(text));
}

/** Does something to each of the words, printing each that it was done to; what fails is told, and the others are done. */
export async function each(
  { call, words }: DockerRequest,
  act: (word: string) => Promise<string | undefined>,
): Promise<number> {
  let code = 0;
  for (const word of words) {
    try {
      const said = await act(word);
      if (said !== undefined) await call.stdout(`${said}\n`);
    } catch (error) {
      if (!(error instanceof DockerClientError)) throw error;
      code = await complain(call, error.message, 1);
    }
  }
  return code;
}

/** How docker shows a list (docker/cli cli/command/formatter). */
export interface Table {
  /** Of the fields those that are shown unless a format names others. */
  readonly columns: readonly string[];
  /** By field. */
  readonly headings: Readonly<Record<string, string>>;
  /** The Go type of its rows, which complaints about a format name. */
  readonly type: string;
}

/** Prints rows as a table of those columns, or as `--format` asks. */
export async function printRows(
  { call, flags }: DockerRequest,
  rows: readonly Readonly<Record<string, string>>[],
  { columns, headings, type }: Table,
): Promise<number> {
  const format = (lastFlag(flags, 'format') ?? 'table')
    .replaceAll(String.raw`\t`, '\t')
    .replaceAll(String.raw`\n`, '\n');
  if (format === 'json') {
    await call.stdout(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return 0;
  }
  if (format === 'table') {
    const table = rows.map((row) => columns.map((column) => row[column] ?? ''));
    await call.stdout(textTable([columns.map((column) => headings[column] ?? ''), ...table], 3));
    return 0;
  }
  const template = format.replace(/^table /, '');
  const lines = rows.map((row) => renderTemplate(template, row, { type }));
  if (template === format) await call.stdout(lines.map((line) => `${line}\n`).join(''));
  else {
    const all = [renderTemplate(template, headings, { type }), ...lines].map((line) => line.split('\t'));
    await call.stdout(textTable(all, 3));
  }
  return 0;
}

/** Prints what was inspected: as JSON, or each by `--format`. */
export async function printInspected({ call, flags }: DockerRequest, found: readonly unknown[]): Promise<void> {
  const format = lastFlag(flags, 'format');
  if (format === undefined) await call.stdout(`${JSON.stringify(found, undefined, 4)}\n`);
  else if (format === 'json') await call.stdout(`${JSON.stringify(found)}\n`);
  else for (const one of found) await call.stdout(`${renderTemplate(format, one)}\n`);
}

export const shortId = (id: string): string => id.replace('sha256:', '').slice(0, 12);

export const part = (text: string): string => encodeURIComponent(text);
