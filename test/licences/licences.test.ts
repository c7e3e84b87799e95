import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAllowed, licenceOf } from './allowed.ts';
import { closure, LockFile } from './lock-file.ts';

const project = join(import.meta.dirname, '../..');
const read = (path: string): Promise<string> => readFile(join(project, path), 'utf8');

/** Packages that the page bundles, though npm files them under development. */
async function importsOfThePage(): Promise<readonly string[]> {
  const files = await readdir(join(project, 'web/src'), { recursive: true });
  const sources = await Promise.all(
    files
      .filter((file) => /\.(tsx?|css)$/.test(file) && !file.includes('.test.'))
      .map((file) => read(`web/src/${file}`)),
  );
  const specifiers = sources.flatMap((source) =>
    [...source.matchAll(/(?:from|import) '([^'.][^']*)'/g)].map(([, specifier = '']) => specifier),
  );
  const names = specifiers.map((specifier) =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/'),
  );
  return [...new Set(names)].filter((name) => !name.startsWith('node:')).sort();
}

describe('licences', () => {
  it('let us run every package of the server and serve every package of the page', async () => {
    const lock = LockFile.parse(JSON.parse(await read('package-lock.json')));
    const { dependencies } = JSON.parse(await read('package.json')) as { dependencies: Record<string, string> };
    const page = await importsOfThePage();
    expect(page).toContain('react');
    const packages = closure(lock, [...Object.keys(dependencies), ...page]);
    expect(packages.length).toBeGreaterThan(100);
    const offenders = packages
      .filter(({ name, license }) => !isAllowed(licenceOf(name, license)))
      .map(({ place, name, license }) => `${place}: ${licenceOf(name, license) ?? 'no licence named'}`);
    expect(offenders).toEqual([]);
  });

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['Apache-2.0 AND MIT', true],
    ['MIT AND GPL-3.0-only', false],
    ['MPL-2.0', false],
    ['SEE LICENSE IN LICENSE.txt', false],
    [undefined, false],
  ])('judges %s', (expression, allowed) => {
    expect(isAllowed(expression)).toBe(allowed);
  });

  it('finds a nested package before the outermost one of its name', () => {
    const lock = LockFile.parse({
      packages: {
        'node_modules/a': { license: 'MIT', dependencies: { b: '1' } },
        'node_modules/a/node_modules/b': { license: 'GPL-3.0-only', dependencies: { c: '1' } },
        'node_modules/b': { license: 'MIT' },
        'node_modules/c': { license: 'ISC' },
      },
    });
    expect(closure(lock, ['a']).map(({ place, license }) => `${place} ${license}`)).toEqual([
      'node_modules/a MIT',
      'node_modules/a/node_modules/b GPL-3.0-only',
      'node_modules/c ISC',
    ]);
  });
});
