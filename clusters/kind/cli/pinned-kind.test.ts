import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchPinnedKind, hasPinnedKind, KIND_RELEASE, type KindRelease, pinnedKindPath } from './pinned-kind.ts';

const CONTENT = '#!/bin/sh\necho 0.33.0\n';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let server: Server;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pinned-kind-'));
  server = createServer((request, response) => {
    if (request.url === '/kind') response.end(CONTENT);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

const pinned = (path = '/kind', digest = sha256(CONTENT)): KindRelease => ({
  version: '0.33.0',
  files: {
    x64: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, sha256: digest },
  },
});

const fetched = (release: KindRelease, architecture = 'x64') =>
  fetchPinnedKind({
    directory,
    pinned: release,
    architecture,
    detail: () => undefined,
    signal: AbortSignal.timeout(10_000),
  });

test('the pinned file is fetched, made executable and found again', async () => {
  expect(await hasPinnedKind(directory, pinned())).toBe(false);
  await fetched(pinned());
  expect(await hasPinnedKind(directory, pinned())).toBe(true);
  const path = pinnedKindPath(directory, pinned());
  expect(await readFile(path, 'utf8')).toBe(CONTENT);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
  expect(await readdir(directory)).toEqual(['kind-0.33.0']);
});

test.each<[string, () => Promise<void>, RegExp]>([
  ['another file than the pinned one', () => fetched(pinned('/kind', sha256('other'))), /not the kind that was pinned/],
  ['a server that does not have it', () => fetched(pinned('/absent')), /status 404/],
  [
    'a server that is not there',
    () => fetched({ version: '1', files: { x64: { url: 'http://127.0.0.1:9/', sha256: '' } } }),
    /could not be fetched from/,
  ],
  ['an architecture without one', () => fetched(pinned(), 's390x'), /not pinned for this machine \(s390x\)/],
])('%s is refused in words, and nothing is left', async (_, attempt, message) => {
  await expect(attempt()).rejects.toThrow(message);
  expect(await readdir(directory)).toEqual([]);
});

test('a release is pinned for both architectures of the project', () => {
  expect(Object.keys(KIND_RELEASE.files)).toEqual(['x64', 'arm64']);
  for (const { sha256: digest } of Object.values(KIND_RELEASE.files)) expect(digest).toMatch(/^[0-9a-f]{64}$/);
});
