import { once } from 'node:events';
import type { CommandCall } from '../../hosts/simulated-host.ts';
import { readDocument } from '../host-documents.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { Judge } from './alert.ts';
import { DEFAULT_FILES } from './default-files.ts';
import { FIELDS } from './fields/table.ts';
import { type Loaded, loadConfiguration, loadFalco, loadRules } from './load.ts';
import { type FalcoOptions, parseOptions } from './options.ts';
import { resultText } from './rules/context.ts';
import type { Rule } from './rules/rule-book.ts';
import { Watch } from './watch.ts';
import { HELP, logLine, startWords, VERSION } from './words.ts';
import { FALCO_PROGRAM } from './falco-daemon.ts';

/** Lines for a caller who does not read them that are kept; what is more is dropped. */
const MOST_WAITING = 2000;

/** `falco` in the foreground (falcosecurity/falco, userspace/falco/app): rules over what happens in the containers of its node. */
export const FALCO: Tool = {
  name: 'falco',
  program: FALCO_PROGRAM,
  on: ['controlplane', 'node01'],
  files: DEFAULT_FILES,
  command: (context) => async (call) => {
    const problem = await run(context, call);
    if (problem === undefined) return 0;
    await call.stderr(`Error: ${problem}\n`);
    return 1;
  },
};

async function run(context: ToolContext, call: CommandCall): Promise<string | undefined> {
  const parsed = parseOptions(call.args);
  if ('problem' in parsed) return parsed.problem;
  const { options } = parsed;
  if (options.asks === 'help') return said(call, HELP);
  if (options.asks === 'version') return said(call, VERSION);
  if (options.asks === 'list') return list(call, options);
  if (options.asks === 'validate') return validate(context, call, options);
  const loaded = await loadFalco(context.host, options);
  if (loaded.outcome === 'refused') return loaded.problem;
  if (options.asks === 'describe') return describe(call, options, loaded.rules);
  return watch(context, call, options, loaded);
}

async function said(call: CommandCall, text: string): Promise<undefined> {
  await call.stdout(text);
  return undefined;
}

function list(call: CommandCall, { source, namesOnly }: FalcoOptions): Promise<undefined> | string {
  if (source !== undefined && source !== 'syscall') return `Value for --list must be a valid source type`;
  const lines = Object.entries(FIELDS).map(([name, { describes }]) =>
    namesOnly ? name : `${name.padEnd(30)} ${describes}`,
  );
  return said(call, `${lines.join('\n')}\n`);
}

async function validate(
  { host, clock }: ToolContext,
  call: CommandCall,
  options: FalcoOptions,
): Promise<string | undefined> {
  const files = [];
  for (const name of options.validate) {
    const document = await readDocument(host, call.cwd, name);
    if (document.outcome === 'refused') return `Could not open ${name} for reading`;
    files.push({ name, text: document.text });
  }
  const words = ['Validating rules file(s):', ...options.validate.map((name) => `   ${name}`)];
  await call.stderr(words.map((line) => `${logLine(clock, line)}\n`).join(''));
  const read = await loadConfiguration(host, options);
  if ('problem' in read) return read.problem;
  const { results } = loadRules(files, read.configuration);
  const summary = results
    .map((result) =>
      result.error === undefined && result.warnings.length > 0
        ? `${result.name}: Ok, with warnings`
        : resultText(result),
    )
    .join('\n');
  await call.stdout(`${summary}\n`);
  return results.some(({ error }) => error !== undefined) ? summary : undefined;
}

async function describe(
  call: CommandCall,
  { rule }: FalcoOptions,
  rules: readonly Rule[],
): Promise<string | undefined> {
  const described = rule === undefined ? rules : rules.filter(({ name }) => name === rule);
  if (described.length === 0) return `No rule by name "${rule ?? ''}" found`;
  const head = `${'Rule'.padEnd(50)} Description\n${'----'.padEnd(50)} -----------\n`;
  return said(call, `${head}${described.map(({ name, desc }) => `${name.padEnd(50)} ${desc.trim()}\n`).join('\n')}`);
}

async function watch(
  { host, clock, events, log }: ToolContext,
  call: CommandCall,
  options: FalcoOptions,
  loaded: Extract<Loaded, { outcome: 'loaded' }>,
): Promise<string | undefined> {
  const judge = new Judge(loaded.configuration, loaded.rules, host.name);
  if (loaded.configuration.log_stderr) {
    const words = startWords(['falco', ...call.args], loaded, judge);
    await call.stderr(words.map((line) => `${logLine(clock, line)}\n`).join(''));
  }
  if (options.asks === 'dry run') return undefined;
  let [waiting, showing]: [string[], Promise<void>] = [[], Promise.resolve()];
  const show = (line: string): void => {
    if (waiting.length >= MOST_WAITING) return;
    if (waiting.push(line) > 1) return;
    showing = showing.then(async () => {
      while (waiting.length > 0) {
        const lines = waiting;
        waiting = [];
        await call.stdout(lines.map((one) => `${one}\n`).join(''));
      }
    });
    showing.catch(() => undefined); // the caller is gone, and the signal says it
  };
  const watching = new Watch({
    host,
    clock,
    events,
    loaded,
    judge,
    stdout: show,
    syslog: (line) => log('falco', line),
  });
  await Promise.race([
    once(call.signal, 'abort'),
    new Promise<void>((resolve) => {
      if (options.seconds !== undefined) clock.after(options.seconds * 1000, resolve);
    }),
  ]);
  await watching[Symbol.asyncDispose]();
  if (call.signal.aborted) return undefined;
  await showing;
  await call.stdout(watching.statistics);
  return undefined;
}
