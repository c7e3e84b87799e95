import { Command } from 'commander';
import { LabError } from '../clusters/cluster.ts';
import type { LoadedScenario } from '../grader/scenario/load.ts';
import type { Verification, VerifyStep } from '../grader/verify.ts';
import { readyBackend } from './backends.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { scenarioDirectory } from './scenarios.ts';
import { type SubmissionFlags, withSubmissionOptions } from './shared-options.ts';

interface VerifyOptions extends SubmissionFlags {
  readonly only?: readonly string[];
  readonly json?: true;
}

/** `breachlab verify`: proves scenarios in both directions. Exit status 0 only when all of it holds. */
export const verifyCommand = (context: CommandContext): Command =>
  withSubmissionOptions(
    new Command('verify')
      .description('prove scenarios: untouched 0, every right way 100, every wrong fix caught, reset restores')
      .argument('[scenario...]', 'ids; all that have tasks when none is named'),
  )
    .option('--only <submission...>', 'of the submissions these alone: solution, also-right/<name>, wrong/<name>')
    .option('--json', 'one JSON document')
    .action(async (named: string[], options: VerifyOptions) => {
      const { stdout, signal, random, now } = context;
      const [{ listScenarios, loadScenario }, { verifyScenario }, { labIdFrom }] = await Promise.all([
        import('../grader/scenario/load.ts'),
        import('../grader/verify.ts'),
        import('../protocol/ids.ts'),
      ]);
      const directory = scenarioDirectory(context, options.scenarios);
      const ids = named.length > 0 ? named : await listScenarios(directory);
      const scenarios = await Promise.all(ids.map((id) => loadScenario(directory, id)));
      const proven = named.length > 0 ? scenarios : scenarios.filter(({ file }) => file.tasks.length > 0);
      const narrowed = narrow(proven, options.only);
      const backend = await readyBackend(context, {
        name: options.backend,
        needs: ['hosts', 'clients'],
        kind: options,
      });
      const verifications: Verification[] = [];
      for (const scenario of narrowed) {
        verifications.push(
          await verifyScenario({
            scenario,
            backend,
            newLabId: () => labIdFrom(random(10)),
            signal,
            jobs: options.jobs,
            onStep: (step) => tell(step, scenario.file.id, options.json === true ? context.stderr : stdout),
            now,
          }),
        );
      }
      const ok = verifications.every((verification) => verification.ok);
      if (options.json === true) stdout.write(`${JSON.stringify({ ok, verifications }, null, 2)}\n`);
      if (!ok) throw new Failure(1);
    });

/** The scenarios with those submissions alone. Throws `LabError` for one that no scenario has. */
function narrow(scenarios: readonly LoadedScenario[], only: readonly string[] | undefined): readonly LoadedScenario[] {
  if (only === undefined) return scenarios;
  const names = scenarios.flatMap(({ submissions }) => submissions.map(({ name }) => name));
  for (const name of only) {
    if (!names.includes(name)) {
      throw new LabError(`There is no submission "${name}".`, `Choose from: ${names.join(', ') || '(none)'}.`);
    }
  }
  return scenarios.map((scenario) => ({
    ...scenario,
    submissions: scenario.submissions.filter(({ name }) => only.includes(name)),
  }));
}

function tell({ name, ok, detail, milliseconds }: VerifyStep, scenario: string, out: NodeJS.WriteStream): void {
  const line = `${ok ? '✓' : '✗'} ${scenario} ${name} (${(milliseconds / 1000).toFixed(1)} s)`;
  out.write(ok ? `${line}\n` : `${line}\n${detail.replace(/^/gm, '    ')}\n`);
}
