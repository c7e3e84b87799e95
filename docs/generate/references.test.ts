import { access, readdir } from 'node:fs/promises';
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
