import { join } from 'node:path';
import { Argument, Command } from 'commander';
import type { BenchName, BenchRow } from '../bench/benches.ts';
import type { KindAlone } from '../bench/kind-alone.ts';
import { readyBackend } from './backends.ts';
import type { CommandContext } from './context.ts';
import { scenarioDirectory } from './scenarios.ts';
import { backendOption, imageOption, type KindFlags, mirrorOption } from './shared-options.ts';

const NAMES = [
  'lab-start',
  'lab-memory',
  'lab-crowd',
  'boot',
  'api',
  'fuzz',
  'grade',
  'batch',
  'terminal',
] as const satisfies readonly BenchName[];

interface BenchOptions extends KindFlags {
  readonly backend: string;
  readonly json?: true;
  readonly labs?: number;
}

/** `breachlab bench`: measures, and prints one JSON object a line, or a line a person can read. */
export const benchCommand = (context: CommandContext): Command =>
  new Command('bench')
    .description('measure speed and memory')
    .addArgument(new Argument('<what>', 'what to measure').choices(NAMES))
    .addOption(backendOption())
    .addOption(imageOption())
    .addOption(mirrorOption())
    .option('--json', 'one JSON object a line')
    .option('--labs <number>', 'how many labs, where a bench starts labs', Number)
    .action(async (what: BenchName, options: BenchOptions) => {
      const { backend: name, json, labs } = options;
      const { stdout, signal, random, project, now } = context;
      const backend = await readyBackend(context, {
        name,
        needs: ['hosts', 'clients', ...(what === 'terminal' ? (['page'] as const) : [])],
        options: { log: () => undefined },
        kind: options,
      });
      const { BENCHES } = await import('../bench/benches.ts');
      const rows = BENCHES[what]({
        backend,
        scenarioDirectory: scenarioDirectory(context),
        webDirectory: join(project, 'web/dist'),
        node: context.node,
        random,
        now,
        signal,
        ...(labs === undefined ? {} : { labs }),
        ...(name === 'kind' ? { kindAlone: await kindAlone(context, options) } : {}),
      });
      for await (const row of rows) stdout.write(json === true ? `${JSON.stringify(row)}\n` : `${text(row)}\n`);
    });

/** Of the image that labs are made of before anything is added to it. */
async function kindAlone(context: CommandContext, flags: KindFlags): Promise<KindAlone> {
  const [{ kindMachinery }, { nodeReference }] = await Promise.all([
    import('./kind-backend.ts'),
    import('../clusters/kind/images/choices.ts'),
  ]);
  const { choices, ...machinery } = await kindMachinery(context, flags);
  return { ...machinery, image: nodeReference(choices) };
}

const text = ({ name, n, p50, p99, unit }: BenchRow): string =>
  `${name.padEnd(36)} p50 ${p50.toFixed(2).padStart(10)} ${unit}   p99 ${p99.toFixed(2).padStart(10)} ${unit}   n ${n}`;
