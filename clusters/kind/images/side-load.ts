import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { LabError } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import { engineFailure } from '../docker/engine-failure.ts';
import { ExecConnection } from '../hosts/exec-connection.ts';
import { saveImages } from './image-stream.ts';

/** The namespace of containerd in which the kubelet's images are. */
export const CTR = ['ctr', '--namespace=k8s.io'] as const;

/**
 * Imports images of Docker into a node's containerd, as `kind load` does, but without a file between, and of this machine's platform
 * alone: where Docker keeps images in containerd's store, as Docker 29 does, what it saves names the manifests of platforms that it never
 * pulled, and `kind load` fails on the first (https://github.com/kubernetes-sigs/kind/issues/3795). They are unpacked when a pod first uses
 * them, by whatever snapshotter the node has. Throws `LabError`.
 */
export async function sideLoad(
  engine: Engine,
  { containerId, references }: { readonly containerId: string; readonly references: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const tried = `bring ${references.join(', ')} onto a node`;
  const argv = [...CTR, 'images', 'import', '--platform', engine.info.platform, '--no-unpack', '-'];
  try {
    const archive = await saveImages(engine, references, signal);
    const { exitCode, complaint } = await execWithInput(engine, { containerId, argv, input: archive }, signal);
    if (exitCode === 0) return;
    const nextStep =
      'See that Docker has the image whole (docker save) and that its disk is not full, then create the lab again.';
    throw new LabError(`could not ${tried}: ctr ended with ${exitCode}: ${complaint}`, nextStep);
  } catch (error) {
    signal.throwIfAborted();
    throw engineFailure(error, tried);
  }
}

/** Runs a program in a container with a stream as its input, which is destroyed. On abort the program reads the end of its input. */
async function execWithInput(
  engine: Engine,
  {
    containerId,
    argv,
    input,
  }: { readonly containerId: string; readonly argv: readonly string[]; readonly input: Readable },
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly complaint: string }> {
  const exec = await engine.docker
    .getContainer(containerId)
    .exec({ Cmd: [...argv], AttachStdin: true, AttachStdout: true, AttachStderr: true, abortSignal: signal });
  const connection = new ExecConnection(await exec.start({ hijack: true, stdin: true }));
  try {
    const ended = text(connection);
    // A program that ends before its input does closes the connection; its exit status then says more.
    await Promise.all([ended, pipeline(input, connection, { signal }).catch(() => undefined)]);
    signal.throwIfAborted();
    const { ExitCode } = await exec.inspect();
    return { exitCode: ExitCode ?? 1, complaint: connection.complaint.trim() };
  } finally {
    connection.destroy();
    input.destroy();
  }
}
