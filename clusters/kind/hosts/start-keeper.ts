import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { HostName } from '../../../protocol/host.ts';
import { LabError } from '../../cluster.ts';
import { bytesSource, keeperSource } from '../../keeper/keeper-source.ts';
import { answered, type Engine } from '../docker/engine.ts';
import { ExecConnection } from './exec-connection.ts';

/** A container that is a host of a lab. */
export interface HostContainer {
  readonly engine: Engine;
  readonly containerId: string;
  readonly name: HostName;
}

/** How long Docker may take to start a program. */
const START_MS = 60_000;

/** What a keeper says first (agent/base.pl). */
const GREETING = 'breachlab\n';

const PARTS = ['program', 'files', 'terminal', 'dial'] as const;
type Part = (typeof PARTS)[number];

/** By part, the whole program for `perl -e`. */
const SOURCES = new Map<Part, string>();

/**
 * Runs one of the programs in agent/ in the container, as root, and gives it its fields. It is there when this resolves; it ends when
 * the connection is destroyed. Throws `LabError` when Docker or the container is gone or has no perl; on abort the signal's reason.
 */
export async function startKeeper(
  { engine, containerId, name }: HostContainer,
  part: Part,
  fields: readonly (string | number | Uint8Array)[],
  signals: readonly AbortSignal[] = [],
): Promise<ExecConnection> {
  return answered(`reach into ${name}`, signals, START_MS, async (signal) => {
    const exec = await engine.docker.getContainer(containerId).exec({
      Cmd: ['perl', '-e', sourceOf(part)],
      User: '0:0',
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      abortSignal: signal,
    });
    const connection = new ExecConnection(await exec.start({ hijack: true, stdin: false, abortSignal: signal }));
    connection.on('error', () => undefined); // its end says it
    const giveUp = () => connection.destroy();
    signal.addEventListener('abort', giveUp);
    try {
      if (signal.aborted) giveUp();
      connection.write(frame(fields));
      await greeted(connection, name);
      return connection;
    } catch (error) {
      giveUp();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  });
}

/** Docker tells what it could not start in the output; perl complains in the error output. */
async function greeted(connection: ExecConnection, name: HostName): Promise<void> {
  const said = await firstBytes(connection, GREETING.length);
  if (String(said) === GREETING) return;
  const rest = String(connection.read() ?? '');
  const why = `${String(said)}${rest}${connection.complaint}`.trim() || 'it ended at once';
  throw new LabError(
    `could not reach into ${name}: ${why}`,
    'Its image needs /usr/bin/perl, as Debian and kindest/node have it. If it had that, or too much runs there, reset the lab.',
  );
}

/** So many bytes, or fewer when the stream ends before. */
async function firstBytes(stream: Readable, size: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const look = () => {
      const bytes = stream.read(size) as Buffer | null;
      if (bytes === null && !stream.readableEnded && !stream.destroyed) return;
      stream.off('readable', look).off('close', look);
      resolve(bytes ?? Buffer.alloc(0));
    };
    stream.on('readable', look).on('close', look);
  });
}

/** A 32-bit length and then fields, each a 32-bit length and its bytes. */
function frame(fields: readonly (string | number | Uint8Array)[]): Buffer {
  const packed = fields.map((field) => lengthAnd(typeof field === 'number' ? String(field) : field));
  return lengthAnd(Buffer.concat(packed));
}

function lengthAnd(field: string | Uint8Array): Buffer {
  const bytes = Buffer.from(field);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function sourceOf(part: Part): string {
  const known = SOURCES.get(part);
  if (known !== undefined) return known;
  const own = (name: string) =>
    `#line 1 "${name}.pl"\n${readFileSync(new URL(`agent/${name}.pl`, import.meta.url), 'utf8')}`;
  const source = [own('base'), bytesSource(), keeperSource(), own(part)].join('\n');
  SOURCES.set(part, source);
  return source;
}
