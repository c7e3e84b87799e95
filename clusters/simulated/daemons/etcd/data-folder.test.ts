import { expect, test, vi } from 'vitest';
import { realClock } from '../../clock.ts';
import { FolderHost } from '../folder-host.ts';
import { keepDatabase } from './data-folder.ts';
import { planeOfFew, snapshotStatus } from './test-plane.ts';

const DATA = '/var/lib/etcd';
const FILE = `${DATA}/member/snap/db`;
/** The file follows within two seconds on an idle machine. */
const WRITTEN = { timeout: 10_000, interval: 50 };

test('the database file holds what the cluster has, secrets as they are stored, and follows it', async () => {
  await using host = await FolderHost.create('controlplane');
  const { cluster, keys } = await planeOfFew();
  using _kept = keepDatabase(host, keys, DATA, realClock);
  const inFile = async (text: string): Promise<boolean> => {
    const read = await host.readFile(FILE, { maxBytes: 2 ** 20 });
    return read.outcome === 'read' && read.mode === 0o600 && read.content.includes(text);
  };
  await vi.waitFor(async () => expect(await inFile('hunter2')).toBe(true), WRITTEN);
  await cluster.delete(cluster.resource('secrets'), 'shop', 'db');
  await vi.waitFor(async () => expect(await inFile('hunter2')).toBe(false), WRITTEN);
  expect(await inFile('/registry/secrets/shop/api')).toBe(true);
  // Three objects, and what the database knows of itself.
  expect(await snapshotStatus(host.pathOf(FILE))).toMatchObject({ totalKey: 4 });
});
