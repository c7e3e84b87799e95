import { once } from 'node:events';
import { chmod, link, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  dockerIsMissing,
  importTestImage,
  type OwnDocker,
  startOwnDocker,
  whyNoDocker,
} from '../docker-test-engine.ts';
import { containerHost } from '../hosts/container-host.ts';
import { LIMITS, newLabId, refusalOf, soon } from '../lab-fixture.ts';
import { connectEngine, socketPathOf } from './engine.ts';
import { engineFailure } from './engine-failure.ts';
import { startLabContainer } from './lab-container.ts';
import { createLabNetwork } from './lab-network.ts';
import { findLabs, removeLab } from './removal.ts';

describe('a Docker that cannot be used', () => {
  let folder: string;
  let server: Server | undefined;
  let tests = 0;
  const socketPath = () => join(folder, `${tests}.sock`);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breachlab-socket-'));
  });
  afterEach(() => {
    vi.useRealTimers();
    server?.close();
    tests += 1;
  });
  afterAll(() => rm(folder, { recursive: true }));
  const meet = (signal = soon()) => connectEngine({ socketPath: socketPath() }, signal);

  /** Listens in Docker's place. */
  async function listen(answer: (socket: Socket) => void): Promise<void> {
    server = createServer(answer).listen(socketPath());
    await once(server, 'listening');
  }

  test('because there is none is said with how to install it', async () => {
    expect(await refusalOf(meet())).toMatch(
      /could not speak to Docker at \S+0.sock: there is no Docker.* → .*Install Docker/,
    );
  });

  test('because it hangs up is said with how to look after it', async () => {
    await listen((socket) => socket.destroy());
    expect(await refusalOf(meet())).toMatch(/Docker stopped while it was asked.* → .*docker info/);
  });

  test('because it is too old is said', async () => {
    await listen((socket) => {
      const body = JSON.stringify({ Version: '19.03.15', ApiVersion: '1.40' });
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    });
    expect(await refusalOf(meet())).toMatch(/Docker 19.03.15 is too old.* → .*20\.10 or later/);
  });

  test('because it does not answer is said after a while; giving up ends the wait at once', async () => {
    const asked = Promise.withResolvers<void>();
    await listen((socket) => void socket.once('data', () => asked.resolve()));
    const signal = soon();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failure = refusalOf(meet(signal));
    await asked.promise;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await failure).toMatch(/Docker did not answer within 15 s → .*docker info/);
    const giveUp = new AbortController();
    const waiting = meet(giveUp.signal);
    giveUp.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
  });

  test.skipIf(process.getuid?.() !== 0)('because of who asks is said with the group to join', async () => {
    await listen((socket) => socket.destroy());
    await Promise.all([chmod(socketPath(), 0o600), chmod(folder, 0o755)]);
    process.seteuid?.(65_534);
    try {
      expect(await refusalOf(meet())).toMatch(/you may not use Docker's socket.* → .*usermod -aG docker/);
    } finally {
      process.seteuid?.(0);
    }
  });

  test('because it is not running is said with how to start it', async () => {
    // What a killed daemon leaves is a socket without a listener.
    await listen(() => undefined);
    await link(socketPath(), `${socketPath()}.left`);
    server?.close();
    expect(await refusalOf(connectEngine({ socketPath: `${socketPath()}.left` }, soon()))).toMatch(
      /Docker is not running.* → .*systemctl start docker/,
    );
  });

  test('because it is on another machine is said before anything is tried', () => {
    expect(() => socketPathOf('tcp://10.0.0.1:2375')).toThrow('not a socket of this machine');
    expect(socketPathOf('unix:///run/user/1000/docker.sock')).toBe('/run/user/1000/docker.sock');
    expect(socketPathOf(undefined)).toBe('/var/run/docker.sock');
  });
});

test.each([
  ['no space left on device', /Docker's disk is full/, /docker system prune/],
  [
    'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    /no subnet left/,
    /docker network prune/,
  ],
  [
    'driver failed programming external connectivity: Bind for 127.0.0.1:6443 failed: port is already allocated',
    /a port/,
    /./,
  ],
  ['Container f00 is paused, unpause the container before exec', /is paused/, /docker unpause/],
  ['something else altogether', /Docker said: something else altogether/, /journalctl -u docker/],
])('what Docker refuses with "%s" is said in words', async (message, reason, nextStep) => {
  const error = Object.assign(new Error(`(HTTP code 500) server error - ${message}`), {
    statusCode: 500,
    json: { message },
  });
  expect(await refusalOf(Promise.reject(engineFailure(error, 'try')))).toMatch(
    new RegExp(`^could not try: .*${reason.source}.* → .*${nextStep.source}`),
  );
});

describe.skipIf(dockerIsMissing)(`a Docker that fails in the middle${whyNoDocker}`, () => {
  let docker: OwnDocker;
  beforeAll(async () => {
    docker = await startOwnDocker({ diskSize: '220m' });
    await importTestImage(docker);
  });
  afterAll(() => docker?.[Symbol.asyncDispose]());

  test('with a full disk says so, leaves nothing, and works again once there is room', async () => {
    const { engine, image } = docker;
    const ownership = { lab: newLabId(), server: 'full' };
    const network = await createLabNetwork(engine, ownership, soon());
    const start = (host: 'bastion' | 'internet') =>
      startLabContainer(engine, { ownership, host, image, network, limits: LIMITS }, soon());
    const bastion = containerHost({ engine, containerId: (await start('bastion')).id, name: 'bastion' });
    await bastion.exec(['sh', '-c', 'cat /dev/zero > /zeros'], { signal: soon() });
    await expect(bastion.writeFile('/srv/file', Buffer.alloc(100_000), { mode: 0o600 })).rejects.toThrow(
      'No space left on device',
    );
    expect(await refusalOf(start('internet'))).toMatch(
      /could not start internet from \S+: Docker's disk is full.* → .*Make room/,
    );
    expect((await findLabs(engine, 'full'))[0]?.hosts).toHaveLength(1);
    await bastion.exec(['rm', '/zeros'], { signal: soon() });
    await start('internet');
    await removeLab(engine, ownership.lab, ownership);
  });

  test('behind a slow line does all the same', async () => {
    await using slow = await slowProxy(docker.socketPath);
    const engine = await connectEngine({ socketPath: slow.socketPath }, soon());
    const ownership = { lab: newLabId(), server: 'slow' };
    const network = await createLabNetwork(engine, ownership, soon());
    const spec = { ownership, host: 'bastion', image: docker.image, network, limits: LIMITS } as const;
    const { id } = await startLabContainer(engine, spec, soon());
    const host = containerHost({ engine, containerId: id, name: 'bastion' });
    await host.writeFile('/srv/file', Buffer.alloc(200_000, 'x'), { mode: 0o600 });
    const { stdout } = await host.exec(['md5sum'], { stdin: Buffer.alloc(200_000, 'x'), signal: soon() });
    expect(String(stdout)).toMatch(/^[0-9a-f]{32} {2}-\n$/);
    await removeLab(engine, ownership.lab, ownership);
  });

  test('that is stopped says so to whoever waits, and to who comes after', async () => {
    const { engine, image } = docker;
    const ownership = { lab: newLabId(), server: 'stopped' };
    const network = await createLabNetwork(engine, ownership, soon());
    const spec = { ownership, host: 'bastion', image, network, limits: LIMITS } as const;
    const { id } = await startLabContainer(engine, spec, soon());
    const host = containerHost({ engine, containerId: id, name: 'bastion' });
    const running = host.exec(['sh', '-c', 'touch /run/begun; exec sleep 600'], { signal: soon() });
    running.catch(() => undefined);
    const shell = await host.openShell({ session: 'one', cols: 80, rows: 24 });
    shell.output.resume();
    const ended = once(shell.output, 'end');
    await expect.poll(async () => (await host.readFile('/run/begun', { maxBytes: 1 })).outcome).toBe('read');
    await docker.kill();
    await expect(running).rejects.toThrow('ended while it ran');
    await ended;
    const stopped = /Docker (is not running|stopped while it was asked)|there is no Docker/;
    expect(await refusalOf(host.exec(['true'], { signal: soon() }))).toMatch(stopped);
    expect(await refusalOf(removeLab(engine, ownership.lab, ownership))).toMatch(stopped);
    expect(await refusalOf(findLabs(engine, 'stopped'))).toMatch(stopped);
  });
});

/** Passes on what comes, both ways, late and in pieces. */
async function slowProxy(target: string) {
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-slow-'));
  const carry = async (from: Socket, to: Socket): Promise<void> => {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await after(10);
        to.write(chunk.subarray(0, chunk.length >> 1));
        await after(5);
        to.write(chunk.subarray(chunk.length >> 1));
      }
      to.end();
    } catch {
      to.destroy();
    }
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const docker = connect({ path: target, allowHalfOpen: true });
    void carry(client, docker);
    void carry(docker, client);
  });
  const socketPath = join(folder, 'docker.sock');
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    socketPath,
    async [Symbol.asyncDispose]() {
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
