import type { Shell } from '../../clusters/cluster.ts';

/** What a shell shows, of which the end is kept. */
export interface ShellScreen {
  text(): string;
  /** Bytes shown so far. */
  length(): number;
  /** Resolves with what is shown once this is among it. */
  shows(expected: string): Promise<string>;
}

const KEPT_CHARACTERS = 20_000;

export function screenOf(shell: Shell): ShellScreen {
  let shown = '';
  let length = 0;
  let look = (): void => undefined;
  shell.output.on('data', (bytes: Buffer) => {
    length += bytes.length;
    shown = `${shown}${String(bytes)}`.slice(-KEPT_CHARACTERS);
    look();
  });
  return {
    text: () => shown,
    length: () => length,
    shows: (expected) =>
      new Promise((resolve) => {
        look = () => {
          if (shown.includes(expected)) resolve(shown);
        };
        look();
      }),
  };
}

export const keys = (text: string): Buffer => Buffer.from(text);
