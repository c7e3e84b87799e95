import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { TERMINAL_PAUSE_BYTES } from '../protocol/terminal.ts';
import { testServers } from './fake/test-servers.ts';

const MEGABYTE = 1024 * 1024;
const { startWithLab: start } = testServers();

describe('bulk', () => {
  test('a paste of 10 MB arrives whole', async () => {
    const { api, id } = await start();
    const paste = Buffer.alloc(10 * MEGABYTE, 'The quick brown fox. ');
    const terminal = await api.terminal(id);
    terminal.type(`take ${paste.length}\r`);
    terminal.type(paste);
    await terminal.sees(`sha256 ${createHash('sha256').update(paste).digest('hex')}`);
    expect(terminal.frames).toEqual([]);
  });

  test('a paste of 10 MB that the program echoes does not lock keys and output against each other', async () => {
    const { api, id } = await start();
    const paste = Buffer.alloc(10 * MEGABYTE, 'The quick brown fox. ');
    const terminal = await api.terminal(id);
    terminal.type(`mirror ${paste.length}\r`);
    terminal.type(paste);
    await terminal.sees(`sha256 ${createHash('sha256').update(paste).digest('hex')}`);
    expect(terminal.bytes).toBeGreaterThan(paste.length);
  });

  test('keys that no program reads are dropped past 16 MB, and the terminal can be used again', async () => {
    const { api, id, backend } = await start();
    const terminal = await api.terminal(id, { acks: false });
    // A page whose acks output waits for is read on and on.
    terminal.type(`flood ${2 * MEGABYTE}\r`);
    terminal.type(Buffer.alloc(17 * MEGABYTE, 'x'));
    expect(await terminal.closed).toBe(1008);
    expect(terminal.frames.at(-1)).toMatchObject({ type: 'error', retry: true });
    const again = await api.terminal(id);
    await again.sees('flood is over');
    again.type('\x03');
    again.type('echo still here\r');
    await again.sees('\r\nstill here\r\n$ ');
    expect(backend.labs.get(id)?.disposed).toBe(false);
  });

  test('a flood waits for a page that does not acknowledge, and ends once it does', async () => {
    const { api, id, untilPaused } = await start();
    const terminal = await api.terminal(id, { acks: false });
    const before = process.memoryUsage().rss;
    terminal.type(`flood ${50 * MEGABYTE}\r`);
    await untilPaused(true);
    await terminal.until(() => terminal.bytes >= TERMINAL_PAUSE_BYTES);
    expect(terminal.bytes).toBeLessThan(TERMINAL_PAUSE_BYTES + 2 * 64 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MEGABYTE);

    terminal.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) terminal.tell({ type: 'ack', bytes: data.length });
    });
    terminal.tell({ type: 'ack', bytes: terminal.bytes });
    await terminal.sees('flood is over');
    expect(terminal.bytes).toBeGreaterThan(50 * MEGABYTE);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MEGABYTE);
  });

  test('a page that acknowledges but does not read is waited for all the same', async () => {
    const { api, id, untilPaused } = await start();
    const terminal = await api.terminal(id, { acks: false });
    await terminal.sees('$ ');
    terminal.socket.pause();
    terminal.type(`flood ${50 * MEGABYTE}\r`);
    for (let n = 0; n < 20; n += 1) terminal.tell({ type: 'ack', bytes: 5 * MEGABYTE });
    await untilPaused(true);
    terminal.socket.terminate();
    await untilPaused(false);
    expect(terminal.bytes).toBeLessThan(MEGABYTE);
  });

  test('a page that comes after a flood sees its end', async () => {
    const { api, id } = await start();
    const first = await api.terminal(id);
    first.type(`flood ${20 * MEGABYTE}\r`);
    await first.sees('flood is over\r\n$ ');
    await first.leave();
    const second = await api.terminal(id);
    await second.sees('flood is over');
    expect(second.bytes).toBeLessThan(64 * 1024);
  });
});
