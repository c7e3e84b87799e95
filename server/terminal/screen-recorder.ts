import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { SkippedOutput } from './skipped-output.ts';

/** Lines above the screen that are held, 2.2 MB when full, and those that a reconnecting page gets back, about 24 KB. */
const SCROLLBACK_HELD = 1_000;
const SCROLLBACK_RESTORED = 200;
/** The recorder draws at most so much in so long (1.3 MB/s), so that a flood leaves the event loop to those who watch it. */
const SLICE_BYTES = 64 * 1024;
const SLICE_MS = 50;
/** Above the first mark the oldest undrawn output is skipped down to the second: many screens and the restored scrollback. */
const UNDRAWN_MAX_BYTES = 256 * 1024;
const UNDRAWN_KEPT_BYTES = 128 * 1024;

type Drawn = { readonly terminal: InstanceType<typeof headless.Terminal>; readonly addon: SerializeAddon };

/**
 * Remembers the screen of a shell for a page that comes back. Never holds output up: what it cannot draw in time it skips, except for
 * the modes in it, and only the far past of the scrollback is lost.
 */
export class ScreenRecorder implements Disposable {
  #cols: number;
  #rows: number;
  #drawn: Drawn | undefined;
  /** What a resting recorder draws first. */
  #asleep = '';
  #undrawn: Buffer[] = [];
  #undrawnBytes = 0;
  #skipped: SkippedOutput | undefined;
  #resting = false;
  #snapshots = 0;
  #disposed = false;
  #timer: NodeJS.Timeout | undefined;
  /** Whether there ever was output. */
  blank = true;

  constructor(cols: number, rows: number) {
    this.#cols = cols;
    this.#rows = rows;
  }

  record(output: Buffer): void {
    if (this.#disposed) return;
    this.blank = false;
    this.#undrawn.push(output);
    this.#undrawnBytes += output.length;
    if (this.#undrawnBytes > UNDRAWN_MAX_BYTES) this.#skip();
    if (!this.#resting) this.#timer ??= setTimeout(() => this.#drawSlice(), SLICE_MS);
  }

  resize(cols: number, rows: number): void {
    this.#cols = cols;
    this.#rows = rows;
    if (this.#drawn !== undefined) this.#drawn.terminal.resize(cols, rows);
  }

  /** The bytes that draw the screen and its recent past on an empty terminal of the recorder's size. */
  snapshot(): Promise<Buffer> {
    this.#snapshots += 1;
    this.#resting = false;
    return this.#picture();
  }

  /** Lets go of what it holds but for a text; to be called when nobody watches. The next snapshot wakes it. */
  async rest(): Promise<void> {
    if (this.#drawn === undefined || this.#disposed) return;
    const snapshots = this.#snapshots;
    this.#resting = true;
    this.#stopDrawing();
    const picture = await this.#picture();
    // Somebody came to watch meanwhile.
    if (snapshots !== this.#snapshots || this.#disposed) return;
    this.#drawn.terminal.dispose();
    this.#drawn = undefined;
    this.#asleep = picture.toString('utf8');
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#stopDrawing();
    this.#drawn?.terminal.dispose();
    this.#drawn = undefined;
  }

  async #picture(): Promise<Buffer> {
    const { terminal, addon } = this.#wake();
    this.#draw(terminal, this.#undrawnBytes);
    const drawn = Promise.withResolvers<string>();
    terminal.write('', () => {
      try {
        drawn.resolve(addon.serialize({ scrollback: SCROLLBACK_RESTORED }));
      } catch (cause) {
        drawn.reject(cause); // thrown here it would end the process
      }
    });
    return Buffer.from(await drawn.promise, 'utf8');
  }

  #stopDrawing(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wake(): Drawn {
    if (this.#drawn !== undefined) return this.#drawn;
    const terminal = new headless.Terminal({
      cols: this.#cols,
      rows: this.#rows,
      scrollback: SCROLLBACK_HELD,
      allowProposedApi: true,
    });
    const addon = new SerializeAddon();
    terminal.loadAddon(addon);
    terminal.write(this.#asleep);
    this.#asleep = '';
    this.#drawn = { terminal, addon };
    return this.#drawn;
  }

  #drawSlice(): void {
    this.#timer = undefined;
    const { terminal } = this.#wake();
    this.#draw(terminal, SLICE_BYTES);
    if (this.#undrawnBytes > 0) this.#timer = setTimeout(() => this.#drawSlice(), SLICE_MS);
  }

  #draw(terminal: Drawn['terminal'], bytes: number): void {
    if (this.#skipped !== undefined) terminal.write(this.#skipped.toString());
    this.#skipped = undefined;
    for (let drawn = 0; drawn < bytes;) {
      const chunk = this.#undrawn.shift();
      if (chunk === undefined) break;
      this.#undrawnBytes -= chunk.length;
      drawn += chunk.length;
      terminal.write(chunk);
    }
  }

  #skip(): void {
    this.#skipped ??= new SkippedOutput();
    while (this.#undrawnBytes > UNDRAWN_KEPT_BYTES) {
      const chunk = this.#undrawn.shift();
      if (chunk === undefined) break;
      this.#undrawnBytes -= chunk.length;
      this.#skipped.add(chunk);
    }
    // The cut may lie within a character or a sequence: go on after the next line end or before the next sequence.
    const [first] = this.#undrawn;
    const end = first?.subarray(0, 4096).findIndex((byte) => byte === 0x0a || byte === 0x1b) ?? -1;
    if (first === undefined || end <= 0) return;
    this.#undrawn[0] = first.subarray(end);
    this.#undrawnBytes -= end;
  }
}
