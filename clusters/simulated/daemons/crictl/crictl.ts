import type { Command, CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { optionTable, type OptionTable, parseLine } from '../command-line.ts';
import { TemplateError } from '../go-template/template-error.ts';
import { CRICTL_VERSION } from './about.ts';
import { CriFailure, type CriRuntime } from './cri-runtime.ts';
import { endpointOf, isContainerd, unreachable } from './endpoint.ts';
import { generalHelp, helpOf } from './help.ts';
import { CrictlError, type Verb } from './verb.ts';
import { ALIASES, NOT_SIMULATED, VERBS } from './verbs.ts';

const HELP = '-h --help';
const GLOBAL = optionTable(
  '-r --runtime-endpoint=',
  '-i --image-endpoint=',
  '-c --config=',
  '-t --timeout=',
  '-D --debug',
  '-v --version',
  HELP,
);

/** `crictl` over the modelled container runtime, which may be stopped (github.com/kubernetes-sigs/cri-tools, docs/crictl.md). */
export function crictl(host: SimulatedHost, service: () => CriRuntime | undefined, clock: Clock): Command {
  return async (call) => {
    const global = parseLine(withTwoDashes(call.args, GLOBAL), GLOBAL, { stopAtWord: true });
    if (global.outcome === 'wrong') return badFlag(call, global.argument, generalHelp(GLOBAL));
    if (global.options.has('version')) {
      await call.stdout(`crictl version ${CRICTL_VERSION}\n`);
      return 0;
    }
    const [given = '', ...args] = global.words;
    const name = ALIASES[given] ?? given;
    const verb = VERBS[name];
    if (name === '' || name === 'help' || name === 'h' || global.options.has('help')) {
      const of = VERBS[ALIASES[args[0] ?? ''] ?? args[0] ?? ''];
      await call.stdout(of === undefined ? generalHelp(GLOBAL) : helpOf(args[0] ?? '', of));
      return 0;
    }
    if (verb === undefined) {
      const why = NOT_SIMULATED[name];
      await call.stderr(
        why === undefined ? `No help topic for '${name}'\n` : `not simulated: crictl ${name}: ${why}\n`,
      );
      return why === undefined ? 3 : 1;
    }
    const table: OptionTable = { ...verb.table, ...optionTable(HELP) };
    const line = parseLine(withTwoDashes(args, table), table, { stopAtWord: true });
    if (line.outcome === 'wrong') return badFlag(call, line.argument, helpOf(name, verb));
    if (line.options.has('help')) {
      await call.stdout(helpOf(name, verb));
      return 0;
    }
    const endpoint = await endpointOf(host, call, global.options);
    if (typeof endpoint === 'string') return fatal(call, endpoint);
    const runtime = isContainerd(endpoint.socket) ? service() : undefined;
    if (runtime === undefined) return fatal(call, unreachable(endpoint));
    return carriedOut(call, () => verb.run({ runtime, call, options: line.options, words: line.words, clock }));
  };
}

async function carriedOut(call: CommandCall, run: () => ReturnType<Verb['run']>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CrictlError || error instanceof CriFailure) return fatal(call, error.message);
    if (error instanceof TemplateError)
      return fatal(
        call,
        error.message.startsWith('not simulated') ? error.message : `execute template: ${error.message}`,
      );
    if (error instanceof Error && error.message.startsWith('not simulated')) return fatal(call, error.message);
    throw error;
  }
}

/** Go's flags may have one dash as well as two: `-name`. */
const withTwoDashes = (args: readonly string[], table: OptionTable): readonly string[] =>
  args.map((arg) =>
    /^-[a-z][a-z-]+/.test(arg) && table[`-${arg.replace(/=.*$/, '')}`] !== undefined ? `-${arg}` : arg,
  );

async function badFlag(call: CommandCall, flag: string, help: string): Promise<number> {
  const why = `flag provided but not defined: -${flag.replace(/^-+/, '')}`;
  await call.stdout(`Incorrect Usage: ${why}\n\n${help}`);
  return fatal(call, why);
}

async function fatal(call: CommandCall, text: string): Promise<number> {
  await call.stderr(text.startsWith('not simulated') ? `${text}\n` : `FATA[0000] ${text}\n`);
  return 1;
}
