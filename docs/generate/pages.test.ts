import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GENERATED_PAGES } from './pages.ts';
import { probeKinds } from './probes-page.ts';

const project = join(import.meta.dirname, '../..');

describe('docs/', () => {
  it.each(GENERATED_PAGES.map((page) => [page.name, page] as const))(
    'has %s as `npm run docs` makes it',
    async (name, page) => {
      expect(await page.text(project)).toBe(await readFile(join(project, 'docs', name), 'utf8'));
    },
  );

  it('names every kind of probe with its fact', async () => {
    const text = await readFile(join(project, 'docs/probes.md'), 'utf8');
    const kinds = probeKinds();
    expect(kinds.length).toBeGreaterThan(10);
    for (const { kind } of kinds) {
      const section = text.split(/^## /m).find((part) => part.startsWith(`${kind}\n`)) ?? '';
      expect(section).toContain('Fact: ');
    }
  });
});
