import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Shell, ShellOptions } from '../../clusters/cluster.ts';

const KEYS = { enter: 0x0d, backspace: 0x7f, interrupt: 0x03 } as const;

/**
 * A program with a terminal, in memory: echoes what is typed, runs a line when Enter comes, blocks when nobody reads its output
 * and takes no keys while it is blocked, as a program on a real terminal does.
 *
 *   echo TEXT     prints TEXT            size        prints columns and rows       title TEXT   switches to the alternate screen
 *   flood BYTES   prints so many bytes   exit CODE   ends                          fix / break  makes the fake scenario's check pass or not
 *   take BYTES    takes so many keys without an echo and prints their SHA-256
 *   mirror BYTES  the same, but echoes each
 *   hang          takes no more keys
 */
export class FakeProgram {
  readonly exited: Promise<number>;
  readonly #exit: (code: number) => void;
  readonly #onFix: (fixed: boolean) => void;
  #output: PassThrough | undefined;
  #line = '';
  #size: { cols: number; rows: number };
  #raw: { left: number; echo: boolean; hash: ReturnType<typeof createHash> } | undefined;
  #hung: Promise<void> | undefined;
  #unhang: () => void = () => {};
  ended = false;

  constructor(size: { cols: number; rows: number }, onFix: (fixed: boolean) => void) {
    this.#size = size;
    this.#onFix = onFix;
    const exit = Promise.withResolvers<number>();
    this.exited = exit.promise;
    this.#exit = exit.resolve;
  }

  attach({ cols, rows }: ShellOptions, resumed: boolean): Shell {
    this.#output?.end();
    const output = new PassThrough({ highWaterMark: 64 * 1024 });
    this.#output = output;
    this.#size = { cols, rows };
    if (!resumed) void this.#print('$ ');
    return {
      output,
      resumed,
      exited: this.exited,
      write: (keys) => this.#take(keys),
      resize: (cols, rows) => {
        this.#size = { cols, rows };
      },
      kill: async () => this.end(129),
      [Symbol.asyncDispose]: async () => {
        output.end();
        if (this.#output === output) this.#output = undefined;
      },
    };
  }

  end(code: number): void {
    if (this.ended) return;
    this.ended = true;
    this.#unhang();
    this.#exit(code);
    this.#output?.end();
  }

  async #print(output: string | Uint8Array): Promise<void> {
    const to = this.#output;
    if (to === undefined || to.writableEnded) return;
    if (to.write(output)) return;
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([once(to, 'drain', { signal }), once(to, 'close', { signal }), this.exited]);
    over.abort(); // takes the other listeners away
  }

  async #take(keys: Uint8Array): Promise<void> {
    await this.#hung;
    for (let at = 0; at < keys.length && !this.ended;) {
      if (this.#raw === undefined) {
        await this.#key(keys[at] ?? 0);
        at += 1;
      } else {
        const piece = keys.subarray(at, at + this.#raw.left);
        at += piece.length;
        await this.#takeRaw(piece);
      }
    }
  }

  async #takeRaw(piece: Uint8Array): Promise<void> {
    const raw = this.#raw;
    if (raw === undefined) return;
    raw.hash.update(piece);
    raw.left -= piece.length;
    if (raw.echo) await this.#print(piece);
    if (raw.left > 0) return;
    this.#raw = undefined;
    await this.#print(`sha256 ${raw.hash.digest('hex')}\r\n$ `);
  }

  async #key(key: number): Promise<void> {
    if (key === KEYS.interrupt) {
      this.#line = '';
      return await this.#print('^C\r\n$ ');
    }
    if (key === KEYS.backspace) {
      if (this.#line === '') return;
      this.#line = this.#line.slice(0, -1);
      return await this.#print('\b \b');
    }
    if (key !== KEYS.enter) {
      const character = String.fromCharCode(key);
      this.#line += character;
      return await this.#print(character);
    }
    const line = this.#line;
    this.#line = '';
    await this.#print('\r\n');
    await this.#run(line);
    if (!this.ended && this.#raw === undefined) await this.#print('$ ');
  }

  async #run(line: string): Promise<void> {
    const [, command = '', argument = ''] = /^\s*(\S*)\s?(.*)$/.exec(line) ?? [];
    switch (command) {
      case '':
        return;
      case 'echo':
        return await this.#print(`${argument}\r\n`);
      case 'title':
        return await this.#print(`\x1b[?1049h\x1b[H${argument}\r\n`);
      case 'size':
        return await this.#print(`${this.#size.cols} columns ${this.#size.rows} rows\r\n`);
      case 'exit':
        return this.end(Number(argument || 0));
      case 'fix':
      case 'break':
        return this.#onFix(command === 'fix');
      case 'take':
      case 'mirror':
        this.#raw = { left: Number(argument), echo: command === 'mirror', hash: createHash('sha256') };
        return;
      case 'hang': {
        const hung = Promise.withResolvers<void>();
        this.#hung = hung.promise;
        this.#unhang = hung.resolve;
        return;
      }
      case 'flood':
        return await this.#flood(Number(argument));
      default:
        return await this.#print(`${command}: command not found\r\n`);
    }
  }

  async #flood(bytes: number): Promise<void> {
    const chunk = Buffer.from(`${'x'.repeat(78)}\r\n`.repeat(400));
    for (let left = bytes; left > 0 && !this.ended; left -= chunk.length) await this.#print(chunk.subarray(0, left));
    await this.#print('\r\nflood is over\r\n');
  }
}
