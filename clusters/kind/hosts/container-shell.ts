import { Readable } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import type { Shell, ShellOptions } from '../../cluster.ts';
import { BASE_ENVIRONMENT } from '../../keeper/base-environment.ts';
import { programFields } from '../../keeper/kept-program.ts';
import { assertSession, boundedSize, endTerminal, terminalInput } from '../../keeper/kept-terminal.ts';
import { packetReader } from '../../keeper/packets.ts';
import { hasStatus } from '../docker/engine-failure.ts';
import type { ExecConnection } from './exec-connection.ts';
import { type HostContainer, startKeeper } from './start-keeper.ts';

/** The relay sends pieces of 64 KB at most. */
const MAX_PACKET = 2 ** 17;

/** Of a shell that was killed: 128 + SIGKILL. */
const KILLED = 137;

/** How long a shell that is killed may take to say so. */
const KILL_MS = 15_000;

/**
 * Opens, or attaches to, a login shell on a terminal that a holder in the container has (agent/terminal.pl). It lives on when the
 * connection goes, and so when this server does; the newest connection has it and is shown its last 64 KB anew. Throws `LabError`.
 */
export async function openContainerShell(container: HostContainer, options: ShellOptions): Promise<Shell> {
  assertSession(options.session);
  const attached = await attach(container, options, 'open');
  const { connection, output, resumed } = attached;
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  let detached = false;
  let ended = false;
  const end = (status: number): void => {
    ended = true;
    resolve(status);
  };
  void attached.status.then(async (status) => {
    const known = status ?? (detached ? undefined : await fateOf(container, options));
    if (known !== undefined) end(known);
  });
  const input = terminalInput(connection);
  if (resumed) input.resize(options.cols, options.rows);
  return {
    output,
    resumed,
    exited,
    ...input,
    async kill() {
      if (ended) return;
      const live = connection.writable ? attached : await attach(container, options, 'find');
      if (!live.resumed && live !== attached) return;
      live.discard();
      const late = setTimeout(() => live.connection.destroy(), KILL_MS);
      await endTerminal(live.connection).catch(() => undefined); // it ended by itself
      const status = await live.status;
      clearTimeout(late);
      end(status ?? (await fateOf(container, options)) ?? KILLED);
    },
    // oxlint-disable-next-line typescript/require-await -- the contract's dispose is asynchronous
    async [Symbol.asyncDispose]() {
      detached = true;
      connection.destroy();
    },
  };
}

interface Attached {
  readonly connection: ExecConnection;
  readonly output: Readable;
  readonly resumed: boolean;
  /** Resolves when the connection ends: undefined when the shell may have gone on. */
  readonly status: Promise<number | undefined>;
  /** Drops all output from now on, so that nobody has to read it. */
  discard(): void;
}

async function attach(
  container: HostContainer,
  { session, cols, rows }: ShellOptions,
  how: 'open' | 'find',
): Promise<Attached> {
  const env = { ...BASE_ENVIRONMENT, TERM: 'xterm-256color' };
  const words = programFields('/root', env, ['/bin/bash', '-l']);
  const fields = [session, how, boundedSize(rows), boundedSize(cols), ...words];
  const connection = await startKeeper(container, 'terminal', fields);
  const output = new Readable({ read: () => void connection.resume() });
  const began = Promise.withResolvers<boolean>();
  const status = Promise.withResolvers<number | undefined>();
  let discarded = false;
  listen(connection, (type, bytes) => {
    if (type === 1) {
      if (!discarded && !output.push(bytes)) connection.pause();
    } else if (type === 2) {
      began.resolve(String(bytes) === '1');
    } else if (type === 3) {
      status.resolve(bytes.readUInt32BE(0));
    }
  });
  connection.once('close', () => {
    began.reject(new Error(`the terminal on ${container.name} did not begin: ${connection.complaint.trim()}`));
    status.resolve(undefined);
    output.push(null);
  });
  output.once('close', () => connection.destroy());
  return {
    connection,
    output,
    resumed: await began.promise,
    status: status.promise,
    discard() {
      discarded = true;
      connection.resume();
    },
  };
}

/** Calls back with each packet; a connection that brings none is ended, for then somebody who is root there meddled. */
function listen(connection: ExecConnection, found: (type: number, bytes: Buffer) => void): void {
  const read = packetReader(MAX_PACKET, found);
  connection.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (error) {
      connection.destroy(error as Error);
    }
  });
}

/** A container that is being removed says for a moment that it runs, and can be reached no more. Milliseconds. */
const FATE_LIMIT_MS = 10_000;
const FATE_PAUSE_MS = 100;

/** How a shell ended whose connection was lost; undefined when it goes on, or nobody can tell. */
async function fateOf(container: HostContainer, options: ShellOptions): Promise<number | undefined> {
  const late = AbortSignal.timeout(FATE_LIMIT_MS);
  for (;;) {
    try {
      const { State } = await container.engine.docker.getContainer(container.containerId).inspect();
      return State.Running ? await statusOf(container, options) : KILLED;
    } catch (error) {
      if (hasStatus(error, 404)) return KILLED;
      if (late.aborted) return undefined;
      await after(FATE_PAUSE_MS);
    }
  }
}

/** What the holder of a shell knows of it. */
async function statusOf(container: HostContainer, { session }: ShellOptions): Promise<number | undefined> {
  const connection = await startKeeper(container, 'terminal', [session, 'look']);
  let status: number | undefined;
  listen(connection, (type, bytes) => {
    if (type === 3) status = bytes.readUInt32BE(0);
  });
  await new Promise((resolve) => void connection.once('close', resolve));
  return status;
}
