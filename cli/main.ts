import { Command, CommanderError } from 'commander';
import { LabError } from '../clusters/cluster.ts';
import { benchCommand } from './bench.ts';
import { conformanceCommand } from './conformance.ts';
import { contextOf } from './context.ts';
import { doctorCommand } from './doctor.ts';
import { Failure } from './failure.ts';
import { gradeCommand } from './grade.ts';
import { labCommand } from './lab.ts';
import { testCommand } from './test.ts';
import { upCommand } from './up.ts';
import { verifyCommand } from './verify.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new LabError('Stopped.', 'Nothing was left behind.'));
  });
}

const context = contextOf(process, stop.signal);
const program = new Command('breachlab')
  .description(
    'A Kubernetes cluster that has just been broken into, a terminal to mend it, and a grader that proves it.',
  )
  .enablePositionalOptions()
  .showHelpAfterError('(--help says more)')
  .exitOverride();
for (const command of [
  upCommand,
  testCommand,
  verifyCommand,
  gradeCommand,
  labCommand,
  doctorCommand,
  conformanceCommand,
  benchCommand,
]) {
  const made = command(context);
  made.exitOverride();
  for (const sub of made.commands) sub.exitOverride();
  program.addCommand(made);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Says what went wrong, once, without a stack trace unless BREACHLAB_DEBUG asks for it; returns the exit status. */
function exitCodeOf(error: unknown): number {
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode; // it has been printed
  if (stop.signal.aborted) return 130;
  if (error instanceof LabError) {
    process.stderr.write(`breachlab: ${error.message}\n  → ${error.nextStep}\n`);
    return 1;
  }
  const detail =
    error instanceof Error ? (context.env['BREACHLAB_DEBUG'] ? error.stack : error.message) : String(error);
  process.stderr.write(`breachlab: something unexpected happened: ${detail}\n`);
  process.stderr.write('  → Run it again with BREACHLAB_DEBUG=1 and report what it prints.\n');
  return 70;
}
