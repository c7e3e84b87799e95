import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { testServers } from './fake/test-servers.ts';

const MEGABYTE = 1024 * 1024;
const { startWithLab: start } = testServers();

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
  test('that answers no ping is let go; its shell lives on', async () => {
    const { api, id } = await start({ terminalTimes: { pingMs: 10 } });
    const dead = await api.terminal(id, { autoPong: false });
    await dead.sees('$ ');
    expect(await dead.closed).toBe(1006);
    // Under load even the living may answer too late for this pace, so only what the shell holds is asked for.
    await (await api.terminal(id)).sees('$ ');
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
