import { Argument, Command } from 'commander';
import type { CommandContext } from './context.ts';
import { provide } from './setup/needs.ts';
import { type BenchRow, BENCHES, BENCH_NAMES, type BenchName } from '../bench/benches.ts';
import { backendOf } from './backends.ts';
import { scenarioDirectory } from './scenarios.ts';
import { join } from 'node:path';

/** `breachlab bench`: measures, and prints one JSON object a line, or a line a person can read. */
export const benchCommand = (context: CommandContext): Command =>
  new Command('bench')
    .description('measure speed and memory')
    .addArgument(new Argument('<what>', 'what to measure').choices(BENCH_NAMES))
    .option('--json', 'one JSON object a line')
    .option('--labs <number>', 'how many labs, where a bench starts labs', Number)
    .action(async (what: BenchName, { json, labs }: { json?: true; labs?: number }) => {
      const { stdout, signal, random, project, now } = context;
      await provide(['hosts', 'clients', ...(what === 'terminal' ? (['page'] as const) : [])], context);
      const rows = BENCHES[what]({
        backend: backendOf(context, 'simulated', { log: () => undefined }),
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
