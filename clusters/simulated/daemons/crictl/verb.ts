import type { Clock } from '../../clock.ts';
import type { CommandCall } from '../../hosts/simulated-host.ts';
import type { Options, OptionTable } from '../command-line.ts';
import type { CriContainer, CriRuntime, CriSandbox } from './cri-runtime.ts';
import { CriFailure } from './cri-runtime.ts';

/** One call of a crictl command. */
export interface CriRequest {
  readonly runtime: CriRuntime;
  readonly call: CommandCall;
  readonly options: Options;
  readonly words: readonly string[];
  readonly clock: Clock;
}

/** One of crictl's commands. */
export interface Verb {
  readonly description: string;
  /** What follows its name and options in a usage line. */
  readonly usage: string;
  readonly table: OptionTable;
  /** Returns its exit status. Throws `CrictlError` for what crictl ends with. */
  readonly run: (request: CriRequest) => Promise<number>;
}

/** What crictl says before it exits with 1. */
export class CrictlError extends Error {
  override readonly name = 'CrictlError';
}

/** Puts what crictl was doing before what containerd said of it. */
export async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CriFailure) throw new CrictlError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The container whose id that is, or begins so. Rejects with `CriFailure`. */
export async function findContainer(runtime: CriRuntime, reference: string): Promise<CriContainer> {
  return only(await runtime.containers(), reference, 'container');
}

/** The sandbox whose id that is, or begins so. Rejects with `CriFailure`. */
export async function findSandbox(runtime: CriRuntime, reference: string): Promise<CriSandbox> {
  return only(await runtime.sandboxes(), reference, 'sandbox');
}

/** containerd's words: internal/store/label's index of ids and internal/cri/server/container_status.go, sandbox_status.go. */
function only<T extends { readonly id: string }>(all: readonly T[], reference: string, kind: string): T {
  const found = all.filter(({ id }) => reference !== '' && id.startsWith(reference));
  const [first] = found;
  const tried = `an error occurred when try to find ${kind}`;
  if (first === undefined)
    throw new CriFailure(
      'NotFound',
      kind === 'container' ? `${tried} "${reference}": not found` : `${tried}: not found`,
    );
  if (found.length > 1 && !found.some(({ id }) => id === reference))
    throw new CriFailure(
      'Unknown',
      `${tried}${kind === 'container' ? ` "${reference}"` : ''}: ID prefix exists in multiple IDs`,
    );
  return first;
}

/** Does something to each of the words, and ends with the first that fails. */
export async function eachWord({ words }: CriRequest, act: (word: string) => Promise<void>): Promise<number> {
  if (words.length === 0) throw new CrictlError('ID cannot be empty');
  for (const word of words) await act(word);
  return 0;
}
