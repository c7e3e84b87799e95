import { Command } from 'commander';
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
    .enablePositionalOptions()
    .showHelpAfterError('(--help says more)')
    .exitOverride();
  for (const command of COMMANDS) {
    const made = command(context);
    made.exitOverride();
    for (const sub of made.commands) sub.exitOverride();
    program.addCommand(made);
  }
  return program;
}
