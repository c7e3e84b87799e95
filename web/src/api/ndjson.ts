/**
 * Cuts a stream of text into the lines of newline-delimited JSON (github.com/ndjson/ndjson-spec), however the network
 * cut it into pieces. Blank lines are skipped.
 */
export class NdjsonSplitter {
  #rest = '';

  /** Takes the next piece and returns the lines that are now whole. */
  push(piece: string): readonly string[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  }

  /** Returns what is left when the stream has ended: a last line without its newline, or nothing. */
  end(): readonly string[] {
    const last = this.#rest.trim();
    this.#rest = '';
    return last === '' ? [] : [last];
  }
}
