import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type BuildContext, contextTag, packContext, readBuildContext } from './build-context.ts';
import { DERIVED_IMAGES } from './table.ts';
import { readTarHeader } from './ustar.ts';

const run = promisify(execFile);

test('tar unpacks what was packed, a file of this machine too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-context-'));
  try {
    const helm = join(folder, 'helm');
    await writeFile(helm, 'x'.repeat(70_001));
    const context = await readBuildContext('workstation', helm);
    await writeFile(join(folder, 'context.tar'), Readable.from(packContext(context)));
    await run('tar', ['-xf', join(folder, 'context.tar'), '-C', folder]);
    expect((await stat(join(folder, 'clients/helm'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(folder, 'clients/helm'))).size).toBe(70_001);
    expect(await readFile(join(folder, 'workstation.Dockerfile'), 'utf8')).toMatch(/FROM \$\{NODE_IMAGE\}/);
    expect((await stat(join(folder, 'programs/install-tools'))).mode & 0o777).toBe(0o755);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('every derived image has a Dockerfile, whose programs are there', async () => {
  for (const name of DERIVED_IMAGES) {
    const { dockerfile, entries } = await readBuildContext(name, undefined);
    const text = Buffer.from(entries.find(({ path }) => path === dockerfile)?.content as Uint8Array).toString('utf8');
    const used = [...text.matchAll(/breachlab\/([a-z-]+)/g)].map((match) => match[1]);
    expect(used.length).toBeGreaterThan(1);
    for (const program of used) expect(entries.map(({ path }) => path)).toContain(`programs/${program}`);
  }
});

test('a tag changes with the texts and the base, and not with the clients of this machine', () => {
  const context = (text: string, ...more: BuildContext['entries']): BuildContext => ({
    dockerfile: 'a.Dockerfile',
    entries: [{ path: 'a.Dockerfile', mode: 0o644, content: Buffer.from(text) }, ...more],
  });
  const tag = contextTag(context('FROM x'), ['sha256:1']);
  expect(tag).toMatch(/^[0-9a-f]{16}$/);
  expect(contextTag(context('FROM y'), ['sha256:1'])).not.toBe(tag);
  expect(contextTag(context('FROM x'), ['sha256:1', 'sha256:2'])).not.toBe(tag);
  const helm = { path: 'clients/helm', mode: 0o755, content: { file: '/nowhere', size: 3 } };
  expect(contextTag(context('FROM x', helm), ['sha256:1'])).toBe(tag);
});

test('a header of a tar is read back, the end and what is none are told apart', async () => {
  const blocks: Buffer[] = [];
  for await (const chunk of packContext({
    dockerfile: '',
    entries: [{ path: 'a/b', mode: 0o600, content: Buffer.from('hello') }],
  }))
    blocks.push(Buffer.from(chunk));
  const archive = Buffer.concat(blocks);
  expect(readTarHeader(archive.subarray(0, 512))).toEqual({ path: 'a/b', size: 5 });
  expect(readTarHeader(archive.subarray(1024, 1536))).toBeUndefined();
  expect(() => readTarHeader(archive.subarray(512, 1024))).toThrow(RangeError);
});
