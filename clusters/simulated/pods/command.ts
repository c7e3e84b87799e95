import type { RealContainer } from './real-container.ts';

/** Of a probe's or a hook's command; characters. */
const MAX_OUTPUT = 16 * 1024;

/** Runs a command in a container that has started; both of its outputs come as one text. Rejects when it cannot run, or on abort. */
export async function runCommand(
  container: RealContainer,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  const { process, launch } = await container.started;
  signal.throwIfAborted();
  const run = await process.exec(argv, launch.env, launch.cwd, signal);
  run.stdin.end();
  let output = '';
  for (const stream of [run.stdout, run.stderr])
    stream.on('data', (bytes: Buffer) => {
      if (output.length < MAX_OUTPUT) output += bytes.toString('utf8');
    });
  const exitCode = await run.exited;
  signal.throwIfAborted();
  return { exitCode, output };
}
