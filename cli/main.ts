import { CommanderError } from 'commander';
import { LabError } from '../clusters/cluster.ts';
import { contextOf } from './context.ts';
import { Failure } from './failure.ts';
import { programOf } from './program.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new LabError('Stopped.', 'Nothing was left behind.'));
  });
}

const context = contextOf(process, stop.signal);
try {
  await programOf(context).parseAsync();
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
