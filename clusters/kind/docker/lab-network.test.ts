import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { newLabId, soon } from '../lab-fixture.ts';
import { connectEngine } from './engine.ts';
import { createLabNetwork } from './lab-network.ts';

/** What a Docker is asked to make when a lab's network is made, whose own bridge is as `bridge` says: a status and a body. */
async function asked(bridge: readonly [status: number, body: object]): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-network-'));
  const socketPath = join(folder, 'docker.sock');
  const made = Promise.withResolvers<unknown>();
  const answers: Readonly<Record<string, readonly [number, object]>> = {
    'GET /version': [200, { Version: '29.9.2', ApiVersion: '1.55', Os: 'linux', Arch: 'amd64' }],
    'GET /info': [200, {}],
    'GET /networks/bridge': bridge,
    'POST /networks/create': [201, { Id: 'f00d' }],
  };
  const server = createServer((request, response) => {
    const what = `${request.method} ${request.url?.split('?')[0]}`;
    const [status, body] = answers[what] ?? [500, { message: `not expected: ${what}` }];
    if (request.method === 'POST') made.resolve(json(request));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  try {
    await once(server.listen(socketPath), 'listening');
    const engine = await connectEngine({ socketPath }, soon());
    await createLabNetwork(engine, { lab: newLabId(), server: 'test' }, soon());
    return await made.promise;
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}

test('a lab’s packets are as large as Docker’s administrator has said', async () => {
  const Options = { 'com.docker.network.bridge.name': 'docker0', 'com.docker.network.driver.mtu': '1400' };
  expect(await asked([200, { Name: 'bridge', Options }])).toMatchObject({
    Options: { 'com.docker.network.driver.mtu': '1400' },
  });
});

test.each([
  ['has no bridge of its own', [404, { message: 'network bridge not found' }]],
  ['says nothing of packets', [200, { Name: 'bridge', Options: {} }]],
] as const)('a Docker that %s decides by itself', async (_, bridge) => {
  expect(await asked(bridge)).toMatchObject({ Driver: 'bridge', Options: {} });
});
