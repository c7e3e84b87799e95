import { describe, expect, test } from 'vitest';
import { testServers } from './fake/test-servers.ts';

const { startWithLab: start } = testServers();

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
