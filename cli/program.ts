import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { benchCommand } from './bench.ts';
import { conformanceCommand } from './conformance.ts';
import type { CommandContext } from './context.ts';
import { doctorCommand } from './doctor.ts';
import { gradeCommand } from './grade.ts';
import { imagesCommand } from './images.ts';
import { labCommand } from './lab.ts';
import { testCommand } from './test.ts';
import { upCommand } from './up.ts';
import { verifyCommand } from './verify.ts';

const COMMANDS = [
  upCommand,
  testCommand,
  verifyCommand,
  gradeCommand,
  labCommand,
  imagesCommand,
  doctorCommand,
  conformanceCommand,
  benchCommand,
] as const;

/** The whole command line: main.ts runs it, docs/generate reads its words. Throws `CommanderError` instead of ending the process. */
export function programOf(context: CommandContext): Command {
  const program = new Command('breachlab')
    .description(
      'A Kubernetes cluster that has just been broken into, a terminal to mend it, and a grader that proves it.',
    )
    .version(manifest.version)
    .enablePositionalOptions();
  for (const command of COMMANDS) program.addCommand(command(context));
  speakAlike(program);
  return program;
}

/** What is typed wrong is told as everything else that goes wrong: what it was, and after an arrow what to do. */
function speakAlike(command: Command, above = './'): void {
  const words = `${above}${command.name()}`;
  command
    .exitOverride()
    .showHelpAfterError(`  → See ${words} --help`)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'breachlab: ')) });
  for (const sub of command.commands) speakAlike(sub, `${words} `);
}
