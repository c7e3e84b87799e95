import { access, readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { papersOf } from './papers.ts';

const project = join(import.meta.dirname, '../..');
const SOURCES = [
  'protocol',
  'clusters',
  'grader',
  'server',
  'web/src',
  'cli',
  'test',
  'bench',
  'docs',
  'scenarios',
] as const;

describe('the papers', () => {
  it('link to pages and pictures that there are', async () => {
    const missing: string[] = [];
    for (const { path, text } of await papersOf(project)) {
      for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const exists = await access(join(project, dirname(path), target)).then(
          () => true,
          () => false,
        );
        if (!exists) missing.push(`${path}: ${target}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('have a map of the house that leaves out no folder', async () => {
    const map = await readFile(join(project, 'docs/architecture.md'), 'utf8');
    const missing: string[] = [];
    for (const parent of ['.', 'clusters', 'clusters/kind', 'clusters/simulated', 'grader', 'server']) {
      for (const entry of await readdir(join(project, parent), { withFileTypes: true })) {
        const isOurs = entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name);
        if (isOurs && !map.includes(`${entry.name}/`)) missing.push(join(parent, entry.name));
      }
    }
    expect(missing).toEqual([]);
  });

  it('name only source files that there are', async () => {
    const lists = await Promise.all(
      SOURCES.map(async (folder) =>
        (await readdir(join(project, folder), { recursive: true })).map((file) => `/${folder}/${file}`),
      ),
    );
    const files = lists.flat();
    const unknown = (await papersOf(project)).flatMap(({ path, text }) =>
      [...text.matchAll(/`([\w./-]+\.(?:ts|tsx|pl|css))`/g)]
        .filter(([, name = '']) => !files.some((file) => file.endsWith(`/${name}`)))
        .map(([, name = '']) => `${path}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});
