import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClusterShape } from '../../../protocol/scenario.ts';
import type { SeedFile } from '../../cluster.ts';
import { bootMounts } from './boot-mounts.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'boot-mounts-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = (host: SeedFile['host'], path: string, text: string): SeedFile => ({
  host,
  path,
  content: Buffer.from(text),
  mode: 0o600,
});

test('the files named are copied with their modes and go to their own node alone', async () => {
  const files = [
    file('controlplane', '/etc/audit.yaml', 'of the control plane'),
    file('node01', '/etc/audit.yaml', 'of the node'),
    file('controlplane', '/etc/motd', 'later'),
  ];
  const cluster = ClusterShape.parse({ bootFiles: ['controlplane:/etc/audit.yaml'] });
  const { controlplane = [], node01 = [] } = await bootMounts({ cluster, files }, folder);
  expect(node01).toEqual([]);
  expect(controlplane.map(({ to }) => to)).toEqual(['/etc/audit.yaml']);
  const from = controlplane[0]?.from ?? '';
  expect(await readFile(from, 'utf8')).toBe('of the control plane');
  expect((await stat(from)).mode & 0o777).toBe(0o600);
});

test('without any there is nothing to mount', async () => {
  await expect(bootMounts({ files: [] }, folder)).resolves.toEqual({ controlplane: [], node01: [] });
});
