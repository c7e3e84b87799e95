/** How many sequences of colours and styles are kept since the last reset of them. */
const STYLES_KEPT = 32;

// oxlint-disable-next-line no-control-regex -- ESC is what is looked for
const LASTING = /\x1b(?:\[\?(?<modes>[\d;]{1,64})(?<set>[hl])|\[(?<style>[\d;:]{0,64})m|\[[\d;]{0,16}r|[=>c]|\([0AB])/g;

/**
 * What is worth keeping of output that a flooded recorder skips: no text, only the sequences whose effect lasts (private modes such
 * as the alternate screen, styles, scroll region, keypad, character set), the latest of each.
 * The sequences are those of ECMA-48 and xterm's ctlseqs (invisible-island.net/xterm/ctlseqs).
 */
export class SkippedOutput {
  readonly #latest = new Map<string, string>();
  #styles: string[] = [];

  add(output: Buffer): void {
    if (!output.includes(0x1b)) return;
    for (const { 0: sequence, groups } of output.toString('latin1').matchAll(LASTING)) {
      const { modes, set, style } = groups ?? {};
      if (modes !== undefined && set !== undefined) {
        for (const mode of modes.split(';')) this.#keep(`?${mode}`, `\x1b[?${mode}${set}`);
      } else if (style !== undefined) {
        this.#styles = [...(/^0*$/.test(style) ? [] : this.#styles), sequence].slice(-STYLES_KEPT);
      } else if (sequence === '\x1bc') {
        this.#latest.clear();
        this.#styles = [];
        this.#keep('reset', sequence);
      } else {
        this.#keep(sequence === '\x1b=' || sequence === '\x1b>' ? 'keypad' : sequence.slice(1, 2), sequence);
      }
    }
  }

  /** The sequences to write in place of what was skipped, led by CAN, which ends a sequence that was cut in two. */
  toString(): string {
    return `\x18${[...this.#latest.values(), ...this.#styles].join('')}\r\n`;
  }

  #keep(key: string, sequence: string): void {
    this.#latest.delete(key);
    this.#latest.set(key, sequence);
  }
}
