import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { loadScenario } from '../../grader/scenario/load.ts';

/** Files that a page shows: a path in code type on a line of its own, then the code block. */
function filesShownIn(page: string): ReadonlyMap<string, string> {
  const shown = page.matchAll(/^`(scenarios\/[^`]+)`\n\n```\w+\n([^]*?)^```$/gm);
  return new Map([...shown].map(([, path = '', content = '']) => [path, content]));
}

const left: string[] = [];
afterEach(async () => {
  for (const folder of left.splice(0)) await rm(folder, { recursive: true });
});

it('loads the whole scenario that docs/scenarios.md shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-example-'));
  left.push(folder);
  const files = filesShownIn(await readFile(join(import.meta.dirname, '../scenarios.md'), 'utf8'));
  expect([...files.keys()]).toContain('scenarios/guest-list/scenario.yaml');
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const { file, seed, submissions } = await loadScenario(join(folder, 'scenarios'), 'guest-list');
  expect(file.tasks.map(({ id }) => id)).toEqual(['everybody']);
  expect(seed.manifests).toHaveLength(4);
  expect(submissions.map(({ name }) => name)).toEqual(['solution', 'wrong/reader-too']);
});
