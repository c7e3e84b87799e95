import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

describe.skipIf(impossible)(`the processes of a lab's machines${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['workstation', 'controlplane', 'bastion'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const sh: LabOnHosts['sh'] = (...line) => lab.sh(...line);

  test('what listens on a port is found, killed, seen to come back, stopped for good and removed', async () => {
    const listener = "ss -Htlnp sport = :22 | grep -o 'pid=[0-9]*' | tr -d 'pid='";
    const pid = await sh('bastion', listener);
    expect(await sh('bastion', `readlink /proc/${pid}/exe; ps -o comm= -p ${pid}`)).toBe('/usr/sbin/sshd\nsshd');
    expect(await sh('bastion', `dpkg -S $(readlink /proc/${pid}/exe)`)).toBe('openssh-server: /usr/sbin/sshd');
    await sh('bastion', `kill -9 ${pid}`);
    const again = await lab.eventually(() => sh('bastion', listener), new RegExp(`^(?!${pid}$)\\d+$`));
    expect(await sh('bastion', 'systemctl show -p MainPID --value ssh')).toBe(again);
    expect(await sh('bastion', 'journalctl -u ssh -o cat')).toContain(
      'ssh.service: Main process exited, code=killed, status=9/KILL',
    );
    await sh('bastion', 'systemctl disable --now ssh');
    expect(await sh('bastion', `${listener}; pgrep sshd`)).toBe('[status 1]');
    expect(await sh('workstation', 'exec 3<>/dev/tcp/bastion/22')).toContain('Connection refused');
    await sh('bastion', 'rm /usr/sbin/sshd');
    expect(await sh('bastion', 'systemctl start ssh')).toContain('Job for ssh.service failed');
    expect(await sh('bastion', 'journalctl -u ssh -o cat')).toContain('status=203/EXEC');
    await sh('bastion', 'apt-get install -y --reinstall openssh-server; apt-get purge -y openssh-server');
    expect(await sh('bastion', 'ls /usr/sbin/sshd; dpkg -S /usr/sbin/sshd; systemctl cat ssh')).toMatch(
      /No such file[^]*no path found[^]*No files found for ssh.service/,
    );
  });

  test('a program of the control plane shows its flags, and its container restarts when it is killed', async () => {
    const flags = "ps -C kube-apiserver -o args= | tr ' ' '\\n' | grep -e --authorization-mode";
    expect(await sh('controlplane', flags)).toBe('--authorization-mode=Node,RBAC');
    const pid = await sh('controlplane', 'pidof kube-apiserver');
    expect(await sh('controlplane', 'ss -Htlnp sport = :6443')).toContain(`("kube-apiserver",pid=${pid},`);
    await sh('controlplane', 'pkill -9 -x kube-apiserver');
    const second = /Running +kube-apiserver +1 /;
    expect(await lab.eventually(() => sh('controlplane', 'crictl ps'), second)).toMatch(second);
    expect(await lab.eventually(() => sh('controlplane', 'curl -sk https://127.0.0.1:6443/livez'), /^ok/)).toBe('ok');
    const listener = await sh('controlplane', 'ss -Htlnp sport = :6443');
    expect(listener).toContain('("kube-apiserver",pid=');
    expect(listener).not.toContain(`pid=${pid},`);
  });

  test('a service that loads its configuration anew keeps its number', async () => {
    const before = await sh('controlplane', 'pidof sshd');
    await sh('controlplane', "sed -i 's/^#*Port .*/Port 2222/' /etc/ssh/sshd_config; kill -HUP $(pidof sshd)");
    const listener = "ss -Htlnp sport = :2222 | grep -o 'pid=[0-9]*'";
    expect(await lab.eventually(() => sh('controlplane', listener), /pid/)).toBe(`pid=${before}`);
  });
});
