/** Writes the generated pages of docs/: `npm run docs`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GENERATED_PAGES } from './pages.ts';

const project = join(import.meta.dirname, '../..');
for (const { name, text } of GENERATED_PAGES) await writeFile(join(project, 'docs', name), await text(project));
