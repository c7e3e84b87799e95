import { posix } from 'node:path';
import { readHostText, UnreadableFile } from '../../daemons/host-text.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import {
  type Configuration,
  type ConfigurationRead,
  CONFIG_FILE,
  extraOutputs,
  readConfiguration,
} from './configuration.ts';
import { type LoadResult, resultText } from './rules/context.ts';
import { type Rule, RuleBook } from './rules/rule-book.ts';

/** What a falco is started with, by command line. */
export interface LoadRequest {
  readonly configFile: string | undefined;
  /** Instead of those that the configuration names. */
  readonly rulesFiles: readonly string[];
  readonly settings: readonly string[];
}

export type Loaded =
  | {
      readonly outcome: 'loaded';
      readonly configuration: Configuration;
      readonly rules: readonly Rule[];
      /** Its configuration and its rules, by path. */
      readonly configFile: string;
      readonly rulesFiles: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly outcome: 'refused'; readonly problem: string };

const refused = (problem: string): Loaded => ({ outcome: 'refused', problem });

/** Reads a node's configuration; what is wrong comes in falco's words. */
export async function loadConfiguration(
  host: SimulatedHost,
  { configFile = CONFIG_FILE, settings }: LoadRequest,
): Promise<ConfigurationRead> {
  const text = await textOf(host, configFile);
  if (text === undefined) return { problem: `Could not find configuration file at ${configFile}` };
  return readConfiguration(text, settings);
}

/** Reads a node's configuration and rules, as falco does when it starts. */
export async function loadFalco(host: SimulatedHost, request: LoadRequest): Promise<Loaded> {
  const configFile = request.configFile ?? CONFIG_FILE;
  const read = await loadConfiguration(host, request);
  if ('problem' in read) return refused(read.problem);
  const { configuration, warnings } = read;
  const named = request.rulesFiles.length > 0 ? request.rulesFiles : configuration.rules_files;
  if (named.length === 0)
    return refused('You must specify at least one rules file/directory via -r or a rules_file entry in falco.yaml');
  const files: { readonly name: string; readonly text: string }[] = [];
  for (const path of named) {
    const found = await rulesAt(host, path);
    if (typeof found === 'string') return refused(found);
    files.push(...found);
  }
  const { rules, results } = loadRules(files, configuration);
  const broken = results.find(({ error }) => error !== undefined);
  if (broken !== undefined) return refused(resultText(broken));
  const rulesFiles = files.map(({ name }) => name);
  return { outcome: 'loaded', configuration, rules, configFile, rulesFiles, warnings };
}

/** The rules of a file, or of the `.yaml` and `.yml` files of a folder in order; or why there are none. */
async function rulesAt(
  host: SimulatedHost,
  path: string,
): Promise<readonly { readonly name: string; readonly text: string }[] | string> {
  const folder = await host.listFolder(path);
  const names = folder?.filter((name) => /\.ya?ml$/.test(name)).toSorted() ?? [];
  const paths = folder === undefined ? [path] : names.map((name) => posix.join(path, name));
  const files = [];
  for (const name of paths) {
    const text = await textOf(host, name);
    if (text === undefined) return `Could not get info on rules file ${name}: No such file or directory`;
    files.push({ name, text });
  }
  return files;
}

async function textOf(host: SimulatedHost, path: string): Promise<string | undefined> {
  try {
    return await readHostText(host, path);
  } catch (error) {
    if (error instanceof UnreadableFile) return undefined;
    throw error;
  }
}

interface LoadedRules {
  readonly rules: readonly Rule[];
  readonly results: readonly LoadResult[];
}

/** Most labs have the rules that they were born with, which are read once a process. */
const MOST_KEPT = 8;
const kept = new Map<string, LoadedRules>();

/** Loads files of rules one after the other, up to the first that is wrong. */
export function loadRules(
  files: readonly { readonly name: string; readonly text: string }[],
  configuration: Configuration,
): LoadedRules {
  const extra = extraOutputs(configuration);
  const key = JSON.stringify([files, extra]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const book = new RuleBook(extra);
  const results: LoadResult[] = [];
  for (const { name, text } of files) {
    const result = book.load(name, text);
    results.push(result);
    if (result.error !== undefined) break;
  }
  const loaded = { rules: book.rules, results };
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, loaded);
  return loaded;
}
