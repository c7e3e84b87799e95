import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { provide } from './setup/needs.ts';
import { clientPrograms } from './backends.ts';

/** What `breachlab test` runs, in order; each must end with 0. Paths are below node_modules. */
const CHECKS = [
  { title: 'format', program: 'oxfmt/bin/oxfmt', args: ['--check', '.'] },
  { title: 'types', program: 'typescript/bin/tsc', args: ['--noEmit'] },
  { title: 'lint', program: 'oxlint/bin/oxlint', args: ['--type-aware', '--max-warnings', '0'] },
  {
    title: 'dependency arrows',
    program: 'dependency-cruiser/bin/dependency-cruise.mjs',
    args: [
      '--config',
      'dependency-cruiser.json',
      ...'protocol clusters grader server cli web/src test bench'.split(' '),
    ],
  },
] as const;

/** `breachlab test`: sets up what is missing, checks form and types, runs every test. Further arguments go to vitest. */
export const testCommand = (context: CommandContext): Command =>
  new Command('test')
    .description('set up what is missing and run every test')
    .argument('[vitest arguments...]', 'for instance a folder; form and types are then left out')
    .allowUnknownOption()
    .action(async (chosen: string[]) => {
      const { project } = context;
      await provide(['hosts', 'clients', 'page', 'browser'], context);
      if (chosen.length === 0) {
        for (const { title, program, args } of CHECKS) {
          context.stderr.write(`· ${title}\n`);
          await run(context, join(project, 'node_modules', program), args);
        }
      }
      await run(context, join(project, 'node_modules/vitest/vitest.mjs'), ['run', ...chosen]);
    });

async function run(context: CommandContext, script: string, args: readonly string[]): Promise<void> {
  const { node, env, project, signal } = context;
  const programs = clientPrograms(context);
  const exitCode = await new Promise<number>((resolve, reject) => {
    const child = spawn(node, [script, ...args], {
      cwd: project,
      stdio: 'inherit',
      env: { ...env, BREACHLAB_KUBECTL: programs.kubectl, BREACHLAB_HELM: programs.helm },
    });
    signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  if (exitCode !== 0) throw new Failure(exitCode);
}
