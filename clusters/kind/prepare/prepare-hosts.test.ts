import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSeed } from '../../../grader/scenario/seed.ts';
import { HOST_NAMES, type HostName } from '../../../protocol/host.ts';
import type { Seed, SeedFile } from '../../cluster.ts';
import { dockerIsMissing, whyNoDocker } from '../docker-test-engine.ts';
import { type ContainerLab, soon, startContainerLab } from '../lab-fixture.ts';
import { hostSteps, type LabFacts, nodeSteps, prepareHost } from './prepare-hosts.ts';

const BREACH = join(import.meta.dirname, '../../../scenarios/breach/seed');

const at = (host: HostName, path: string, text: string): SeedFile => ({
  host,
  path,
  content: Buffer.from(text),
  mode: 0o644,
});

/** The image of these tests has no configuration of PAM, which no package brings. */
const withoutPam = (seed: Seed): Seed => ({
  ...seed,
  files: seed.files.map((file) =>
    file.path === '/etc/ssh/sshd_config'
      ? { ...file, content: Buffer.from(Buffer.from(file.content).toString().replace('UsePAM yes', 'UsePAM no')) }
      : file,
  ),
});

describe('the steps of a host', () => {
  const doing = (name: HostName, ...files: readonly SeedFile[]): readonly string[] =>
    (name === 'node01' ? nodeSteps : hostSteps)(name, files, { addresses: new Map(), adminKubeconfig: '' }).map(
      (step) => step.doing,
    );
  const BASIS = ['naming the machines of the lab', 'merging the accounts', "laying down the scenario's files"];

  test('start the services that the scenario configures there, when its files lie', () => {
    const sshd = at('node01', '/etc/ssh/sshd_config.d/50.conf', '');
    expect(doing('node01', sshd)).toEqual([...BASIS, 'starting SSH']);
    expect(doing('node01', sshd, at('node01', '/etc/docker/daemon.json', '{}'))).toEqual([
      ...BASIS,
      'starting SSH',
      'starting Docker',
    ]);
    expect(doing('bastion', sshd)).toEqual(BASIS);
  });

  test("give the administrator's kubeconfig to the workstation", () => {
    expect(doing('workstation')).toContain("giving root the administrator's kubeconfig");
    expect(doing('internet')).not.toContain("giving root the administrator's kubeconfig");
  });
});

describe.skipIf(dockerIsMissing)(`breach on the hosts of a lab${whyNoDocker}`, () => {
  let lab: ContainerLab;
  let seed: Seed;
  const HOSTS = ['workstation', 'bastion'] as const;

  const facts = (): LabFacts => ({
    addresses: new Map(HOSTS.map((name) => [name, lab.container(name).address])),
    adminKubeconfig: 'kind: Config\n',
  });
  const prepare = async (name: HostName): Promise<void> =>
    prepareHost(lab.on(name), hostSteps(name, seed.files, facts()), soon());

  beforeAll(async () => {
    seed = withoutPam(await readSeed(BREACH, { hosts: HOST_NAMES }));
    lab = await startContainerLab(HOSTS);
    await Promise.all(HOSTS.map(prepare));
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test('names the machines of the lab to each other', async () => {
    const { address } = lab.container('bastion');
    expect(await lab.sh('workstation', 'getent hosts bastion')).toContain(address);
    expect(await lab.sh('workstation', 'grep -c localhost /etc/hosts')).not.toBe('0');
  });

  test('lays down files with their modes, and homes that are their owners’', async () => {
    expect(await lab.sh('workstation', 'stat -c "%a %U" /root/.ssh/id_ed25519 /root/.ssh /root/.kube/config')).toBe(
      '600 root\n700 root\n600 root',
    );
    expect(await lab.sh('bastion', 'stat -c "%a %U:%G" /home/ops /home/ops/.ssh /home/ops/.ssh/authorized_keys')).toBe(
      '755 ops:ops\n700 ops:ops\n600 ops:ops',
    );
    expect(await lab.sh('bastion', 'id ops; stat -c "%a" /etc/shadow')).toMatch(
      /^uid=1000\(ops\) gid=1000\(ops\) groups=.*27\(sudo\).*\n640$/,
    );
  });

  test('keeps the accounts that the machine had', async () => {
    expect(await lab.sh('bastion', 'grep ^sshd: /etc/passwd')).toBe('sshd:x:101:65534::/run/sshd:/usr/sbin/nologin');
  });

  test('lets ops in by key over SSH, as the scenario’s sshd_config says', async () => {
    expect(await lab.sh('workstation', 'ssh bastion id -un')).toBe('ops');
    expect(
      await lab.sh('workstation', 'ssh -o PasswordAuthentication=yes -o BatchMode=yes -l root bastion true'),
    ).toMatch(/Permission denied \(publickey\).*status 255/s);
  });

  test('is the same when it is done again', async () => {
    const state = 'cat /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/hosts; stat -c "%a %n" /home/ops/.ssh/*';
    const before = await lab.sh('bastion', state);
    await prepare('bastion');
    expect(await lab.sh('bastion', state)).toBe(before);
    expect(await lab.sh('workstation', 'ssh bastion id -un')).toBe('ops');
  });

  test('says which step failed on which machine, and why', async () => {
    const bad = [at('bastion', '/etc/ssh/sshd_config', 'PermitRootLogin perhaps\n')];
    await expect(prepareHost(lab.on('bastion'), hostSteps('bastion', bad, facts()), soon())).rejects.toThrow(
      /^bastion could not be prepared \(starting SSH\): .*unsupported option "perhaps"/s,
    );
    await prepare('bastion');
  });

  test('refuses a node that has no systemd, in its own words', async () => {
    const steps = nodeSteps('bastion', [at('bastion', '/etc/docker/daemon.json', '{}')], facts());
    await expect(prepareHost(lab.on('bastion'), steps, soon())).rejects.toThrow(/\(starting Docker\): .*systemctl/s);
  });
});
