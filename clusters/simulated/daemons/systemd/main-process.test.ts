import { expect, test } from 'vitest';
import { node } from './node-fixture.ts';

/** What the node's host shows of a daemon by that name. */
async function processOf(name: string, files?: Record<string, string>, unit = name) {
  const lab = await node(files);
  const { host } = lab;
  const found = () => [...host.processes].find(([, look]) => look.argv[0]?.endsWith(`/${name}`));
  return {
    ...lab,
    pid: () => found()?.[0],
    look: () => {
      const look = found()?.[1];
      if (look === undefined) throw new Error(`${name} has no process`);
      return look;
    },
    journal: async () => (await host.call('journalctl', ['-u', unit, '-o', 'cat'])).stdout.trimEnd().split('\n'),
    /** Jobs queue: what was asked for before is over when this is. */
    settled: () => host.call('systemctl', ['daemon-reload']),
  };
}

test('a service is shown with its command line and variables, and its number stands where systemd tells it', async () => {
  const { host, look, pid } = await processOf('kubelet', {
    '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS="--v=4"\n',
  });
  expect(look()).toMatchObject({
    program: '/usr/bin/kubelet',
    argv: expect.arrayContaining(['--config=/var/lib/kubelet/config.yaml', '--v=4']) as unknown,
    environment: { LANG: 'C.UTF-8', KUBELET_EXTRA_ARGS: '--v=4' },
  });
  const status = (await host.call('systemctl', ['status', 'kubelet'])).stdout;
  expect(status).toContain(
    `   Main PID: ${pid()} (kubelet)\n     CGroup: /system.slice/kubelet.service\n             └─${pid()} /usr/bin/kubelet --bootstrap`,
  );
  expect((await host.call('systemctl', ['show', '-p', 'MainPID', '--value', 'kubelet'])).stdout).toBe(`${pid()}\n`);
  expect((await host.call('journalctl', ['-u', 'kubelet', '-n1'])).stdout).toMatch(/ node01 systemd\[1\]: Started /);
});

test('what a service writes bears its number, also what was written before it had one', async () => {
  const { host, manager, pid } = await processOf('kubelet');
  manager.journal.write('kubelet.service', 'kubelet', 'hello');
  expect((await host.call('journalctl', ['-u', 'kubelet', '-t', 'kubelet'])).stdout).toBe(
    `Nov 23 05:00:18 node01 kubelet[${pid()}]: hello\n`,
  );
});

test('a service that is killed is down at once, and back under another number after its pause', async () => {
  const { host, kubelet, look, pid, journal, settled, timers } = await processOf('kubelet');
  const before = pid();
  look().killed();
  await settled();
  expect([kubelet.running, pid()]).toEqual([false, undefined]);
  const { stdout } = await host.call('systemctl', ['status', 'kubelet', '-n0']);
  expect(stdout).toContain('Active: activating (auto-restart) (Result: signal)');
  expect(stdout).toContain(`   Main PID: ${before} (code=killed, signal=KILL)\n`);
  timers.shift()?.();
  await settled();
  expect([kubelet.running, pid() === before]).toEqual([true, false]);
  expect((await journal()).slice(-5)).toEqual([
    'kubelet.service: Main process exited, code=killed, status=9/KILL',
    "kubelet.service: Failed with result 'signal'.",
    'kubelet.service: Scheduled restart job, restart counter is at 1.',
    'Stopped kubelet.service - kubelet: The Kubernetes Node Agent.',
    'Started kubelet.service - kubelet: The Kubernetes Node Agent.',
  ]);
  expect((await host.call('systemctl', ['show', '-p', 'NRestarts', '--value', 'kubelet'])).stdout).toBe('1\n');
});

test('a service that is asked to end ends in order, and Restart=always brings it back all the same', async () => {
  const { host, look, journal, settled, timers } = await processOf('kubelet');
  look().signalled([15]);
  await settled();
  expect((await journal()).at(-1)).toBe('kubelet.service: Deactivated successfully.');
  expect((await host.call('systemctl', ['status', 'kubelet'])).stdout).toContain('activating (auto-restart) since');
  timers.shift()?.();
  await settled();
  expect((await host.call('systemctl', ['is-active', 'kubelet'])).stdout).toBe('active\n');
});

test('a service that is killed as often as its start limit allows stays failed', async () => {
  const { host, look, journal, settled, timers } = await processOf('dockerd', {}, 'docker');
  for (let i = 0; i < 3; i++) {
    look().killed();
    await settled();
    timers.shift()?.();
    await settled();
  }
  expect((await host.call('systemctl', ['is-failed', 'docker'])).stdout).toBe('failed\n');
  expect((await journal()).slice(-5)).toEqual([
    'docker.service: Scheduled restart job, restart counter is at 3.',
    'Stopped docker.service - Docker Application Container Engine.',
    'docker.service: Start request repeated too quickly.',
    "docker.service: Failed with result 'signal'.",
    'Failed to start docker.service - Docker Application Container Engine.',
  ]);
});

test('SIGHUP is a wish to some daemons and the end of others', async () => {
  const { docker, kubelet, host, settled } = await processOf('kubelet');
  let reloads = 0;
  Object.assign(docker, { reload: async () => void (reloads += 1) });
  for (const look of host.processes.values()) look.signalled([1]);
  await settled();
  expect([reloads, docker.running, kubelet.running]).toEqual([1, true, false]);
});

test.each([[17], [18], [28]])('signal %i disturbs nobody', async (signal) => {
  const { kubelet, look, settled } = await processOf('kubelet');
  look().signalled([signal]);
  await settled();
  expect(kubelet.running).toBe(true);
});

test('a service that systemd stops is shown no more, and nobody takes that for its death', async () => {
  const { host, pid, journal } = await processOf('kubelet');
  await host.call('systemctl', ['stop', 'kubelet']);
  expect(pid()).toBeUndefined();
  expect((await journal()).at(-1)).toBe('Stopped kubelet.service - kubelet: The Kubernetes Node Agent.');
  expect((await host.call('systemctl', ['show', '-p', 'MainPID', '--value', 'kubelet'])).stdout).toBe('0\n');
});

test.each([
  [[], 'Deactivated successfully.'],
  [['-s', 'KILL'], "Failed with result 'signal'."],
  [['--signal=SIGHUP'], 'Deactivated successfully.'],
])('systemctl kill %j ends it as that signal does', async (options, last) => {
  const { host, journal, settled } = await processOf('kubelet');
  expect(await host.call('systemctl', ['kill', ...options, 'kubelet'])).toEqual({ code: 0, stdout: '', stderr: '' });
  await settled();
  expect((await journal()).at(-1)).toBe(`kubelet.service: ${last}`);
});

test('a service is found by the number of its main process', async () => {
  const { host, pid } = await processOf('kubelet');
  expect((await host.call('systemctl', ['status', String(pid())])).stdout).toContain('● kubelet.service - kubelet');
  expect(await host.call('systemctl', ['status', '7'])).toMatchObject({
    code: 1,
    stderr: "not simulated: the unit of process 7, which is no service's main one\n",
  });
});

test('a program of the host’s own is known by its number, and heard while it runs', async () => {
  const { host, settled } = await processOf('talker', {
    '/etc/systemd/system/talker.service':
      '[Unit]\nDescription=Talker\n[Service]\nExecStart=/bin/sh -c "echo one; echo two >&2; exec sleep 600"\n',
  });
  await host.call('systemctl', ['start', 'talker']);
  const said = async (): Promise<string> => (await host.call('journalctl', ['-u', 'talker', '-t', 'sh'])).stdout;
  await expect.poll(said).toMatch(/ sh\[(\d+)\]: one\n.* sh\[\1\]: two\n/);
  const [, pid = ''] = /sh\[(\d+)\]/.exec(await said()) ?? [];
  expect((await host.call('systemctl', ['status', 'talker'])).stdout).toContain(`   Main PID: ${pid} (sh)\n`);
  expect((await host.call('systemctl', ['show', '-p', 'MainPID', '--value', 'talker'])).stdout).toBe(`${pid}\n`);
  await host.call('systemctl', ['stop', 'talker']);
  await settled();
  expect((await host.call('systemctl', ['is-active', 'talker'])).stdout).toBe('inactive\n');
});

test('what is to remain after it has exited counts as active', async () => {
  const { host, journal } = await processOf('once', {
    '/etc/systemd/system/once.service':
      '[Unit]\nDescription=Once\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n',
  });
  await host.call('systemctl', ['start', 'once']);
  const status = async (): Promise<string> => (await host.call('systemctl', ['status', 'once'])).stdout;
  await expect.poll(status).toMatch(/Active: active \(exited\) [^]*Main PID: \d+ \(code=exited, status=0\/SUCCESS\)/);
  expect(await journal()).toEqual(['Starting once.service - Once...', 'Finished once.service - Once.']);
  expect((await host.call('systemctl', ['is-active', 'once'])).code).toBe(0);
});
