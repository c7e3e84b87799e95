import { readFileSync } from 'node:fs';

/** The Perl that keeps programs and terminals, as text to put before what uses it. */
export const keeperSource = (): string =>
  `#line 1 "keeper.pl"\n${readFileSync(new URL('keeper.pl', import.meta.url), 'utf8')}`;
