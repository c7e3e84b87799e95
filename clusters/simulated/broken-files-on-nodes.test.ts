import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostName } from '../../protocol/host.ts';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

/** What may lie in a file's place that is no file one could read, and how the system says so. */
const PLACES: readonly (readonly [what: string, make: string, said: RegExp])[] = [
  ['a folder', 'mkdir FILE', /is a directory/i],
  ['a link to itself', 'ln -s FILE FILE', /too many levels of symbolic links/i],
  ['a pipe that nobody writes to', 'mkfifo FILE', /not a regular file/],
  ['a hundred megabytes', 'truncate -s 100M FILE', /larger than \d+ bytes/],
];

interface Daemon {
  readonly host: HostName;
  readonly unit: string;
  readonly file: string;
  /** What it says in front of the system's words. */
  readonly says: RegExp;
}

const DAEMONS: readonly Daemon[] = [
  {
    host: 'node01',
    unit: 'kubelet',
    file: '/var/lib/kubelet/config.yaml',
    says: /command failed.*failed to load kubelet config file, path: \/var\/lib\/kubelet\/config\.yaml/,
  },
  {
    host: 'node01',
    unit: 'kubelet',
    file: '/etc/kubernetes/pki/ca.crt',
    says: /command failed.*unable to load client CA file \/etc\/kubernetes\/pki\/ca\.crt/,
  },
  {
    host: 'node01',
    unit: 'ssh',
    file: '/etc/ssh/sshd_config',
    says: /\/etc\/ssh\/sshd_config: /,
  },
  {
    host: 'node01',
    unit: 'docker',
    file: '/etc/docker/daemon.json',
    says: /unable to configure the Docker daemon with file \/etc\/docker\/daemon\.json: /,
  },
  { host: 'node01', unit: 'containerd', file: '/etc/containerd/config.toml', says: /containerd: .*config\.toml/ },
];

describe.skipIf(impossible)(`files of a lab's nodes that nobody can read${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['controlplane', 'node01'])), 60_000);
  // Disposing of it tells of anything that its daemons threw.
  afterAll(() => lab?.[Symbol.asyncDispose]());

  /** Puts something in a file's place for as long as `work` takes. */
  async function inPlaceOf(host: HostName, file: string, make: string, work: () => Promise<void>): Promise<void> {
    const folder = file.replace(/\/[^/]*$/, '');
    await lab.sh(host, `mkdir -p ${folder} /root/saved; cp -a ${file} /root/saved/ 2>/dev/null; rm -f ${file}`);
    // The kubelet makes a file that a hostPath asks for (FileOrCreate), also between the two.
    await lab.sh(host, `until ${make.replaceAll('FILE', file)}; do rm -rf ${file}; done`);
    try {
      await work();
    } finally {
      await lab.sh(host, `rm -rf ${file}; cp -a /root/saved/. ${folder}; rm -rf /root/saved`);
    }
  }

  const all = DAEMONS.flatMap((daemon) => PLACES.map(([what, make, said]) => ({ ...daemon, what, make, said })));
  const isOpened = ({ unit, what }: { unit: string; what: string }): boolean => unit === 'ssh' && what === 'a folder';
  test.each(all.filter((one) => !isOpened(one)))(
    '$unit with $what for $file',
    async ({ host, unit, file, make, says, said }) => {
      await inPlaceOf(host, file, make, async () => {
        await lab.sh(host, `systemctl restart ${unit}`);
        expect(await lab.sh(host, `systemctl is-active ${unit}`)).toMatch(/^(activating|failed)/);
        const journal = await lab.sh(host, `journalctl -u ${unit} --no-pager -n 6`);
        expect(journal).toMatch(says);
        expect(journal).toMatch(said);
      });
      await lab.sh(host, `systemctl reset-failed ${unit}; systemctl restart ${unit}`);
      expect(await lab.sh(host, `systemctl is-active ${unit}`)).toBe('active');
    },
  );

  test.each(all.filter(isOpened))(
    '$unit opens $what for $file, and finds nothing in it',
    async ({ host, unit, file, make }) => {
      await inPlaceOf(host, file, make, async () => {
        await lab.sh(host, `systemctl restart ${unit}`);
        expect(await lab.sh(host, `systemctl is-active ${unit}`)).toBe('active');
      });
    },
  );

  test.each(PLACES)('dpkg’s record with %s in its place is told by apt', async (_, make, said) => {
    await inPlaceOf('node01', '/var/lib/dpkg/status', make, async () => {
      expect(await lab.sh('node01', 'apt-cache policy kubelet')).toMatch(
        /^E: Could not open file \/var\/lib\/dpkg\/status/,
      );
      expect(await lab.sh('node01', 'apt-cache policy kubelet')).toMatch(said);
    });
  });

  test.each(PLACES.slice(0, 3))('a component’s kubeconfig with %s in its place is not mounted', async (_, make) => {
    const message = /MountVolume\.SetUp failed for volume \\?"kubeconfig\\?"/;
    await inPlaceOf('controlplane', '/etc/kubernetes/scheduler.conf', make, async () => {
      await lab.sh(
        'controlplane',
        'sed -i "s/tier: .*/tier: t$(date +%s%N)/" /etc/kubernetes/manifests/kube-scheduler.yaml',
      );
      const events = (): Promise<string> =>
        lab.sh('controlplane', 'kubectl -n kube-system get events | grep kube-scheduler');
      expect(await lab.eventually(events, message)).toMatch(message);
      await lab.sh('controlplane', 'kubectl -n kube-system delete events --all');
    });
  });

  test('what lies in the manifests’ folder and is no file takes no component down but its own', async () => {
    const manifests = '/etc/kubernetes/manifests';
    await lab.sh(
      'controlplane',
      `cd ${manifests}; mkdir a.yaml; ln -s b.yaml b.yaml; mkfifo c.yaml; truncate -s 100M d.yaml; head -c 4096 /dev/urandom > e.yaml`,
    );
    const told = (): Promise<string> => lab.sh('controlplane', 'journalctl -u kubelet --no-pager -n 30');
    expect(await lab.eventually(told, /manifests\/e\.yaml/)).toMatch(
      /Could not process manifest file.*manifests\/e\.yaml/,
    );
    expect(await lab.sh('controlplane', 'crictl ps -q --name kube-apiserver')).not.toBe('');
    expect((await lab.ask({ path: '/readyz' })).status).toBe(200);
  });
});
