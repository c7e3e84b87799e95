import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { listScenarios, loadScenario } from './load.ts';

const OURS = join(import.meta.dirname, '../../scenarios');
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'scenarios-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function put(files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
  }
}

const check =
  'probe: { kind: tcp, from: bastion, to: node01, port: 22 }, expect: fact.state == "open", mismatch: closed';
const scenario = (more = ''): string => `
id: one
title: One
summary: The first
hosts: [bastion, node01]
tasks:
  - id: a
    c: cloud
    title: A
    points: 10
    competencies: [x]
    checks: [{ id: c, title: C, ${check} }]
    guards: [{ id: g, title: G, ${check} }]
${more}`;

describe('a good scenario', () => {
  it('is read with its texts, seed and submissions', async () => {
    await put({
      'one/scenario.yaml': scenario('wrong: { nothing: [a/c] }'),
      'one/tasks/a.md': 'Do it.',
      'one/seed/manifests/20-b.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: b }\n---\n# nothing\n',
      'one/seed/manifests/10-a.yaml':
        'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: c }\n',
      'one/seed/hosts/node01/etc/shadow': 'root:x',
      'one/seed/hosts/node01/opt/run.sh': 'true',
      'one/seed/modes.yaml': "'node01:/etc/shadow': '0600'",
      'one/solution/fix.sh': 'true',
      'one/also-right/b/fix.sh': 'true',
      'one/wrong/nothing/fix.sh': 'true',
    });
    const loaded = await loadScenario(directory, 'one');
    expect(loaded.texts.get('a')).toBe('Do it.');
    expect(loaded.seed.manifests.map(({ metadata }) => metadata)).toEqual([
      { name: 'a' },
      { name: 'c' },
      { name: 'b' },
    ]);
    expect(loaded.seed.files.map(({ host, path, mode }) => [host, path, mode])).toEqual([
      ['node01', '/etc/shadow', 0o600],
      ['node01', '/opt/run.sh', 0o755],
    ]);
    expect(loaded.submissions.map(({ role, name, misses }) => [role, name, misses])).toEqual([
      ['solution', 'solution', []],
      ['also-right', 'also-right/b', []],
      ['wrong', 'wrong/nothing', ['a/c']],
    ]);
    expect([...loaded.judges.keys()]).toEqual(['a/c', 'a/g']);
  });
});

describe('a broken scenario is named with what is wrong', () => {
  it('unknown, with the names of the known ones', async () => {
    await put({ 'one/scenario.yaml': scenario(), 'two/scenario.yaml': scenario(), 'notes/readme.md': '' });
    expect(await listScenarios(directory)).toEqual(['one', 'two']);
    await expect(loadScenario(directory, '../etc')).rejects.toMatchObject({
      message: expect.stringContaining('there is no scenario "../etc"') as string,
      nextStep: 'Choose one of: one, two.',
    });
  });

  const whole = { 'one/scenario.yaml': scenario(), 'one/tasks/a.md': 'Do it.', 'one/solution/fix.sh': 'true' };
  it.each<[string, Record<string, string>, RegExp]>([
    ['bad YAML', { 'one/scenario.yaml': 'id: [' }, /scenario\.yaml: .*line 1/s],
    ['an unknown field', { 'one/scenario.yaml': scenario('colour: red') }, /scenario\.yaml: .*colour/],
    [
      'a wrong type, with its place',
      { 'one/scenario.yaml': scenario().replace('port: 22', 'port: x') },
      /tasks\[0\]\.checks\[0\]\.probe\.port: /,
    ],
    [
      'another id than its folder',
      { 'one/scenario.yaml': scenario().replace('id: one', 'id: two') },
      /is "two", but the folder is "one"/,
    ],
    [
      'a typo in an expectation',
      { 'one/scenario.yaml': scenario().replace('fact.state ==', 'fakt.state ==') },
      /a\/c: expect: Unknown variable: fakt/,
    ],
    ['an empty task text', { 'one/tasks/a.md': ' ' }, /tasks\/a\.md: the task "a" has no text/],
    [
      'a wrong fix without a folder',
      { 'one/scenario.yaml': scenario('wrong: { x: [a/c] }') },
      /wrong\.x: there is no folder/,
    ],
    [
      'a wrong fix that misses nothing',
      { 'one/wrong/y/fix.sh': '' },
      /wrong\/y: scenario\.yaml does not say what it misses/,
    ],
    [
      'a wrong fix that misses an unknown check',
      { 'one/scenario.yaml': scenario('wrong: { x: [a/d] }') },
      /there is no check a\/d/,
    ],
    [
      'an object without a kind',
      { 'one/seed/manifests/a.yaml': 'apiVersion: v1\nmetadata: { name: a }' },
      /a\.yaml: document 1: .*kind/s,
    ],
    ['a file of no host', { 'one/seed/hosts/mars/etc/x': '' }, /must lie under a host/],
    [
      'a file of a host it lacks',
      { 'one/seed/hosts/internet/etc/x': '' },
      /lies on internet, which the scenario does not have/,
    ],
    [
      'a mode of no file',
      { 'one/seed/modes.yaml': "'node01:/etc/x': '0600'" },
      /names node01:\/etc\/x, which is not under hosts/,
    ],
    [
      'a file at boot that it lacks',
      { 'one/scenario.yaml': scenario("cluster: { bootFiles: ['node01:/etc/x'] }") },
      /hosts: lacks node01:\/etc\/x, which bootFiles/,
    ],
    [
      'a machine that its cluster lacks',
      { 'one/scenario.yaml': scenario('cluster: { nodes: 1 }') },
      /a cluster of one node has no node01/,
    ],
    ['a mode that is no octal', { 'one/seed/modes.yaml': "'node01:/etc/x': 600" }, /modes\.yaml: /],
  ])('%s', async (_, files, message) => {
    await put({ ...whole, ...files });
    await expect(loadScenario(directory, 'one')).rejects.toThrow(message);
  });

  it('no solution', async () => {
    await put({ 'one/scenario.yaml': scenario(), 'one/tasks/a.md': 'x' });
    await expect(loadScenario(directory, 'one')).rejects.toThrow('nothing proves it');
  });

  it('a symlink in the seed', async () => {
    await put({ ...whole, 'one/seed/hosts/node01/etc/a': '' });
    await symlink('/etc/shadow', join(directory, 'one/seed/hosts/node01/etc/b'));
    await expect(loadScenario(directory, 'one')).rejects.toThrow('it is a symbolic link');
  });
});

describe('the scenarios of this repository', async () => {
  const ids = await listScenarios(OURS);
  it('are there', () => expect(ids).toEqual(expect.arrayContaining(['blank', 'breach'])));

  it.each(ids)('%s loads, and every fix belongs to a submission', async (id) => {
    const loaded = await loadScenario(OURS, id);
    for (const { path, content } of loaded.seed.files.filter(({ path }) => /\.ya?ml$/.test(path))) {
      const errors = parseAllDocuments(Buffer.from(content).toString('utf8')).flatMap((document) => document.errors);
      expect({ path, errors }).toEqual({ path, errors: [] });
    }
  });

  it('breach has at least two tasks a C, 100 points, a hint for each check and a wrong fix for each task', async () => {
    const { file, submissions } = await loadScenario(OURS, 'breach');
    for (const c of ['cloud', 'cluster', 'container', 'code']) {
      expect(file.tasks.filter((task) => task.c === c).length).toBeGreaterThanOrEqual(2);
    }
    expect(file.tasks.reduce((sum, { points }) => sum + points, 0)).toBe(100);
    expect(file.tasks.flatMap(({ checks }) => checks).filter(({ hint }) => hint === undefined)).toEqual([]);
    const missed = new Set(submissions.flatMap(({ misses }) => misses.map((name) => name.split('/')[0])));
    expect(file.tasks.map(({ id }) => id).filter((id) => !missed.has(id))).toEqual([]);
    expect(submissions.filter(({ role }) => role === 'also-right').length).toBeGreaterThanOrEqual(2);
  });
});
