import { PassThrough, type Readable } from 'node:stream';
import { LabError } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import { engineFailure } from '../docker/engine-failure.ts';
import { saveImages } from './image-stream.ts';

/** The namespace of containerd in which the kubelet's images are. */
export const CTR = ['ctr', '--namespace=k8s.io'] as const;

/**
 * Imports images of Docker into a node's containerd, as `kind load` does, but without a file between. They are unpacked when a pod first
 * uses them, by whatever snapshotter the node has. Throws `LabError`.
 */
export async function sideLoad(
  engine: Engine,
  { containerId, references }: { readonly containerId: string; readonly references: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const tried = `bring ${references.join(', ')} onto a node`;
  const own = new AbortController();
  const archive = await saveImages(engine, references, AbortSignal.any([signal, own.signal]));
  try {
    const { exitCode, said } = await execWithInput(
      engine,
      containerId,
      [...CTR, 'images', 'import', '--no-unpack', '-'],
      archive,
      signal,
    );
    if (exitCode === 0) return;
    throw new LabError(
      `could not ${tried}: ctr ended with ${exitCode}: ${said}`,
      'See what is on the node’s disk, then create the lab again.',
    );
  } catch (error) {
    signal.throwIfAborted();
    throw engineFailure(error, tried);
  } finally {
    own.abort();
  }
}

const SHOWN_CHARACTERS = 2000;

/** Runs a program in a container with a stream as its input. On abort its connection is cut, and it reads the end of its input. */
async function execWithInput(
  engine: Engine,
  containerId: string,
  argv: readonly string[],
  input: Readable,
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly said: string }> {
  const exec = await engine.docker
    .getContainer(containerId)
    .exec({ Cmd: [...argv], AttachStdin: true, AttachStdout: true, AttachStderr: true, abortSignal: signal });
  const stream = await exec.start({ hijack: true, stdin: true });
  let said = '';
  const output = new PassThrough().on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-SHOWN_CHARACTERS);
  });
  engine.docker.modem.demuxStream(stream, output, output);
  const ended = new Promise<void>((resolve, reject) => {
    stream.once('end', resolve).once('close', resolve).once('error', reject);
    input.once('error', reject);
  });
  const abort = (): void => void stream.destroy();
  signal.addEventListener('abort', abort);
  try {
    input.pipe(stream);
    await ended;
  } finally {
    signal.removeEventListener('abort', abort);
    stream.destroy();
  }
  signal.throwIfAborted();
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? 1, said: said.trim() };
}
