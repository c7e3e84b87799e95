import { afterEach, expect, it } from 'vitest';
import type { Clock } from '../../clock.ts';
import { FolderHost } from '../../daemons/folder-host.ts';
import type { Line } from '../../pods/log-ring.ts';
import { ContainerLogFile } from './container-log-file.ts';

const FOLDER = '/var/log/pods/default_p_1/c';
const LINK = '/var/log/containers/p_default_c-1.log';
const MEBIBYTE = Buffer.from(`${'x'.repeat(2 ** 20 - 1)}\n`);

const NOON = Date.parse('2026-03-01T12:00:00Z');
/** Waits for nothing; a second goes by a wait. */
const hastyClock = (): Clock => {
  let now = NOON;
  return {
    now: () => now,
    after(_milliseconds, callback) {
      now += 1000;
      const timer = setImmediate(callback);
      return { [Symbol.dispose]: () => clearImmediate(timer) };
    },
  };
};

async function* lines(count: number): AsyncGenerator<Line> {
  for (let i = 0; i < count; i++) yield { stream: 'stdout', at: NOON, bytes: MEBIBYTE, isCut: false };
}

const resources = new AsyncDisposableStack();
afterEach(() => resources.disposeAsync());

it('puts a full log aside and keeps the last such one, and takes all of it away in the end', async () => {
  const host = resources.use(await FolderHost.create('node01'));
  const [path, clock] = [`${FOLDER}/0.log`, hastyClock()];
  const log = new ContainerLogFile({ host, clock, path, link: LINK, lines: () => Promise.resolve(lines(25)) });
  await log.written;
  const aside = ((await host.listFolder(FOLDER)) ?? []).filter((name) => name !== '0.log');
  expect(aside).toEqual([expect.stringMatching(/^0\.log\.20260301-1200\d\d$/)]);
  expect(await host.fileSize(`${FOLDER}/${aside[0]}`)).toBeLessThanOrEqual(10 * 2 ** 20);
  expect(Math.floor(((await host.fileSize(path)) ?? 0) / 2 ** 20)).toBe(25 - 9 - 9);
  expect(await host.listFolder('/var/log/containers')).toEqual(['p_default_c-1.log']);
  await log.remove();
  expect(await host.listFolder(FOLDER)).toEqual([]);
  expect(await host.listFolder('/var/log/containers')).toEqual([]);
});
