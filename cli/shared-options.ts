import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options that several commands take, each in the same words. */

export const backendOption = (): Option =>
  new Option('--backend <name>', 'simulated, or kind: real clusters in Docker').default('simulated');

/** What `imageOption` and `mirrorOption` say. */
export interface KindFlags {
  readonly image?: readonly string[];
  readonly registryMirror?: readonly string[];
}

export const imageOption = (): Option =>
  new Option(
    '--image <name=ref>',
    'with kind: another image for that name (./breachlab images list), or for one of a pod; a reference alone is the node image; may be repeated',
  ).argParser(collect);

export const mirrorOption = (): Option =>
  new Option(
    '--registry-mirror <url>',
    'with kind: where to pull from instead of Docker Hub, or REGISTRY=URL for another registry; may be repeated',
  ).argParser(collect);

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const scenariosOption = (): Option =>
  new Option('--scenarios <directory>', 'where the scenarios lie, instead of those that came with Breachlab');

const jobsOption = (): Option => new Option('--jobs <number>', 'labs at once').argParser(parseJobs).default(2);

/** Of commands that try a scenario's submissions, each in a lab of its own. */
export interface SubmissionFlags extends KindFlags {
  readonly scenarios?: string;
  readonly backend: string;
  readonly jobs: number;
}

/** What `SubmissionFlags` says. */
export const withSubmissionOptions = (command: Command): Command =>
  [scenariosOption(), backendOption(), imageOption(), mirrorOption(), jobsOption()].reduce(
    (extended, option) => extended.addOption(option),
    command,
  );

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!/^\d{1,2}$/.test(text) || jobs === 0) throw new InvalidArgumentError('jobs are a number from 1 to 99');
  return jobs;
}

export function parseWarm(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('labs made ahead are a number from 0 to 99');
  return Number(text);
}

export function parseMinutes(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('minutes are a number from 1 to 99999');
  return Number(text);
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}
