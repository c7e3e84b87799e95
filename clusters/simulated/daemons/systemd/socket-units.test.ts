import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { node } from './node-fixture.ts';

const SOCKET = '/etc/systemd/system/docker.socket';

describe('a socket unit', () => {
  test('listens, and says what it starts and where', async () => {
    const { host } = await node();
    expect((await host.call('systemctl', ['status', 'docker'])).stdout).toContain('\nTriggeredBy: ● docker.socket\n');
    await host.call('systemctl', ['stop', 'docker']);
    expect((await host.call('systemctl', ['status', 'docker.socket'])).stdout).toMatch(
      /^● docker.socket - Docker Socket for the API\n {5}Loaded: loaded \(\/lib\/systemd\/system\/docker.socket; enabled; preset: enabled\)\n {5}Active: active \(listening\) since .*\n {3}Triggers: ○ docker.service\n {5}Listen: \/run\/docker.sock \(Stream\)\n/,
    );
    expect((await host.call('systemctl', ['list-sockets'])).stdout).toBe(
      'LISTEN           UNIT          ACTIVATES\n/run/docker.sock docker.socket docker.service\n\n1 sockets listed.\nPass --all to see loaded but inactive sockets, too.\n',
    );
  });

  test('starts its service when somebody connects, who is then served', async () => {
    const { host, docker } = await node();
    expect(await host.call('systemctl', ['stop', 'docker'])).toMatchObject({
      code: 0,
      stderr: 'Warning: Stopping docker.service, but it can still be activated by:\n  docker.socket\n',
    });
    expect(docker.running).toBe(false);
    const client = connect(host.pathOf('/run/docker.sock'));
    const [said] = (await once(client, 'data')) as [Buffer];
    expect(String(said)).toBe('hello');
    client.destroy();
    expect((await host.call('systemctl', ['is-active', 'docker'])).stdout).toBe('active\n');
    expect((await host.call('systemctl', ['status', 'docker.socket'])).stdout).toContain('Active: active (running)');
  });

  test('takes what requires it along when it stops or starts anew', async () => {
    const { host, docker } = await node();
    await host.call('systemctl', ['restart', 'docker.socket']);
    expect([docker.running, docker.launches.length]).toEqual([true, 2]);
    expect((await host.call('systemctl', ['stop', 'docker.socket'])).stderr).toBe('');
    expect(docker.running).toBe(false);
    await host.call('systemctl', ['start', 'docker']);
    expect((await host.call('systemctl', ['is-active', 'docker.socket', 'docker'])).stdout).toBe('active\nactive\n');
  });

  test.each([
    ['a group that there is not', 'ListenStream=/run/docker.sock\nSocketGroup=nobodies', 'status=216/GROUP'],
    ['what is not modelled', 'ListenDatagram=/run/docker.sock', 'not simulated: ListenDatagram= of a socket'],
    ['nowhere to listen', 'SocketMode=0660', 'docker.socket: Unit has no Listen setting'],
  ])('with %s does not start, nor does what requires it', async (_, settings, text) => {
    const { host, docker } = await node();
    await host.write(SOCKET, `[Unit]\nDescription=Mine\n[Socket]\n${settings}\n`);
    await host.call('systemctl', ['stop', 'docker.socket']);
    await host.call('systemctl', ['daemon-reload']);
    expect(await host.call('systemctl', ['start', 'docker'])).toMatchObject({
      code: 1,
      stderr: "A dependency job for docker.service failed. See 'journalctl -xe' for details.\n",
    });
    expect(docker.running).toBe(false);
    const journal = (await host.call('journalctl', ['-u', 'docker.socket'])).stdout;
    expect(journal).toContain(text);
    expect((await host.call('journalctl', ['-u', 'docker'])).stdout).toContain(
      'Dependency failed for docker.service - Docker Application Container Engine.',
    );
  });

  test('is refused while its service runs without it', async () => {
    const { host } = await node({
      '/etc/systemd/system/docker.service.d/alone.conf': '[Unit]\nRequires=\n',
    });
    await host.call('systemctl', ['stop', 'docker.socket']);
    expect(await host.call('systemctl', ['start', 'docker.socket'])).toMatchObject({
      code: 1,
      stderr:
        'Job for docker.socket failed.\nSee "systemctl status docker.socket" and "journalctl -xeu docker.socket" for details.\n',
    });
    expect((await host.call('journalctl', ['-u', 'docker.socket', '-n', '2', '-o', 'cat'])).stdout).toBe(
      'docker.socket: Socket service docker.service already active, refusing.\nFailed to listen on docker.socket - Docker Socket for the API.\n',
    );
  });
});

test('a socket that a daemon has put its own in the place of is out of reach', async () => {
  const { host, manager, docker } = await node();
  docker.ownSocket = '/run/docker.sock';
  await host.call('systemctl', ['restart', 'docker']);
  await host.call('systemctl', ['stop', 'docker']);
  expect(manager.connectUnix('/run/docker.sock')).toBeUndefined();
  docker.ownSocket = undefined;
  await host.call('systemctl', ['restart', 'docker.socket']);
  expect(manager.connectUnix('/run/docker.sock')?.destroy()).toBeDefined();
});

describe('the files of packages', () => {
  test('count as they are on the disk after daemon-reload, until the administrator reverts to them', async () => {
    const { host } = await node();
    await host.write(
      '/lib/systemd/system/docker.service',
      '[Unit]\nDescription=Edited\n[Service]\nExecStart=/usr/bin/dockerd\n',
    );
    await host.write('/etc/systemd/system/docker.service.d/override.conf', '[Unit]\nDescription=Over it\n');
    await host.call('systemctl', ['daemon-reload']);
    const description = async (): Promise<string> =>
      (await host.call('systemctl', ['show', '-p', 'Description', '--value', 'docker'])).stdout;
    expect(await description()).toBe('Over it\n');
    expect((await host.call('systemctl', ['revert', 'docker'])).stderr).toContain(
      'Removed "/etc/systemd/system/docker.service.d/override.conf".\n',
    );
    expect(await description()).toBe('Edited\n');
  });

  test('are gone when they are removed', async () => {
    const { host } = await node();
    await host.removeFile('/usr/lib/systemd/system/docker.service');
    await host.call('systemctl', ['daemon-reload']);
    expect((await host.call('systemctl', ['status', 'docker'])).stderr).toBe(
      'Unit docker.service could not be found.\n',
    );
  });

  test('of types that are not modelled are refused in words', async () => {
    const { host } = await node({ '/etc/systemd/system/nightly.timer': '[Timer]\nOnCalendar=daily\n' });
    expect(await host.call('systemctl', ['enable', '--now', 'nightly.timer'])).toMatchObject({
      code: 1,
      stderr: 'not simulated: units of type timer\n',
    });
    expect((await host.call('systemctl', ['list-timers'])).stderr).toBe(
      'not simulated: timers, such as nightly.timer\n',
    );
  });
});
