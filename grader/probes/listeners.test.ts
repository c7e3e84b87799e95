import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Probe } from '../../protocol/scenario.ts';
import { FakeApiServer, type FakeHost, FakeLab } from '../fake-lab.ts';
import { listenersIn, unixListenersIn } from './listeners.ts';
import { observe } from './observe.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (local: string, state = '0A') =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 0 0 0 1\n`;

let api: FakeApiServer;
beforeAll(async () => {
  api = await FakeApiServer.start();
});
afterAll(() => api[Symbol.asyncDispose]());

function observeOn(node01: FakeHost, more: { ask?: string; timeout?: number } = {}) {
  const probe = Probe.parse({ kind: 'listeners', host: 'node01', ...more });
  return observe(probe, new FakeLab(api, { hosts: { node01 } }), new AbortController().signal);
}
const files = (tcp: string, tcp6 = ''): NonNullable<FakeHost['files']> => ({
  '/proc/1/net/tcp': { content: HEAD + tcp, mode: 0o444 },
  ...(tcp6 === '' ? {} : { '/proc/1/net/tcp6': { content: HEAD + tcp6, mode: 0o444 } }),
});

it.each([
  ['every address', '00000000:0947', '0.0.0.0', 2375],
  ['loopback', '0100007F:0016', '127.0.0.1', 22],
  ['an address of its own', '0B000A0A:1093', '10.10.0.11', 4243],
  ['every address of IPv6', `${'0'.repeat(32)}:280A`, '::', 10250],
  ['an address of IPv6', 'B80D0120000000000000000001000000:1F90', '2001:0db8:0000:0000:0000:0000:0000:0001', 8080],
])('reads a listener on %s', (_, local, address, port) => {
  expect(listenersIn(HEAD + line(local))).toEqual([{ address, port }]);
});

it('leaves out connections that are not listeners', () => {
  expect(listenersIn(HEAD + line('0B0A0A0A:0016', '01') + line('0B0A0A0A:0016', '06'))).toEqual([]);
});

it('names the sockets of both tables by number', async () => {
  const tcp = line('0100007F:0947') + line('00000000:0016');
  expect(await observeOn({ files: files(tcp, line(`${'0'.repeat(32)}:0947`)) })).toMatchObject({
    fact: {
      tcp: [
        { address: '0.0.0.0', port: 22 },
        { address: '127.0.0.1', port: 2375 },
        { address: '::', port: 2375 },
      ],
    },
    evidence: 'node01 listens on TCP ports 22, 2375, 2375',
  });
});

it('asks each of them at its own address, and says which answered what', async () => {
  const engine = createServer((request, response) => response.end(`{"ApiVersion":"1.51","at":"${request.url}"}`));
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  const { port } = engine.address() as AddressInfo;
  const tcp = line('00000000:0016') + line('0B000A0A:1093');
  expect(await observeOn({ files: files(tcp), ports: { '10.10.0.11:4243': port } }, { ask: '/version' })).toMatchObject(
    {
      fact: {
        tcp: [
          { address: '0.0.0.0', port: 22 },
          { address: '10.10.0.11', port: 4243, status: 200, json: { ApiVersion: '1.51', at: '/version' } },
        ],
      },
      evidence: 'node01 listens on TCP ports 22, 4243 (/version: 200)',
    },
  );
  engine.close();
});

it('is unobservable when a listener takes the connection and says nothing', async () => {
  const mute = createServer(() => undefined);
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as AddressInfo;
  const node01 = { files: files(line('00000000:1093')), ports: { '127.0.0.1:4243': port } };
  expect(await observeOn(node01, { ask: '/version', timeout: 0.3 })).toEqual({
    outcome: 'unobservable',
    reason: 'node01:4243 took the connection and did not answer in 0.3 s',
  });
  mute.closeAllConnections();
  mute.close();
});

it('reads the sockets with a path that accept connections', () => {
  const table = [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    '0000000000000000: 00000002 00000000 00010000 0001 01 21733 /run/docker.sock',
    '0000000000000000: 00000003 00000000 00000000 0001 03 21740 /run/connected',
    '0000000000000000: 00000002 00000000 00010000 0001 01 21741 @abstract',
    '0000000000000000: 00000002 00000000 00010000 0001 01 21742',
  ];
  expect(unixListenersIn(table.join('\n'))).toEqual(['/run/docker.sock']);
});

it('asks over TLS who does not speak plain HTTP', async () => {
  const answering = { api: () => ({ status: 200, body: { ApiVersion: '1.51' } }) };
  const probe = Probe.parse({ kind: 'listeners', host: 'node01', ask: '/version' });
  const node01 = { files: files(line('00000000:0948')), ports: { '127.0.0.1:2376': api.port } };
  const lab = new FakeLab(api, { hosts: { node01 }, ...answering });
  expect(await observe(probe, lab, new AbortController().signal)).toMatchObject({
    fact: { tcp: [{ port: 2376, status: 200, json: { ApiVersion: '1.51' } }] },
  });
});

it('is unobservable when there are more than can be asked', async () => {
  const many = Array.from({ length: 65 }, (_, i) => line(`00000000:${(4096 + i).toString(16).toUpperCase()}`)).join('');
  expect(await observeOn({ files: files(many) }, { ask: '/version' })).toEqual({
    outcome: 'unobservable',
    reason: 'node01 listens on 65 TCP sockets, more than can be asked',
  });
  expect(await observeOn({ files: files(many) })).toMatchObject({ outcome: 'observed' });
});

it('is unobservable without the table', async () => {
  expect(await observeOn({})).toEqual({ outcome: 'unobservable', reason: 'node01:/proc/1/net/tcp could not be read' });
});
