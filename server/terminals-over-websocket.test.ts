import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { TERMINAL_PAUSE_BYTES } from '../protocol/terminal.ts';
import type { TerminalAddress } from './terminal/terminals.ts';
import { ApiClient } from './fake/api-client.ts';
import { startFakeServer } from './fake/fake-server.ts';
import type { ServeOptions } from './serve.ts';

const MEGABYTE = 1024 * 1024;
const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(options: Partial<ServeOptions> = {}) {
  const { server, backend } = await startFakeServer(options);
  open.push(server);
  const api = new ApiClient(server);
  const { id } = await api.ready();
  const address = { lab: id, host: 'workstation', terminal: 'one' } as TerminalAddress;
  /** Resolves once the server holds the shell back, or no longer does. */
  const untilPaused = async (paused: boolean): Promise<void> => {
    while (server.terminals.isPaused(address) !== paused) await new Promise((resolve) => setImmediate(resolve));
  };
  return { server, backend, api, id, address, untilPaused };
}

describe('a terminal', () => {
  test('echoes what is typed', async () => {
    const { api, id } = await start();
    const terminal = await api.terminal(id);
    terminal.type('echo hello\r');
    await terminal.sees('\r\nhello\r\n$ ');
    expect(terminal.frames).toEqual([]);
  });

  test('gives the screen back to a page that comes again, and goes on', async () => {
    const { api, id } = await start();
    const first = await api.terminal(id);
    first.type('echo before\r');
    await first.sees('\r\nbefore\r\n$ ');
    await first.leave();
    const second = await api.terminal(id);
    await second.sees('before');
    expect(second.frames).toEqual([{ type: 'restore' }]);
    second.type('echo after\r');
    await second.sees('after\r\n$ ');
  });

  test('gives the screen back although its recorder has gone to rest', async () => {
    const { api, id } = await start({ terminalTimes: { restMs: 0 } });
    for (const word of ['one', 'two', 'three']) {
      const terminal = await api.terminal(id);
      terminal.type(`echo ${word}\r`);
      await terminal.sees(`\r\n${word}\r\n$ `);
      await terminal.leave();
    }
    const last = await api.terminal(id);
    await last.sees('three\r\n$ ');
    expect(last.text).toMatch(/one[^]*two[^]*three/);
  });

  test('is in the alternate screen again after a page came again', async () => {
    const { api, id } = await start();
    const first = await api.terminal(id);
    first.type('title editor\r');
    await first.sees('editor\r\n$ ');
    await first.leave();
    const second = await api.terminal(id);
    await second.sees('editor');
    expect(second.text).toContain('\x1b[?1049h');
  });

  test('has the size that the page asks for, and the one it sends later', async () => {
    const { api, id } = await start();
    const terminal = await api.terminal(id, { cols: 132, rows: 50 });
    terminal.type('size\r');
    await terminal.sees('132 columns 50 rows');
    terminal.tell({ type: 'resize', cols: 100, rows: 30 });
    terminal.type('size\r');
    await terminal.sees('100 columns 30 rows');
    expect(terminal.text).toMatch(/132 columns[^]*100 columns/);
  });

  test('tells how its shell ended; the next page gets a new shell', async () => {
    const { api, id } = await start();
    const first = await api.terminal(id);
    first.type('echo old\rexit 3\r');
    expect(await first.closed).toBe(1000);
    expect(first.frames).toEqual([{ type: 'exit', code: 3 }]);
    const second = await api.terminal(id);
    await second.sees('$ ');
    expect(second.text).not.toContain('old');
  });

  test('that the learner closes ends its shell', async () => {
    const { api, id } = await start();
    const terminal = await api.terminal(id);
    terminal.tell({ type: 'close' });
    expect(await terminal.closed).toBe(1000);
    expect(terminal.frames).toEqual([{ type: 'exit', code: 129 }]);
  });

  test('tells its pages to come again when the lab is reset', async () => {
    const { api, id } = await start();
    const terminal = await api.terminal(id);
    await terminal.sees('$ ');
    await api.fetch(`/api/labs/${id}/reset`, { method: 'POST' });
    await terminal.closed;
    expect(terminal.frames).toEqual([{ type: 'error', message: 'The lab is being reset.', retry: true }]);
    await api.until(id, 'ready');
    const again = await api.terminal(id);
    await again.sees('$ ');
    expect(again.frames).toEqual([]);
  });

  test('that was still opening when the lab was reset tells its page to come again', async () => {
    const { api, id, backend } = await start();
    const lab = backend.labs.get(id);
    const host = await lab?.host('workstation');
    if (lab === undefined || host === undefined) throw new TypeError('no host');
    const opening = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const slow: typeof host = Object.create(host, {
      openShell: {
        value: async (options: Parameters<typeof host.openShell>[0]) => {
          opening.resolve();
          await gate.promise;
          return await host.openShell(options);
        },
      },
    });
    lab.host = async () => slow;
    const terminal = await api.terminal(id);
    await opening.promise;
    await api.fetch(`/api/labs/${id}/reset`, { method: 'POST' });
    gate.resolve();
    await terminal.closed;
    expect(terminal.frames).toMatchObject([{ type: 'error', retry: true }]);
  });

  test('on a host that the lab lacks says which it has, and not to come again', async () => {
    const { api, id } = await start();
    const terminal = await api.terminal(id, { host: 'bastion' });
    await terminal.closed;
    expect(terminal.frames).toEqual([
      { type: 'error', message: expect.stringContaining('It has: workstation'), retry: false },
    ]);
  });

  test('of a lab that is not ready says so, and to come again', async () => {
    const { api, backend } = await start();
    backend.beforeCreate = () => new Promise(() => {});
    const { id } = await api.create();
    const terminal = await api.terminal(id);
    await terminal.closed;
    expect(terminal.frames).toMatchObject([{ type: 'error', retry: true }]);
  });

  test('takes the place of the one unwatched for longest when the lab is full', async () => {
    const { api, id } = await start();
    for (let n = 0; n < 16; n += 1) {
      const terminal = await api.terminal(id, { terminal: `t${n}` });
      terminal.type(`echo number ${n}\r`);
      await terminal.sees(`number ${n}\r\n`);
      await terminal.leave();
    }
    await (await api.terminal(id, { terminal: 'another' })).sees('$ ');
    const kept = await api.terminal(id, { terminal: 't1' });
    await kept.sees('number 1\r\n');
    const lost = await api.terminal(id, { terminal: 't0' });
    await lost.sees('$ ');
    expect(lost.text).not.toContain('number');
  });
});

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

describe('several pages on one terminal', () => {
  test('see the same, and the one that types sets the size', async () => {
    const { api, id } = await start();
    const wide = await api.terminal(id, { cols: 120 });
    await wide.sees('$ ');
    const narrow = await api.terminal(id, { cols: 60 });
    await narrow.sees('$ ');
    narrow.type('size\r');
    await wide.sees('60 columns');
    wide.type('size\r');
    await narrow.sees('120 columns');
    expect(narrow.text).toContain('60 columns');
  });

  test('answer a question of the program once', async () => {
    const { api, id } = await start();
    const watching = await api.terminal(id);
    await watching.sees('$ ');
    const typing = await api.terminal(id);
    typing.type('take 6\r');
    await watching.sees('take 6\r\n');
    const reply = '\x1b[1;1R';
    watching.type(reply); // is dropped
    watching.tell({ type: 'resize', cols: 80, rows: 24 }); // makes it the one that leads
    watching.type(reply);
    await typing.sees(`sha256 ${createHash('sha256').update(reply).digest('hex')}\r\n$ `);
    expect(typing.text.match(/sha256/g)).toHaveLength(1);
    typing.type('echo nothing typed\r');
    await typing.sees('\r\n$ echo nothing typed\r\n');
  });

  test('do not wait for ever for one that stands still', async () => {
    const { api, id } = await start({ terminalTimes: { stallMs: 20 } });
    const still = await api.terminal(id, { acks: false });
    await still.sees('$ ');
    const quick = await api.terminal(id);
    quick.type(`flood ${5 * MEGABYTE}\r`);
    await quick.sees('flood is over');
    await still.closed;
    expect(still.frames.at(-1)).toMatchObject({ type: 'error', retry: true });
  });
});

describe('a socket', () => {
  test('that answers no ping is let go; one that does stays', async () => {
    const { api, id } = await start({ terminalTimes: { pingMs: 10 } });
    const dead = await api.terminal(id, { autoPong: false });
    const alive = await api.terminal(id);
    expect(await dead.closed).toBe(1006);
    alive.type('echo alive\r');
    await alive.sees('\r\nalive');
  });

  test.each([
    ['that is no JSON', 'hello', 1003],
    ['of an unknown type', '{"type":"dance"}', 1003],
    ['with an absurd size', '{"type":"resize","cols":1,"rows":0}', 1003],
    ['that acknowledges nothing', '{"type":"ack","bytes":0}', 1003],
    ['of too many keys', Buffer.alloc(16 * 1024 + 1), 1009],
  ])('with a frame %s is told so and closed; the shell lives on', async (_name, frame, code) => {
    const { api, id } = await start();
    const terminal = await api.terminal(id);
    terminal.type('echo alive\r');
    await terminal.sees('alive\r\n$ ');
    terminal.socket.send(frame);
    expect(await terminal.closed).toBe(code);
    expect(terminal.frames).toMatchObject([{ type: 'error', retry: false }]);
    await (await api.terminal(id)).sees('alive\r\n$ ');
  });

  test.each([
    ['without a token', {}, 401],
    ['with a wrong token', { authorization: 'Bearer wrong' }, 401],
    ['of another site', { origin: 'http://evil.example' }, 403],
    ['under another name', { host: 'evil.example' }, 403],
  ])('%s is refused', async (_name, headers: Record<string, string>, status) => {
    const { server, id } = await start();
    const authorization = { authorization: `Bearer ${server.token}` };
    const all = status === 403 ? { ...authorization, ...headers } : headers;
    const url = `${server.origin.replace('http', 'ws')}/api/labs/${id}/terminals/workstation/one`;
    const socket = new WebSocket(url, { headers: all });
    socket.on('error', () => {});
    const response = await new Promise<number | undefined>((resolve) =>
      socket.once('unexpected-response', (request, answer) => {
        resolve(answer.statusCode);
        request.destroy();
      }),
    );
    expect(response).toBe(status);
  });
});
