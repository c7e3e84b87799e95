import { join } from 'node:path';
import { Argument, Command } from 'commander';
import type { BenchName, BenchRow } from '../bench/benches.ts';
import { readyBackend } from './backends.ts';
import type { CommandContext } from './context.ts';
import { scenarioDirectory } from './scenarios.ts';

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

/** `breachlab bench`: measures, and prints one JSON object a line, or a line a person can read. */
export const benchCommand = (context: CommandContext): Command =>
  new Command('bench')
    .description('measure speed and memory')
    .addArgument(new Argument('<what>', 'what to measure').choices(NAMES))
    .option('--json', 'one JSON object a line')
    .option('--labs <number>', 'how many labs, where a bench starts labs', Number)
    .action(async (what: BenchName, { json, labs }: { json?: true; labs?: number }) => {
      const { stdout, signal, random, project, now } = context;
      const backend = await readyBackend(context, {
        name: 'simulated',
        needs: ['hosts', 'clients', ...(what === 'terminal' ? (['page'] as const) : [])],
        options: { log: () => undefined },
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
      });
      for await (const row of rows) stdout.write(json === true ? `${JSON.stringify(row)}\n` : `${text(row)}\n`);
    });

const text = ({ name, n, p50, p99, unit }: BenchRow): string =>
  `${name.padEnd(36)} p50 ${p50.toFixed(2).padStart(10)} ${unit}   p99 ${p99.toFixed(2).padStart(10)} ${unit}   n ${n}`;
