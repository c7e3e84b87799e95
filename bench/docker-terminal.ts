import type { Duplex } from 'node:stream';
import type { Host } from '../clusters/cluster.ts';
import type { Engine } from '../clusters/kind/docker/engine.ts';
import { type BenchRow, rateRowOf, rowOf } from './row.ts';
import { answersCommands, echoTimes, floodRate, type MeasuredTerminal, TerminalEar } from './terminal-measure.ts';

export interface DockerTerminalBench {
  readonly engine: Engine;
  readonly containerId: string;
  /** The same container as a host of a lab. */
  readonly host: Host;
  readonly signal: AbortSignal;
}

const KEYS = 1_000;
/** By turns, so that what else the machine does meets both. */
const ROUNDS = 4;

interface Terminal extends MeasuredTerminal {
  readonly name: string;
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
  for (const terminal of terminals) await answersCommands(terminal);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const terminal of terminals) {
      bench.signal.throwIfAborted();
      echoes.get(terminal)?.push(...(await echoTimes(terminal, KEYS / ROUNDS)));
      rates.get(terminal)?.push(await floodRate(terminal));
    }
  }
  for (const terminal of terminals) {
    yield rowOf(`${terminal.name}-echo`, 'ms', echoes.get(terminal) ?? []);
    yield rateRowOf(`${terminal.name}-throughput`, 'MB/s', rates.get(terminal) ?? []);
    await terminal.close();
  }
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
  const ended = Promise.withResolvers<never>();
  const ear = new TerminalEar(ended.promise);
  output.on('data', (chunk: Buffer) => ear.heard(chunk));
  output.once('end', () => ended.reject(new Error('the terminal ended')));
  return (keys, wanted) => {
    const answered = ear.bytesUntil(wanted);
    send(keys);
    return answered;
  };
}
