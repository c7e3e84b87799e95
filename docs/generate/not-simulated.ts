import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A refusal in words that the simulator may give. */
export interface Refusal {
  /** Relative to clusters/simulated/. */
  readonly file: string;
  /** Without its `not simulated: `; what is only known at run time is its name in braces, `{verb}`. */
  readonly text: string;
}

/** Texts in quotes of one kind that hold the words; comments are blanked before. */
const LITERAL = /(['"`])((?:(?!\1)[^\n\\]|\\.)*?)not simulated: ((?:(?!\1)[^\n\\]|\\.)*)\1/g;

/** The refusals of a source, in order. */
export function refusalsIn(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*\*[^]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(LITERAL)].map(([, , , text = '']) =>
    text
      .replaceAll(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g, (_, expression: string) => placeholder(expression))
      .replaceAll(/\\[nr]/g, '')
      .replaceAll(/\\(.)/g, '$1')
      .trim(),
  );
}

/** `pod.image` is `{image}`; what is more than a name is `{…}`. */
const placeholder = (expression: string): string => `{${/^(?:\w+\.)*(\w+)$/.exec(expression)?.[1] ?? '…'}}`;

/** Every refusal of the simulator's code, without those of tests and their beds. By file, each text once. */
export async function refusalsOf(folder: string): Promise<readonly Refusal[]> {
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)test-|\/generated\//.test(file))
    .sort();
  const found: Refusal[] = [];
  for (const file of files) {
    const texts = new Set(refusalsIn(await readFile(join(folder, file), 'utf8')));
    found.push(...[...texts].map((text) => ({ file, text })));
  }
  return found;
}
