import { once } from 'node:events';
import { createServer, connect as connectPlain, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import type { DialResult } from '../../cluster.ts';
import { CertificateAuthority } from '../../pki/certificate-authority.ts';
import { ApiDoor } from './api-door.ts';

const made: (Server | ApiDoor)[] = [];
afterEach(async () => {
  for (const one of made.splice(0)) {
    if (one instanceof ApiDoor) await one[Symbol.asyncDispose]();
    else one.close();
  }
});

async function listening(server: Server): Promise<number> {
  made.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

const authority = new CertificateAuthority('kubernetes', Date.now() - 60_000, Date.now() + 3_600_000);
const apiServer = (): Promise<number> =>
  listening(
    createTlsServer({ cert: authority.certificate, key: authority.key }, (socket) =>
      socket.on('error', () => undefined),
    ),
  );
/** What Docker does with a port behind which a firewall drops everything: it takes the connection, and nothing comes. */
const silent = (): Promise<number> => listening(createServer((socket) => socket.on('error', () => undefined)));

/** A control plane on whose loopback that port of this machine is the API server; undefined: it is down. */
function controlPlane(port: number | undefined, dialled: string[] = []) {
  return {
    async dial(to: string, on: number): Promise<DialResult> {
      dialled.push(`${to}:${on}`);
      if (port === undefined) return { outcome: 'refused', detail: '' };
      return { outcome: 'open', socket: connectPlain({ host: '127.0.0.1', port, allowHalfOpen: true }) };
    },
  };
}

function doorTo(published: number, inside: ReturnType<typeof controlPlane>, now = () => 0): ApiDoor {
  const door = new ApiDoor({ published: `https://127.0.0.1:${published}`, controlPlane: inside, now });
  made.push(door);
  return door;
}

test('the published port is taken while it leads to the API server', async () => {
  const port = await apiServer();
  const dialled: string[] = [];
  expect(await doorTo(port, controlPlane(undefined, dialled)).server()).toBe(`https://127.0.0.1:${port}`);
  expect(dialled).toEqual([]);
});

test('behind a firewall that shuts us out it is reached over the control plane’s own loopback', async () => {
  const echo = await listening(createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)));
  const dialled: string[] = [];
  const { port, hostname } = new URL(await doorTo(await silent(), controlPlane(echo, dialled)).server());
  const client = connectPlain({ host: hostname, port: Number(port), allowHalfOpen: true });
  client.end('hello');
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString()).toBe('hello');
  await once(client, 'end');
  expect(dialled).toEqual(['127.0.0.1:6443']);
});

test('where the API server is down, a connection ends at once', async () => {
  const { port } = new URL(await doorTo(await silent(), controlPlane(undefined)).server());
  const client = connectPlain({ host: '127.0.0.1', port: Number(port) }).on('error', () => undefined);
  await once(client.resume(), 'close');
  expect(client.bytesRead).toBe(0);
});

test('what was found is believed for a while, then looked for again', async () => {
  let time = 0;
  const port = await apiServer();
  const door = doorTo(port, controlPlane(undefined), () => time);
  await door.server();
  for (const one of made.splice(0)) if (!(one instanceof ApiDoor)) await new Promise((resolve) => one.close(resolve));
  expect(await door.server()).toBe(`https://127.0.0.1:${port}`);
  time = 10_000;
  expect(await door.server()).not.toBe(`https://127.0.0.1:${port}`);
  await door[Symbol.asyncDispose]();
});
