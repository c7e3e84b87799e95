import type { Duplex } from 'node:stream';
import type { Host } from '../clusters/cluster.ts';
import type { Engine } from '../clusters/kind/docker/engine.ts';
import { percentile } from './percentile.ts';
import { type BenchRow, rowOf } from './row.ts';

export interface DockerTerminalBench {
  readonly engine: Engine;
  readonly containerId: string;
  /** The same container as a host of a lab. */
  readonly host: Host;
  readonly signal: AbortSignal;
}

const KEYS = 1_000;
/** Cleared before the line would wrap, for then the shell draws more than the echo. */
const KEYS_A_LINE = 50;
/** By turns, so that what else the machine does meets both. */
const ROUNDS = 4;
const FLOOD_BYTES = 50_000_000;
const CLEAR_LINE = '\x15';

/** A terminal with bash, however it is reached. */
interface Terminal {
  readonly name: string;
  /** Sends keys; resolves with the bytes that came until the output, of which the last 1,000 are looked at, holds the text. */
  answer(keys: string, wanted: string): Promise<number>;
  close(): Promise<void>;
}

/**
 * A shell of a lab's host beside what `docker exec -it` asks of Docker (a program on a terminal, over one upgraded connection), without
 * that client's own process: the time from a key to its echo by bash, and the rate of bulk output.
 */
export async function* benchDockerTerminal(bench: DockerTerminalBench): AsyncGenerator<BenchRow> {
  const terminals = [await labTerminal(bench), await dockerTerminal(bench)];
  const echoes = new Map(terminals.map((terminal) => [terminal, [] as number[]]));
  const rates = new Map(terminals.map((terminal) => [terminal, [] as number[]]));
  for (const terminal of terminals) await terminal.answer('echo ready-$((40+2))\r', 'ready-42');
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const terminal of terminals) {
      bench.signal.throwIfAborted();
      await echo(terminal, KEYS / ROUNDS, echoes.get(terminal) ?? []);
      rates.get(terminal)?.push(await flood(terminal));
    }
  }
  for (const terminal of terminals) {
    yield rowOf(`${terminal.name}-echo`, 'ms', echoes.get(terminal) ?? []);
    const rate = rates.get(terminal) ?? [];
    // Of a rate the slow side, as with a time.
    yield { ...rowOf(`${terminal.name}-throughput`, 'MB/s', rate), p99: percentile(rate, 1) };
    await terminal.close();
  }
}

async function echo(terminal: Terminal, keys: number, into: number[]): Promise<void> {
  for (let key = 0; key < keys; key += 1) {
    if (key % KEYS_A_LINE === 0)
      await terminal.answer(`${CLEAR_LINE}\rprintf '\\n%s' cleared-$((40+2))\r`, 'cleared-42');
    const began = performance.now();
    await terminal.answer('x', 'x');
    into.push(performance.now() - began);
  }
}

async function flood(terminal: Terminal): Promise<number> {
  const began = performance.now();
  const line = 'x'.repeat(79);
  // The mark is computed, so that the echo of the command does not hold it.
  const command = `${CLEAR_LINE}yes ${line} | head -c ${FLOOD_BYTES}; echo over-$((40+2))\r`;
  const bytes = await terminal.answer(command, 'over-42');
  return bytes / 1000 / (performance.now() - began);
}

async function labTerminal({ host }: DockerTerminalBench): Promise<Terminal> {
  const shell = await host.openShell({ session: `bench-${Date.now().toString(36)}`, cols: 200, rows: 50 });
  return {
    name: 'lab-terminal',
    answer: answers(shell.output, (keys) => void shell.write(Buffer.from(keys))),
    close: () => shell.kill(),
  };
}

async function dockerTerminal({ engine, containerId }: DockerTerminalBench): Promise<Terminal> {
  const exec = await engine.docker.getContainer(containerId).exec({
    Cmd: ['bash', '-l'],
    Env: ['TERM=xterm-256color', 'HOME=/root'],
    Tty: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const line: Duplex = await exec.start({ hijack: true, stdin: false, Tty: true });
  await exec.resize({ w: 200, h: 50 });
  return {
    name: 'docker-exec-it',
    answer: answers(line, (keys) => void line.write(keys)),
    // oxlint-disable-next-line typescript/require-await -- the other one's close takes its time
    close: async () => void line.destroy(),
  };
}

function answers(output: NodeJS.ReadableStream, send: (keys: string) => void): Terminal['answer'] {
  let hear: (chunk: Buffer) => void = () => undefined;
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined); // it is told where somebody waits
  output.on('data', (chunk: Buffer) => hear(chunk));
  output.once('end', () => ended.reject(new Error('the terminal ended')));
  return async (keys, wanted) => {
    const answered = Promise.withResolvers<number>();
    let last = '';
    let bytes = 0;
    hear = (chunk) => {
      bytes += chunk.length;
      last = (last + chunk.subarray(-1000).toString('latin1')).slice(-1000);
      if (last.includes(wanted)) answered.resolve(bytes);
    };
    send(keys);
    return Promise.race([answered.promise, ended.promise]);
  };
}
