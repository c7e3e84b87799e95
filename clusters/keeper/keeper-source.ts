import { readFileSync } from 'node:fs';

/** The Perl that keeps programs and terminals and that reads and writes files, as text to put before what uses it. */
export const keeperSource = (): string => ['keeper', 'file'].map(perlPart).join('\n');

function perlPart(name: string): string {
  return `#line 1 "${name}.pl"\n${readFileSync(new URL(`${name}.pl`, import.meta.url), 'utf8')}`;
}
