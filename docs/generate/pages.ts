import { CLI_PAGE } from './cli-page.ts';
import { FIDELITY_PAGE } from './fidelity-page.ts';
import type { GeneratedPage } from './page.ts';
import { PROBES_PAGE } from './probes-page.ts';

/** The pages of docs/ that nobody writes by hand. */
export const GENERATED_PAGES: readonly GeneratedPage[] = [CLI_PAGE, FIDELITY_PAGE, PROBES_PAGE];
