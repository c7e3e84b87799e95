import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOST_NAMES, type HostName } from '../../protocol/host.ts';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { junk, labToRuin, type RuinedLab } from './ruined-lab.ts';

/** What a learner can do to a lab from within: the program concerned fails as the real one would, the rest goes on. */

const LIVEZ = 'curl -sk --max-time 5 https://10.10.0.10:6443/livez';
const EVERY_FILE = `find / -xdev -not -path '/var/log/*' -printf '%m %p\\n' | sort`;
const MANIFESTS = '/etc/kubernetes/manifests';

describe.skipIf(impossible)(`a lab${whyNot}`, () => {
  let ruined: RuinedLab;
  /** The modes and names of a host's files, as the lab makes them. */
  let untouched: readonly string[];
  const allFiles = () => Promise.all(HOST_NAMES.map((name) => ruined.sh(name, EVERY_FILE)));
  beforeAll(async () => {
    ruined = await labToRuin();
    untouched = await allFiles();
  }, 60_000);
  afterAll(async () => {
    await ruined?.[Symbol.asyncDispose]();
    if (ruined.complaints.length > 0) throw new Error(ruined.complaints.join('\n'));
  });

  async function spoil(name: HostName, path: string): Promise<() => Promise<void>> {
    const host = await ruined.lab.host(name);
    const before = await host.readFile(path, { maxBytes: 100_000 });
    await host.writeFile(path, junk(20_000), { mode: 0o600 });
    return async () => {
      if (before.outcome === 'read') await host.writeFile(path, before.content, { mode: before.mode });
      else await ruined.sh(name, `rm ${path}`);
    };
  }

  describe('a file full of garbage keeps its daemon from starting, which says why, and no other', () => {
    test.each([
      ['kubelet', '/var/lib/kubelet/config.yaml', 'activating', /"command failed" err="failed to load kubelet config/],
      ['kubelet', '/etc/kubernetes/pki/ca.crt', 'activating', /unable to load client CA file/],
      ['docker', '/etc/docker/daemon.json', 'failed', /unable to configure the Docker daemon with file/],
      ['ssh', '/etc/ssh/sshd_config.d/90-own.conf', 'failed', /90-own\.conf: line 1: Bad configuration option/],
      ['ssh', '/etc/ssh/sshd_config', 'failed', /\/etc\/ssh\/sshd_config: line 1: Bad configuration option/],
      [
        'containerd',
        '/etc/containerd/config.toml',
        'activating',
        /containerd: failed to unmarshal TOML at row 1 column/,
      ],
    ])('%s by %s', async (unit, path, state, words) => {
      const mend = await spoil('node01', path);
      await ruined.sh('node01', `systemctl restart ${unit}`);
      expect(await ruined.sh('node01', `systemctl is-active ${unit}`)).toBe(`${state} [status 3]`);
      expect(await ruined.sh('node01', `journalctl -u ${unit} --no-pager`)).toMatch(words);
      const others = ['kubelet', 'docker', 'ssh', 'containerd'].filter((other) => other !== unit);
      expect(await ruined.sh('node01', `systemctl is-active ${others.join(' ')}`)).toBe('active\nactive\nactive');
      expect(await ruined.sh('node01', LIVEZ)).toBe('ok');
      await mend();
      await ruined.sh('node01', `systemctl restart ${unit}`);
      expect(await ruined.sh('node01', `systemctl is-active ${unit}`)).toBe('active');
    });

    test.each([
      ['/etc/default/kubelet'],
      ['/var/lib/kubelet/kubeadm-flags.env'],
      ['/etc/default/ssh'],
      ['/etc/hosts'],
      ['/etc/resolv.conf'],
      ['/etc/passwd'],
      ['/etc/group'],
      ['/etc/shadow'],
      ['/etc/sudoers'],
      ['/etc/crictl.yaml'],
      ['/etc/systemd/system/docker.service.d/own.conf'],
    ])('%s is read as far as it can be, and the units run on', async (path) => {
      const mend = await spoil('node01', path);
      await ruined.sh('node01', 'systemctl restart kubelet docker ssh');
      expect(await ruined.sh('node01', 'systemctl is-active kubelet docker ssh')).toBe('active\nactive\nactive');
      expect(await ruined.sh('node01', LIVEZ)).toBe('ok');
      await mend();
    });

    test('a unit file', async () => {
      const mend = await spoil('node01', '/etc/systemd/system/ssh.service');
      expect(await ruined.sh('node01', 'systemctl daemon-reload; systemctl restart ssh')).toContain(
        'Failed to restart ssh.service: Unit ssh.service has a bad unit file setting.',
      );
      await mend();
      expect(await ruined.sh('node01', 'systemctl daemon-reload; systemctl restart ssh; systemctl is-active ssh')).toBe(
        'active',
      );
    });
  });

  test.each(['kube-scheduler', 'kube-controller-manager', 'etcd', 'kube-apiserver'])(
    'garbage for the manifest of %s takes it down alone, and the kubelet says so',
    async (component) => {
      const path = `${MANIFESTS}/${component}.yaml`;
      const mend = await spoil('controlplane', path);
      const gone = `crictl ps -q --name ${component} | wc -l`;
      expect(await ruined.eventually('controlplane', gone, /^0$/)).toBe('0');
      expect(await ruined.sh('controlplane', 'journalctl -u kubelet --no-pager')).toContain(
        `"Could not process manifest file" err="${path}: couldn't parse as pod(`,
      );
      expect(await ruined.sh('controlplane', 'systemctl is-active kubelet containerd ssh')).toBe(
        'active\nactive\nactive',
      );
      await mend();
      expect(await ruined.eventually('controlplane', gone, /^1$/)).toBe('1');
      expect(await ruined.eventually('controlplane', LIVEZ, /^ok$/)).toBe('ok');
    },
  );

  test.each([
    ['audit-policy-file', /loading audit policy file: failed decoding:/],
    ['encryption-provider-config', /error decoding encryption provider configuration file/],
    ['admission-control-config-file', /failed to read plugin config:/],
  ])(
    'garbage in the file of --%s keeps the API server down, whose log says so, until it is mended',
    async (flag, words) => {
      const file = `/etc/kubernetes/pki/${flag}.yaml`;
      const manifest = `${MANIFESTS}/kube-apiserver.yaml`;
      await (await ruined.lab.host('controlplane')).writeFile(file, junk(20_000), { mode: 0o600 });
      const named = String.raw`s#^\( *\)- kube-apiserver$#&\n\1- --${flag}=${file}#`;
      await ruined.sh('controlplane', `cp ${manifest} /root/before; sed -i '${named}' ${manifest}`);
      expect(await ruined.eventually('controlplane', `${LIVEZ}; echo $?`, /^7$/)).toBe('7');
      expect(await ruined.sh('controlplane', 'crictl logs $(crictl ps -aq --name kube-apiserver | head -1)')).toMatch(
        words,
      );
      expect(await ruined.sh('controlplane', 'systemctl is-active kubelet; crictl ps -q --name etcd | wc -l')).toBe(
        'active\n1',
      );
      await ruined.sh('controlplane', `cp /root/before ${manifest}; rm /root/before ${file}`);
      expect(await ruined.eventually('controlplane', LIVEZ, /^ok$/)).toBe('ok');
    },
  );

  test('garbage for a firewall is refused by its own program, and rules that stand go on', async () => {
    await (await ruined.lab.host('node01')).writeFile('/root/rules', junk(20_000), { mode: 0o600 });
    const rule = 'iptables -A INPUT -p tcp --dport 81 -j DROP; iptables -S INPUT | tail -1';
    expect(await ruined.sh('node01', rule)).toBe('-A INPUT -p tcp -m tcp --dport 81 -j DROP');
    expect(await ruined.sh('node01', 'nft -f /root/rules | tail -1; exit ${PIPESTATUS[0]}')).toMatch(/\[status 1\]$/);
    expect(await ruined.sh('node01', 'iptables-restore < /root/rules')).toMatch(/\[status \d\]$/);
    expect(await ruined.sh('node01', 'iptables -S INPUT | tail -1')).toBe('-A INPUT -p tcp -m tcp --dport 81 -j DROP');
    await ruined.sh('node01', 'iptables -F INPUT; rm /root/rules');
  });

  // But falco, which runs until it is stopped.
  test.each(HOST_NAMES)('every command of %s that asks the lab takes junk, as input or argument', async (name) => {
    await (await ruined.lab.host(name)).writeFile('/tmp/junk', junk(200_000), { mode: 0o600 });
    const said = await ruined.sh(
      name,
      `for shim in $(find /usr/local/bin -lname '*/breachlab/command' -not -name falco -printf '%f\\n'); do
         timeout $([ $shim = falco ] && echo 2 || echo 10) $shim < /tmp/junk > /tmp/said 2>&1; a=$?
         [ $shim = falco ] && a=0 # which watches until it is ended
         timeout 10 $shim "$(head -c 1000 /tmp/junk | tr -d '\\0')" < /tmp/junk >> /tmp/said 2>&1; b=$?
         grep -qE 'the lab (does not answer|went away|failed to answer)' /tmp/said && echo "$shim lost the lab"
         echo $a $b | grep -E '124|13[0-9]' && echo "$shim did not end"
       done; echo asked; rm -f /tmp/junk /tmp/said`,
    );
    expect(said).toBe('asked');
  });

  test('a gigabyte written to /tmp fills that host alone, whose daemons go on', async () => {
    expect(await ruined.sh('controlplane', 'head -c 1073741824 /dev/zero > /tmp/big')).toContain('No space left');
    expect(await ruined.sh('controlplane', 'systemctl is-active kubelet; crictl ps -q --name etcd | wc -l')).toBe(
      'active\n1',
    );
    expect(await ruined.sh('controlplane', 'systemctl restart kubelet ssh; systemctl is-active kubelet ssh')).toBe(
      'active\nactive',
    );
    expect(await ruined.sh('node01', `echo > /tmp/small; ${LIVEZ}`)).toBe('ok');
    await ruined.sh('controlplane', 'rm /tmp/big');
    expect(await ruined.sh('controlplane', 'echo fits > /tmp/small; cat /tmp/small; rm /tmp/small')).toBe('fits');
  });

  test('rm -rf / leaves the other hosts and the cluster alone, and a reset brings back every file', async () => {
    for (const name of HOST_NAMES.filter((one) => one !== 'controlplane')) {
      await ruined.sh(name, 'exec rm -rf --no-preserve-root / 2>/dev/null');
      await expect(ruined.sh(name, 'true')).rejects.toThrow(/could not be started/);
      expect(await ruined.sh('controlplane', LIVEZ)).toBe('ok');
    }
    // The last one from a terminal that stays open.
    const controlplane = await ruined.lab.host('controlplane');
    await using shell = await controlplane.openShell({ session: 'ruin', cols: 80, rows: 24 });
    shell.output.resume();
    await shell.write(Buffer.from('rm -rf --no-preserve-root / 2>/dev/null\n'));
    await expect
      .poll(() => controlplane.readFile('/etc/hosts', { maxBytes: 1 }), { timeout: 20_000 })
      .toEqual({
        outcome: 'absent',
      });
    await ruined.lab.reset(AbortSignal.timeout(30_000));
    expect(await allFiles()).toEqual(untouched);
    expect(await ruined.sh('workstation', LIVEZ)).toBe('ok');
    expect(await ruined.sh('node01', 'systemctl is-active kubelet docker ssh containerd | sort -u')).toBe('active');
  }, 90_000);
});
