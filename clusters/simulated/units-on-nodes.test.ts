import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const oneUser = process.getuid?.() !== 0;

describe.skipIf(impossible)(`the units of a node${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['controlplane', 'node01'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());
  const sh = (line: string): Promise<string> => lab.sh('node01', `exec 2>&1; ${line}`);
  const asDev = (line: string): Promise<string> => sh(`su - dev -c '${line}'`);

  test('are files of the node’s own, whose modes and texts an administrator changes', async () => {
    expect(
      await sh('chmod 600 /lib/systemd/system/kubelet.service; stat -c %a /usr/lib/systemd/system/kubelet.service'),
    ).toBe('600');
    await sh('sed -i s/^RestartSec=10/RestartSec=11/ /lib/systemd/system/kubelet.service');
    expect(await sh('systemctl cat kubelet')).toMatch(/^# \/lib\/systemd\/system\/kubelet.service\n[^]*RestartSec=11/);
  });

  test('have main processes that are seen and signalled, their own programs’ too', async () => {
    await sh(
      'printf "[Service]\\nExecStart=/usr/bin/sleep 1000\\n" > /etc/systemd/system/idle.service; systemctl daemon-reload',
    );
    await sh('systemctl start idle');
    expect(await sh('ps -o args= -p $(systemctl show -p MainPID --value idle)')).toBe('/usr/bin/sleep 1000');
    await sh('systemctl kill -s KILL idle');
    expect(await lab.eventually(() => sh('systemctl status idle'), /failed/)).toMatch(
      /Active: failed \(Result: signal\)[^]*Main PID: \d+ \(code=killed, signal=KILL\)/,
    );
    expect(await sh('ps -o comm= -p $(cat /run/sshd.pid) -p $(cat /run/docker.pid)')).toBe('sshd\ndockerd');
    expect(await sh('systemctl stop ssh; ls /run/sshd.pid')).toContain('No such file');
    await sh('systemctl start ssh');
  });

  test('docker.socket serves Docker’s clients, and starts Docker for them', async () => {
    expect(await sh('stat -c "%U %G %a" /run/docker.sock')).toBe('root docker 660');
    expect(await sh('systemctl stop docker; systemctl is-active docker')).toBe(
      'Warning: Stopping docker.service, but it can still be activated by:\n  docker.socket\ninactive [status 3]',
    );
    expect(
      await sh('curl -s --unix-socket /run/docker.sock http://docker/_ping; echo; systemctl is-active docker'),
    ).toBe('OK\nactive');
    await sh('systemctl stop docker 2>/dev/null');
    expect(await sh('docker info -f "{{.Name}}"')).toBe('node01');
    expect(await sh('systemctl stop docker.socket; docker ps')).toMatch(/^Cannot connect to the Docker daemon/);
    await sh('systemctl start docker');
  });

  test.skipIf(oneUser)('the group of docker.socket says who may use Docker', async () => {
    await sh('useradd -m dev && usermod -aG docker dev');
    expect(await asDev('docker ps -q && echo may')).toBe('may');
    await sh('sed -i s/^SocketGroup=.*/SocketGroup=root/ /lib/systemd/system/docker.socket && systemctl daemon-reload');
    await sh('systemctl restart docker.socket');
    expect(await sh('stat -c "%U %G %a" /run/docker.sock; docker ps -q && echo may')).toBe('root root 660\nmay');
    expect(await asDev('docker ps')).toMatch(/^permission denied while trying to connect to the Docker daemon socket/);
  });
});
