import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { HostName } from '../protocol/host.ts';
import { TERMINAL_ACK_BYTES, TerminalServerFrame } from '../protocol/terminal.ts';
import { percentile } from './percentile.ts';

export interface TerminalBench {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly token: string;
  /** The id of a lab that is ready. */
  readonly lab: string;
  readonly host?: HostName;
  readonly signal: AbortSignal;
}

/** `p50` and `p99` in `unit`. Of a rate `p99` is what 99 % of the rounds reach: the slow side, as with a time. */
export interface TerminalBenchRow {
  readonly name: string;
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly unit: string;
}

const KEYS = 1_000;
/** Cleared before the line would wrap, for then the shell draws more than the echo. */
const KEYS_A_LINE = 50;
const ROUNDS = 3;
const FLOOD_BYTES = 50_000_000;
const CLEAR_LINE = '\x15';

/**
 * Measures one terminal of a running server as a page sees it: the time from a key to its echo by bash, and the rate of bulk output
 * that is acknowledged as it comes. Throws when the terminal goes or the signal fires.
 */
export async function* benchTerminal(bench: TerminalBench): AsyncGenerator<TerminalBenchRow> {
  using terminal = await BenchClient.open(bench);
  await terminal.ready();

  const echoes: number[] = [];
  for (let key = 0; key < KEYS; key += 1) {
    if (key % KEYS_A_LINE === 0) await terminal.answer(CLEAR_LINE, () => true);
    const began = performance.now();
    await terminal.answer('x', (output) => output.includes('x'));
    echoes.push(performance.now() - began);
  }
  yield { name: 'terminal-echo', n: KEYS, p50: percentile(echoes, 50), p99: percentile(echoes, 99), unit: 'ms' };

  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await terminal.ready();
    const line = 'x'.repeat(79);
    // The mark is computed, so that the echo of the command does not hold it.
    const command = `${CLEAR_LINE}yes ${line} | head -c ${FLOOD_BYTES}; echo over-$((40+2))\r`;
    const before = terminal.bytes;
    const began = performance.now();
    await terminal.answer(command, (output) => output.includes('over-42'));
    rates.push((terminal.bytes - before) / 1000 / (performance.now() - began));
  }
  const [p50, p99] = [percentile(rates, 50), percentile(rates, 1)];
  yield { name: 'terminal-throughput', n: ROUNDS, p50, p99, unit: 'MB/s' };
}

/** The least that a page's terminal does: counts, acknowledges, waits for output. */
class BenchClient implements Disposable {
  readonly #socket: WebSocket;
  readonly #failed = Promise.withResolvers<never>();
  #unacknowledged = 0;
  #onOutput: (output: string) => void = () => {};
  bytes = 0;

  private constructor(socket: WebSocket, signal: AbortSignal) {
    this.#socket = socket;
    this.#failed.promise.catch(() => {}); // it is told where somebody waits
    signal.addEventListener('abort', () => this.#failed.reject(signal.reason), { once: true });
    socket.on('error', this.#failed.reject);
    socket.on('close', (code) => this.#failed.reject(new Error(`the server closed the terminal with ${code}`)));
    socket.on('message', (data: Buffer, isBinary: boolean) => (isBinary ? this.#draw(data) : this.#hear(data)));
  }

  static async open({ origin, token, lab, host = 'workstation', signal }: TerminalBench): Promise<BenchClient> {
    const terminal = `bench-${Date.now().toString(36)}`;
    const url = `${origin.replace(/^http/, 'ws')}/api/labs/${lab}/terminals/${host}/${terminal}?cols=200&rows=50`;
    const headers = { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    const client = new BenchClient(socket, signal);
    await Promise.race([once(socket, 'open'), client.#failed.promise]);
    return client;
  }

  /** Resolves when the shell answers a command, and so reads keys. */
  ready(): Promise<void> {
    return this.answer(`${CLEAR_LINE}echo ready-$((40+2))\r`, (output) => output.includes('ready-42'));
  }

  /** Sends keys; resolves once the output since then, of which the last 1,000 characters are kept, is as wanted. */
  async answer(keys: string, wanted: (output: string) => boolean): Promise<void> {
    const answered = Promise.withResolvers<void>();
    let output = '';
    this.#onOutput = (more) => {
      output = (output + more).slice(-1000);
      if (wanted(output)) answered.resolve();
    };
    this.#socket.send(Buffer.from(keys), { binary: true });
    await Promise.race([answered.promise, this.#failed.promise]);
    this.#onOutput = () => {};
  }

  [Symbol.dispose](): void {
    this.#socket.removeAllListeners('close');
    // The shell has served its purpose.
    this.#socket.send(JSON.stringify({ type: 'close' }));
    this.#socket.close();
  }

  #draw(data: Buffer): void {
    this.bytes += data.length;
    this.#unacknowledged += data.length;
    if (this.#unacknowledged >= TERMINAL_ACK_BYTES) {
      this.#socket.send(JSON.stringify({ type: 'ack', bytes: this.#unacknowledged }));
      this.#unacknowledged = 0;
    }
    this.#onOutput(data.subarray(-1000).toString('latin1'));
  }

  #hear(data: Buffer): void {
    const frame = TerminalServerFrame.parse(JSON.parse(data.toString('utf8')));
    if (frame.type === 'error') this.#failed.reject(new Error(frame.message));
    if (frame.type === 'exit') this.#failed.reject(new Error(`the shell ended with ${frame.code}`));
  }
}
