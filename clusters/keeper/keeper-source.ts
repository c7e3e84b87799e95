import { readFileSync } from 'node:fs';

/** Perl as text, to put before what uses it. */

/** Reads and writes bytes. */
export const bytesSource = (): string => perlPart('bytes');

/** Keeps programs and terminals, and reads and writes files. */
export const keeperSource = (): string => ['keeper', 'file'].map(perlPart).join('\n');

function perlPart(name: string): string {
  return `#line 1 "${name}.pl"\n${readFileSync(new URL(`${name}.pl`, import.meta.url), 'utf8')}`;
}
