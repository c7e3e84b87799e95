import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { clientPrograms } from './backends.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { FORM_CHECKS } from './form-checks.ts';
import { provide } from './setup/needs.ts';

interface TestOptions {
  readonly only?: string;
}

const VITEST = 'vitest/vitest.mjs';

/** `breachlab test`: sets up what is missing, checks form and types, runs every test. Further arguments go to vitest. */
export const testCommand = (context: CommandContext): Command =>
  new Command('test')
    .description('set up what is missing and run every test')
    .argument('[vitest arguments...]', 'for instance a folder; form and types are then left out')
    .addOption(
      new Option('--only <what>', 'one check, the tests, or every check of form').choices([
        'form',
        ...FORM_CHECKS.map(({ name }) => name),
        'tests',
      ]),
    )
    .allowUnknownOption()
    .action(async (chosen: string[], { only = chosen.length > 0 ? 'tests' : 'all' }: TestOptions) => {
      const checks = FORM_CHECKS.filter(({ name }) => ['all', 'form', name].includes(only));
      const failed: string[] = [];
      for (const { name, program, args } of checks) {
        context.stderr.write(`· ${name}\n`);
        if ((await run(context, program, args)) !== 0) failed.push(name);
      }
      if (failed.length > 0) {
        const again = failed.map((name) => `./breachlab test --only ${name}`).join(', ');
        context.stderr.write(`breachlab: failed: ${failed.join(', ')}\n  → Mend what they say, then: ${again}\n`);
        throw new Failure(1);
      }
      if (!['all', 'tests'].includes(only)) return;
      await provide(['hosts', 'clients', 'page', 'browser'], context);
      const exitCode = await run(context, VITEST, ['run', ...chosen]);
      if (exitCode !== 0) throw new Failure(exitCode);
    });

/** Runs a script of node_modules with this terminal as its own. Resolves with its exit status; a signal to us is passed on. */
function run(context: CommandContext, script: string, args: readonly string[]): Promise<number> {
  const { node, env, project, signal } = context;
  const programs = clientPrograms(context);
  return new Promise<number>((resolve, reject) => {
    const child = spawn(node, [join(project, 'node_modules', script), ...args], {
      cwd: project,
      stdio: 'inherit',
      env: { ...env, BREACHLAB_KUBECTL: programs.kubectl, BREACHLAB_HELM: programs.helm },
    });
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', reject);
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? 1);
    });
  });
}
