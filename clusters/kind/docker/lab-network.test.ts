import { expect, test } from 'vitest';
import { newLabId, soon } from '../lab-fixture.ts';
import { type DockerAnswer, scriptedDocker } from '../scripted-docker.ts';
import { connectEngine } from './engine.ts';
import { createLabNetwork } from './lab-network.ts';

/** What a Docker is told to make when a lab's network is made, that answers so about its own bridge. */
async function networkBeside(bridge: DockerAnswer): Promise<unknown> {
  await using docker = await scriptedDocker({
    'GET /networks/bridge': bridge,
    'POST /networks/create': [201, { Id: 'f00d' }],
  });
  const engine = await connectEngine(docker, soon());
  await createLabNetwork(engine, { lab: newLabId(), server: 'test' }, soon());
  return docker.told[0];
}

test('a lab’s packets are as large as Docker’s administrator has said', async () => {
  const Options = { 'com.docker.network.bridge.name': 'docker0', 'com.docker.network.driver.mtu': '1400' };
  expect(await networkBeside([200, { Name: 'bridge', Options }])).toMatchObject({
    Options: { 'com.docker.network.driver.mtu': '1400' },
  });
});

test.each([
  ['has no bridge of its own', [404, { message: 'network bridge not found' }]],
  ['says nothing of packets', [200, { Name: 'bridge', Options: {} }]],
] as const)('a Docker that %s decides by itself', async (_, bridge) => {
  expect(await networkBeside(bridge)).toMatchObject({ Driver: 'bridge', Options: {} });
});
