/** A terminal with bash, however it is reached. */
export interface MeasuredTerminal {
  /** Sends keys; resolves with the bytes that came until the output, of which the last 1,000 are looked at, holds the text. */
  answer(keys: string, wanted: string): Promise<number>;
}

/** Cleared before the line would wrap, for then the shell draws more than the echo. */
const KEYS_A_LINE = 50;
const FLOOD_BYTES = 50_000_000;
const CLEAR_LINE = '\x15';
/** Bytes at the end of the output: longer than any mark. */
const LOOKED_AT = 1000;

/** Resolves when the shell answers a command, and so reads keys. Marks are computed, so that the echo of a command does not hold them. */
export async function answersCommands(terminal: MeasuredTerminal): Promise<void> {
  await terminal.answer(`${CLEAR_LINE}echo ready-$((40+2))\r`, 'ready-42');
}

/** The time from each key to its echo by bash, in milliseconds. */
export async function echoTimes(terminal: MeasuredTerminal, keys: number): Promise<number[]> {
  const times: number[] = [];
  for (let key = 0; key < keys; key += 1) {
    if (key % KEYS_A_LINE === 0)
      await terminal.answer(`${CLEAR_LINE}\rprintf '\\n%s' cleared-$((40+2))\r`, 'cleared-42');
    const began = performance.now();
    await terminal.answer('x', 'x');
    times.push(performance.now() - began);
  }
  return times;
}

/** The rate of bulk output, in MB/s. */
export async function floodRate(terminal: MeasuredTerminal): Promise<number> {
  const command = `${CLEAR_LINE}yes ${'x'.repeat(79)} | head -c ${FLOOD_BYTES}; echo over-$((40+2))\r`;
  const began = performance.now();
  const bytes = await terminal.answer(command, 'over-42');
  return bytes / 1000 / (performance.now() - began);
}

/** Takes output as it comes, for `MeasuredTerminal.answer`; `failed` rejects once there will be none. */
export class TerminalEar {
  #hear: (chunk: Buffer) => void = () => undefined;
  readonly #failed: Promise<never>;

  constructor(failed: Promise<never>) {
    this.#failed = failed;
    failed.catch(() => undefined); // it is told where somebody waits
  }

  heard(chunk: Buffer): void {
    this.#hear(chunk);
  }

  /** Resolves with the bytes heard from now on until the end of them holds the text. */
  async bytesUntil(wanted: string): Promise<number> {
    const answered = Promise.withResolvers<number>();
    let last = '';
    let bytes = 0;
    this.#hear = (chunk) => {
      bytes += chunk.length;
      last = (last + chunk.subarray(-LOOKED_AT).toString('latin1')).slice(-LOOKED_AT);
      if (last.includes(wanted)) answered.resolve(bytes);
    };
    return Promise.race([answered.promise, this.#failed]);
  }
}
