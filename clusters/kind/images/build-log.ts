import { LabError } from '../../cluster.ts';

const KEPT_LINES = 8;

/** What a build prints, followed line by line. Pure. */
export class BuildLog {
  readonly #reference: string;
  #rest = '';
  #lines: string[] = [];
  #missing: string[] = [];
  #instruction: string | undefined;

  constructor(reference: string) {
    this.#reference = reference;
  }

  /** The instruction of the Dockerfile that runs: `RUN /usr/local/lib/…`. */
  get instruction(): string | undefined {
    return this.#instruction;
  }

  /** Packages that could not be installed (see context/programs/install-tools). */
  get missing(): readonly string[] {
    return this.#missing;
  }

  /** Takes a piece of output; returns a line to show when an instruction begins. */
  heard(text: string): string | undefined {
    // Docker writes what comes from standard error in red; the end of that is at the head of the next line.
    // oxlint-disable-next-line no-control-regex -- ESC begins those colours
    const lines = `${this.#rest}${text}`.replace(/\u001B\[[0-9;]*m/g, '').split('\n');
    this.#rest = lines.pop() ?? '';
    let shown: string | undefined;
    for (const line of lines) {
      const step = /^Step (\d+\/\d+) : (.*)$/.exec(line);
      const missing = /^breachlab: missing: *(.*)$/.exec(line);
      if (step !== null) {
        this.#instruction = step[2] ?? '';
        this.#lines = [];
        shown = `building ${this.#reference}: step ${step[1]}`;
      } else if (missing !== null) this.#missing.push(...(missing[1] ?? '').split(' ').filter((name) => name !== ''));
      else if (line.trim() !== '' && !line.startsWith(' ---> ')) {
        this.#lines = [...this.#lines, line].slice(-KEPT_LINES);
      }
    }
    return shown;
  }

  /** The end of a build that failed, in words. */
  failure(cause: unknown): LabError {
    const said = cause instanceof Error ? cause.message : String(cause);
    if (this.#lines.some((line) => line.includes('breachlab: not a node image'))) {
      return new LabError(
        `could not build ${this.#reference}: what it is built from is not a node image of kind`,
        'Name one: --image node=kindest/node:v1.36.4 (https://github.com/kubernetes-sigs/kind/releases).',
        { cause },
      );
    }
    return new LabError(
      [
        `could not build ${this.#reference}: ${this.#instruction ?? ''}`,
        ...this.#lines.map((line) => `  ${line}`),
        `  ${said.trim()}`,
      ].join('\n'),
      `Mend what it says, or name an image that is built already: --image ${this.#reference.replace(/^breachlab\/|:.*$/g, '')}=REFERENCE.`,
      { cause },
    );
  }
}
