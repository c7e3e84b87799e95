import { Command } from 'commander';
import type { SuiteResult } from '../test/conformance/suites.ts';
import { clientPrograms, readyBackend } from './backends.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';

/** `breachlab conformance`: upstream's fixtures against the simulator. Exit status 0 only when every suite meets its goal. */
export const conformanceCommand = (context: CommandContext): Command =>
  new Command('conformance')
    .description('compare the simulated control plane with fixtures recorded on a real one')
    .requiredOption('--fixtures <directory>', 'where the fixtures lie')
    .option('--only <suite>', 'one suite')
    .option('--json', 'one JSON document')
    .action(async ({ fixtures, only, json }: { fixtures: string; only?: string; json?: true }) => {
      const { stdout, stderr, signal, random } = context;
      const backend = await readyBackend(context, {
        name: 'simulated',
        needs: ['hosts', 'clients'],
        options: { log: () => undefined },
      });
      const { conformance } = await import('../test/conformance/suites.ts');
      const results: SuiteResult[] = [];
      const suites = conformance({
        fixtures,
        backend,
        kubectl: clientPrograms(context).kubectl,
        node: context.node,
        env: context.env,
        random,
        signal,
        ...(only === undefined ? {} : { only }),
      });
      for await (const result of suites) {
        results.push(result);
        const { suite, passed, total, misses } = result;
        const out = json === true ? stderr : stdout;
        out.write(`${suite}: ${passed} of ${total}\n`);
        for (const { name, reason } of misses) out.write(`  ${name}: ${reason.split('\n')[0]}\n`);
      }
      if (json === true) stdout.write(`${JSON.stringify({ suites: results }, null, 2)}\n`);
      if (results.some(({ passed, total }) => passed < total)) throw new Failure(1);
    });
