import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { HostName } from '../protocol/host.ts';
import { TERMINAL_ACK_BYTES, TerminalServerFrame } from '../protocol/terminal.ts';
import { type BenchRow, rateRowOf, rowOf } from './row.ts';
import { answersCommands, echoTimes, floodRate, type MeasuredTerminal, TerminalEar } from './terminal-measure.ts';

export interface TerminalBench {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly token: string;
  /** The id of a lab that is ready. */
  readonly lab: string;
  readonly host?: HostName;
  readonly signal: AbortSignal;
}

const KEYS = 1_000;
const ROUNDS = 3;

/**
 * Measures one terminal of a running server as a page sees it: the time from a key to its echo by bash, and the rate of bulk output
 * that is acknowledged as it comes. Throws when the terminal goes or the signal fires.
 */
export async function* benchTerminal(bench: TerminalBench): AsyncGenerator<BenchRow> {
  using terminal = await BenchClient.open(bench);
  await answersCommands(terminal);
  yield rowOf('terminal-echo', 'ms', await echoTimes(terminal, KEYS));

  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await answersCommands(terminal);
    rates.push(await floodRate(terminal));
  }
  yield rateRowOf('terminal-throughput', 'MB/s', rates);
}

/** The least that a page's terminal does: counts, acknowledges, waits for output. */
class BenchClient implements MeasuredTerminal, Disposable {
  readonly #socket: WebSocket;
  readonly #failed = Promise.withResolvers<never>();
  readonly #ear = new TerminalEar(this.#failed.promise);
  #unacknowledged = 0;

  private constructor(socket: WebSocket, signal: AbortSignal) {
    this.#socket = socket;
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

  answer(keys: string, wanted: string): Promise<number> {
    const answered = this.#ear.bytesUntil(wanted);
    this.#socket.send(Buffer.from(keys), { binary: true });
    return answered;
  }

  [Symbol.dispose](): void {
    this.#socket.removeAllListeners('close');
    // The shell has served its purpose.
    this.#socket.send(JSON.stringify({ type: 'close' }));
    this.#socket.close();
  }

  #draw(data: Buffer): void {
    this.#unacknowledged += data.length;
    if (this.#unacknowledged >= TERMINAL_ACK_BYTES) {
      this.#socket.send(JSON.stringify({ type: 'ack', bytes: this.#unacknowledged }));
      this.#unacknowledged = 0;
    }
    this.#ear.heard(data);
  }

  #hear(data: Buffer): void {
    const frame = TerminalServerFrame.parse(JSON.parse(data.toString('utf8')));
    if (frame.type === 'error') this.#failed.reject(new Error(frame.message));
    if (frame.type === 'exit') this.#failed.reject(new Error(`the shell ended with ${frame.code}`));
  }
}
