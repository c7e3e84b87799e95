import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { HostName } from '../../protocol/host.ts';
import { labIdFrom } from '../../protocol/ids.ts';
import { simulatedBackend } from './backend.ts';
import { impossible, whyNot } from './hosts/host-fixture.ts';

test.skipIf(impossible)(
  `a server whose configuration a scenario lays down runs until an administrator ends it, by systemd or by a firewall${whyNot}`,
  async () => {
    const content = Buffer.from('anonymous_enable=YES\nftpd_banner=files of the old shop\n');
    const secret = Buffer.from('root:hunter2\n');
    await using lab = await simulatedBackend({ programs: {}, log: () => undefined }).create({
      id: labIdFrom(randomBytes(10)),
      seed: {
        hosts: ['node01', 'bastion', 'internet'],
        manifests: [],
        files: [
          { host: 'node01', path: '/etc/vsftpd.conf', content, mode: 0o600 },
          { host: 'node01', path: '/srv/ftp/users.bak', content: secret, mode: 0o644 },
        ],
      },
      progress: () => undefined,
      signal: AbortSignal.timeout(60_000),
    });
    async function sh(name: HostName, line: string): Promise<string> {
      const host = await lab.host(name);
      const { stdout, stderr } = await host.exec(['bash', '-c', line], { signal: AbortSignal.timeout(30_000) });
      return `${String(stdout)}${String(stderr)}`.trim();
    }
    const greeting = 'timeout 1 bash -c "head -1 < /dev/tcp/10.10.0.11/21" 2>&1; echo "status $?"';
    expect(await sh('internet', greeting)).toContain('220 files of the old shop');
    expect(await sh('internet', 'curl -s ftp://10.10.0.11/users.bak')).toBe('root:hunter2');
    expect(await sh('node01', 'systemctl is-enabled vsftpd; ss -Hlnt sport = :21 | wc -l')).toBe('enabled\n1');
    expect(await sh('bastion', 'systemctl status vsftpd')).toContain('Unit vsftpd.service could not be found.');

    await sh('node01', 'ufw allow from 10.10.0.0/24 && ufw --force enable');
    expect(await sh('internet', greeting)).toBe('status 124');
    expect(await sh('bastion', greeting)).toContain('220 files of the old shop');
    await sh('node01', 'ufw --force disable');

    expect(await sh('node01', 'systemctl disable --now vsftpd; systemctl is-enabled vsftpd')).toContain('disabled');
    expect(await sh('internet', greeting)).toContain('Connection refused');
    await lab.reset(AbortSignal.timeout(30_000));
    expect(await sh('internet', greeting)).toContain('220 files of the old shop');
  },
  60_000,
);
