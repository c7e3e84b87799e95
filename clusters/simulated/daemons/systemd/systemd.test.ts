import { expect, test } from 'vitest';
import { node } from './node-fixture.ts';

test('boots what is enabled, with the effective command line of unit and drop-in', async () => {
  const { host, docker, kubelet } = await node({
    '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--a=1 --b=2"\n',
  });
  expect(docker.launches).toEqual([
    ['/usr/bin/dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock'],
  ]);
  expect(kubelet.launches[0]).toEqual([
    '/usr/bin/kubelet',
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--config=/var/lib/kubelet/config.yaml',
    '--a=1',
    '--b=2',
  ]);
  expect(await host.listFolder('/etc/systemd/system/multi-user.target.wants')).toEqual([
    'docker.service',
    'kubelet.service',
  ]);
});

test('status tells an active, a stopped and an unknown unit apart by text and exit code', async () => {
  const { host } = await node();
  const active = await host.call('systemctl', ['status', 'docker', '--no-pager']);
  expect(active.code).toBe(0);
  expect(active.stdout).toContain(
    '● docker.service - Docker Application Container Engine\n     Loaded: loaded (/lib/systemd/system/docker.service; enabled; preset: enabled)\n     Active: active (running) since Mon 2026-11-23 05:00:18 UTC; 0s ago\n',
  );
  await host.call('systemctl', ['stop', 'docker']);
  expect(await host.call('systemctl', ['is-active', 'docker'])).toMatchObject({ code: 3, stdout: 'inactive\n' });
  expect((await host.call('systemctl', ['status', 'docker'])).code).toBe(3);
  expect(await host.call('systemctl', ['status', 'nope'])).toMatchObject({
    code: 4,
    stderr: 'Unit nope.service could not be found.\n',
  });
  expect(await host.call('systemctl', ['start', 'nope'])).toMatchObject({
    code: 5,
    stderr: 'Failed to start nope.service: Unit nope.service not found.\n',
  });
});

test('disable --now removes the symlink, stops the unit and survives a later look at the disk', async () => {
  const { host, docker } = await node();
  const disabled = await host.call('systemctl', ['disable', '--now', 'docker']);
  expect(disabled).toMatchObject({
    code: 0,
    stderr: 'Removed "/etc/systemd/system/multi-user.target.wants/docker.service".\n',
  });
  expect(docker.running).toBe(false);
  expect(await host.call('systemctl', ['is-enabled', 'docker'])).toMatchObject({ code: 1, stdout: 'disabled\n' });
  const enabled = await host.call('systemctl', ['enable', 'docker']);
  expect(enabled.stderr).toBe(
    'Created symlink /etc/systemd/system/multi-user.target.wants/docker.service → /lib/systemd/system/docker.service.\n',
  );
});

test('a masked unit refuses to start until it is unmasked', async () => {
  const { host, docker } = await node();
  expect((await host.call('systemctl', ['mask', '--now', 'docker'])).stderr).toBe(
    'Created symlink /etc/systemd/system/docker.service → /dev/null.\n',
  );
  expect(await host.call('systemctl', ['start', 'docker'])).toMatchObject({
    code: 1,
    stderr: 'Failed to start docker.service: Unit docker.service is masked.\n',
  });
  expect((await host.call('systemctl', ['is-enabled', 'docker'])).stdout).toBe('masked\n');
  await host.call('systemctl', ['unmask', 'docker']);
  expect((await host.call('systemctl', ['start', 'docker'])).code).toBe(0);
  expect(docker.running).toBe(true);
});

test('a drop-in counts only after daemon-reload, and systemctl warns until then', async () => {
  const { host, docker } = await node();
  await host.write(
    '/etc/systemd/system/docker.service.d/override.conf',
    '[Service]\nExecStart=\nExecStart=/usr/bin/dockerd\n',
  );
  const early = await host.call('systemctl', ['restart', 'docker']);
  expect(early.stderr).toContain("docker.service changed on disk. Run 'systemctl daemon-reload' to reload units.");
  expect(docker.launches.at(-1)).toContain('fd://');
  await host.call('systemctl', ['daemon-reload']);
  expect(await host.call('service', ['docker', 'restart'])).toMatchObject({ code: 0, stderr: '' });
  expect(docker.launches.at(-1)).toEqual(['/usr/bin/dockerd']);
  expect((await host.call('systemctl', ['cat', 'docker'])).stdout).toContain(
    '# /etc/systemd/system/docker.service.d/override.conf\n',
  );
});

test('a second ExecStart= without an empty one before it is a bad unit file setting', async () => {
  const { host } = await node({
    '/etc/systemd/system/docker.service.d/x.conf': '[Service]\nExecStart=/usr/bin/dockerd\n',
  });
  expect(await host.call('systemctl', ['start', 'docker'])).toMatchObject({
    code: 1,
    stderr:
      "Failed to start docker.service: Unit docker.service has a bad unit file setting.\nSee system logs and 'systemctl status docker.service' for details.\n",
  });
});

test('a daemon that cannot start leaves its words in the journal and the unit failed', async () => {
  const { host, docker } = await node();
  docker.failure = { status: 1, lines: ['unable to configure the Docker daemon'] };
  const restarted = await host.call('systemctl', ['restart', 'docker']);
  expect(restarted).toMatchObject({
    code: 1,
    stderr: `Job for docker.service failed because the control process exited with error code.\nSee "systemctl status docker.service" and "journalctl -xeu docker.service" for details.\n`,
  });
  expect((await host.call('journalctl', ['-u', 'docker', '-o', 'cat', '--no-pager'])).stdout).toContain(
    'unable to configure the Docker daemon\ndocker.service: Main process exited, code=exited, status=1/FAILURE\n',
  );
  expect((await host.call('journalctl', ['-xeu', 'docker', '-n', '1'])).stdout).toBe(
    'Nov 23 05:00:18 node01 systemd[1]: Failed to start docker.service - Docker Application Container Engine.\n',
  );
  expect((await host.call('systemctl', ['is-failed', 'docker'])).stdout).toBe('failed\n');
});

test('a failing kubelet is restarted by itself once it can run', async () => {
  const { host, kubelet, timers } = await node();
  kubelet.failure = { status: 1, lines: ['bad config'] };
  expect((await host.call('systemctl', ['restart', 'kubelet'])).code).toBe(0);
  expect((await host.call('systemctl', ['status', 'kubelet'])).stdout).toContain(
    'activating (auto-restart) (Result: exit-code)',
  );
  kubelet.failure = undefined;
  timers.shift()?.();
  await host.call('systemctl', ['daemon-reload']); // jobs queue, so the restart is over after this one
  expect((await host.call('systemctl', ['is-active', 'kubelet'])).stdout).toBe('active\n');
});

test('a unit of the host runs its real program until it is stopped', async () => {
  const { host } = await node({
    '/etc/systemd/system/miner.service':
      '[Service]\nExecStart=/usr/bin/sleep 600\n[Install]\nWantedBy=multi-user.target\n',
    '/etc/systemd/system/once.service': '[Service]\nExecStart=/usr/bin/echo "two words"\n',
  });
  expect((await host.call('systemctl', ['is-enabled', 'miner'])).stdout).toBe('disabled\n');
  await host.call('systemctl', ['enable', '--now', 'miner']);
  expect((await host.call('systemctl', ['list-units', '--type=service', '--no-pager'])).stdout).toMatch(
    /miner\.service\s+loaded active running/,
  );
  expect((await host.call('systemctl', ['stop', 'miner'])).code).toBe(0);
  expect((await host.call('systemctl', ['mask', 'miner'])).stderr).toContain(
    'File /etc/systemd/system/miner.service already exists.',
  );
});

test('what is not modelled is refused in words', async () => {
  const { host } = await node();
  expect((await host.call('systemctl', ['freeze', 'docker'])).stderr).toBe('not simulated: systemctl freeze\n');
  expect((await host.call('systemctl', ['frob'])).stderr).toBe('Unknown command verb frob.\n');
  expect((await host.call('journalctl', ['-o', 'export'])).stderr).toBe('not simulated: journalctl -o export\n');
});

test('journalctl -f shows new lines until it is interrupted', async () => {
  const { host, manager } = await node();
  const stop = new AbortController();
  const following = host.call('journalctl', ['-fu', 'docker', '-n0', '-o', 'cat'], { signal: stop.signal });
  await new Promise(setImmediate);
  manager.journal.write('docker.service', 'dockerd', 'hello');
  manager.journal.write('kubelet.service', 'kubelet', 'not this');
  stop.abort();
  expect(await following).toMatchObject({ code: 130, stdout: 'hello\n' });
});

test('edit writes a drop-in from its input and loads it, or the whole unit', async () => {
  const { host, manager, kubelet } = await node();
  const edit = (stdin: string, ...args: string[]) => host.call('systemctl', ['edit', '--stdin', ...args], { stdin });
  const drop = '[Service]\nEnvironment="KUBELET_EXTRA_ARGS=--v=4"\n';
  expect(await edit(drop, 'kubelet')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect((await host.call('systemctl', ['cat', 'kubelet'])).stdout).toContain(
    `# /etc/systemd/system/kubelet.service.d/override.conf\n${drop}`,
  );
  await manager.restart('kubelet.service');
  expect(kubelet.launches.at(-1)).toContain('--v=4');
  await edit('[Service]\nEnvironment=A=b\n', '--drop-in=20-more', 'kubelet');
  expect(await host.listFolder('/etc/systemd/system/kubelet.service.d')).toEqual(['20-more.conf', 'override.conf']);
  await edit('[Service]\nExecStart=/bin/true\n', '--full', '--force', 'own');
  expect((await host.call('systemctl', ['cat', 'own'])).stdout).toContain('ExecStart=/bin/true');
});

test.each([
  [['edit', 'kubelet'], 1, 'Cannot edit units if not on a tty.\n'],
  [
    ['edit', '--stdin', 'nope'],
    1,
    "No files found for nope.service.\nRun 'systemctl edit --force --full nope.service' to create a new unit.\n",
  ],
  [['edit', '--stdin', '--drop-in=../../x', 'kubelet'], 1, "Invalid drop-in file name '../../x'.\n"],
  [
    ['edit', '--stdin', 'kubelet'],
    0,
    'Editing "/etc/systemd/system/kubelet.service.d/override.conf" canceled: temporary file is empty.\n',
  ],
])('systemctl %j writes nothing', async (args, code, stderr) => {
  const { host } = await node();
  expect(await host.call('systemctl', args)).toMatchObject({ code, stderr });
  expect(
    (await host.listTree(['/etc/systemd/system'])).has('/etc/systemd/system/kubelet.service.d/override.conf'),
  ).toBe(false);
});

test('journalctl tells entries as JSON, by rank and up to a time', async () => {
  const { host, manager, kubelet } = await node();
  kubelet.failure = { status: 1, lines: ['no way'] };
  await manager.restart('kubelet.service');
  const { stdout } = await host.call('journalctl', ['-u', 'kubelet', '-o', 'json', '-p', 'warning']);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toMatchObject([
    { _SYSTEMD_UNIT: 'kubelet.service', PRIORITY: '4', MESSAGE: "kubelet.service: Failed with result 'exit-code'." },
  ]);
  expect((await host.call('journalctl', ['-p', 'info..debug', '-o', 'cat', '-u', 'kubelet'])).stdout).toContain(
    'no way\n',
  );
  expect((await host.call('journalctl', ['--until', '2026-11-22'])).stdout).toBe('-- No entries --\n');
  expect(await host.call('journalctl', ['-p', 'loud'])).toMatchObject({ code: 1, stderr: 'Unknown log level loud\n' });
});

test('journalctl finds entries by their fields, and tells these', async () => {
  const { host, manager } = await node();
  await manager.restart('kubelet.service');
  const lines = async (...args: string[]): Promise<string> => (await host.call('journalctl', args)).stdout;
  expect(await lines('-F', '_SYSTEMD_UNIT')).toBe('docker.socket\ndocker.service\nkubelet.service\n');
  expect(await lines('_SYSTEMD_UNIT=kubelet.service', 'SYSLOG_IDENTIFIER=systemd', '-o', 'cat', '-n', '1')).toBe(
    'Started kubelet.service - kubelet: The Kubernetes Node Agent.\n',
  );
  expect(await lines('SYSLOG_IDENTIFIER=kubelet')).toBe('-- No entries --\n');
  expect(await lines('_SYSTEMD_UNIT=none', '+', '_PID=1', '-n', '1', '-o', 'json-pretty')).toContain(
    '\t"_PID" : "1",\n',
  );
  expect((await host.call('journalctl', ['kubelet'])).stderr).toBe("Failed to add match 'kubelet': Invalid argument\n");
  expect((await host.call('journalctl', ['--vacuum-time=1d'])).stderr).toBe(
    'not simulated: journalctl --vacuum-time\n',
  );
});
