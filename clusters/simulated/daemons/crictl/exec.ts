import { constants } from 'node:os';
import { StartFailure } from '../../pods/sandbox.ts';
import { CrictlError, doing, type CriRequest, findContainer } from './verb.ts';

/**
 * `crictl exec`. A program's own status other than 0 ends crictl with 1, and its words tell it (cri-tools cmd/crictl/exec.go).
 */
export async function execInContainer({ runtime, call, options, words }: CriRequest): Promise<number> {
  const [reference, ...argv] = words;
  if (reference === undefined) throw new CrictlError('ID cannot be empty');
  if (argv.length === 0) throw new CrictlError('execing command in container: command cannot be empty');
  const container = await doing('execing command in container', () => findContainer(runtime, reference));
  if (container.state !== 'Running')
    throw new CrictlError(
      `execing command in container: rpc error: code = Unknown desc = container is in CONTAINER_${container.state.toUpperCase()} state`,
    );
  const started = await runtime.process(container).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CrictlError(why.startsWith('not simulated') ? why : `execing command in container: ${why}`, {
      cause: error,
    });
  });
  const [tty, interactive] = [options.has('tty'), options.has('interactive')];
  const { process, launch } = started;
  try {
    const status = await runProgram({ call, interactive, process, launch, argv }, tty);
    if (status !== 0)
      throw new CrictlError(`execing command in container: command terminated with exit code ${status}`);
    return 0;
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    const why = `failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: ${error.message}`;
    throw new CrictlError(
      `execing command in container: Internal error occurred: error executing command in container: ${why}`,
      {
        cause: error,
      },
    );
  }
}

/** A program to be run in a container, for who calls. */
export interface Session extends Pick<CriRequest, 'call'>, Awaited<ReturnType<CriRequest['runtime']['process']>> {
  readonly interactive: boolean;
  readonly argv: readonly string[];
}

/** Runs it to its end, and returns its status. Rejects with `StartFailure` where there is nothing to run. */
export const runProgram = (session: Session, tty: boolean): Promise<number> =>
  tty ? onTerminal(session) : withPipes(session);

async function onTerminal({ call, interactive, process, launch, argv }: Session): Promise<number> {
  const shell = await process.execOnTerminal(argv, { ...launch.env, TERM: 'xterm' }, launch.cwd);
  const { terminal } = call;
  if (terminal !== undefined) {
    if (interactive) terminal.takeKeys((cols, rows) => shell.resize(cols, rows));
    shell.resize(terminal.cols, terminal.rows);
  }
  if (interactive) call.stdin.on('data', (bytes: Buffer) => void shell.write(bytes).catch(() => undefined)); // it has ended
  const left = (): void => void shell.kill().catch(() => undefined);
  call.signal.addEventListener('abort', left, { once: true });
  for await (const bytes of shell.output as AsyncIterable<Buffer>) await call.stdout(bytes);
  call.signal.removeEventListener('abort', left);
  return call.signal.aborted ? 128 + constants.signals.SIGHUP : shell.exited;
}

async function withPipes({ call, interactive, process, launch, argv }: Session): Promise<number> {
  const program = await process.exec(argv, launch.env, launch.cwd, call.signal);
  program.stdin.on('error', () => undefined); // it may end before it has read its input
  if (interactive) call.stdin.pipe(program.stdin);
  else program.stdin.end();
  const carried = (['stdout', 'stderr'] as const).map(async (stream) => {
    for await (const bytes of program[stream] as AsyncIterable<Buffer>) await call[stream](bytes);
  });
  const status = await program.exited;
  await Promise.all(carried);
  return status;
}
