import { Command } from 'commander';
import { labIdFrom } from '../protocol/ids.ts';
import { listScenarios, loadScenario } from '../grader/scenario/load.ts';
import { type Verification, verifyScenario } from '../grader/verify.ts';
import { backendOf } from './backends.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { provide } from './setup/needs.ts';
import { scenarioDirectory } from './scenarios.ts';

interface VerifyOptions {
  readonly backend: string;
  readonly json?: true;
}

/** `breachlab verify`: proves scenarios in both directions. Exit status 0 only when all of it holds. */
export const verifyCommand = (context: CommandContext): Command =>
  new Command('verify')
    .description('prove scenarios: untouched 0, every right way 100, every wrong fix caught, reset restores')
    .argument('[scenario...]', 'ids; all that have tasks when none is named')
    .option('--backend <name>', 'simulated or kind', 'simulated')
    .option('--json', 'one JSON document')
    .action(async (named: string[], { backend: backendName, json }: VerifyOptions) => {
      const { stdout, stderr, signal, random, now } = context;
      const directory = scenarioDirectory(context);
      const ids = named.length > 0 ? named : await listScenarios(directory);
      const scenarios = await Promise.all(ids.map((id) => loadScenario(directory, id)));
      const proven = named.length > 0 ? scenarios : scenarios.filter(({ file }) => file.tasks.length > 0);
      const backend = backendOf(context, backendName);
      await provide(['hosts', 'clients'], context);
      const verifications: Verification[] = [];
      for (const scenario of proven) {
        const onStep: NonNullable<Parameters<typeof verifyScenario>[0]['onStep']> = ({
          name,
          ok,
          detail,
          milliseconds,
        }) => {
          const line = `${ok ? '✓' : '✗'} ${scenario.file.id} ${name} (${(milliseconds / 1000).toFixed(1)} s)`;
          const out = json === true ? stderr : stdout;
          out.write(ok ? `${line}\n` : `${line}\n${detail.replace(/^/gm, '    ')}\n`);
        };
        verifications.push(
          await verifyScenario({ scenario, backend, newLabId: () => labIdFrom(random(10)), signal, onStep, now }),
        );
      }
      const ok = verifications.every((verification) => verification.ok);
      if (json === true) stdout.write(`${JSON.stringify({ ok, verifications }, null, 2)}\n`);
      if (!ok) throw new Failure(1);
    });
