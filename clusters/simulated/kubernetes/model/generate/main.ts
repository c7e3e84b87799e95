/**
 * Writes model/generated/ from @kubernetes/client-node and the committed facts of this folder: `npm run generate`.
 * `npm run generate -- --check` writes nothing and exits 1 when a generated file differs.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from './generated-files.ts';

const folder = join(import.meta.dirname, '..', 'generated');
const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });
for (const [name, text] of await generatedFiles()) {
  const path = join(folder, name);
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${path} is not what npm run generate makes`);
    process.exitCode = 1;
  }
}
