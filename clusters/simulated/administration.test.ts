import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const oneUser = process.getuid?.() !== 0;

describe.skipIf(impossible)(`an administrator of the hosts${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['workstation', 'node01'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());
  const sh: LabOnHosts['sh'] = (host, line) => lab.sh(host, `exec 2>&1; ${line}`);

  test.skipIf(oneUser)('gives accounts their passwords', async () => {
    await sh('node01', 'useradd -m dev');
    expect(await sh('node01', 'echo dev:first | chpasswd; passwd -S dev')).toMatch(/^dev P /);
    expect(await sh('node01', String.raw`printf 'sec-0nd\nsec-0nd\n' | passwd dev`)).toContain(
      'password updated successfully',
    );
    expect(await sh('node01', 'passwd -l dev; passwd -S dev')).toMatch(/\ndev L /);
  });

  test('makes accounts with adduser, which asks nothing and does not miss its settings', async () => {
    expect(await sh('node01', 'adduser --disabled-password --gecos "" ann </dev/null')).toMatch(
      /^Adding user `ann' \.\.\.\n[^]*Creating home directory `\/home\/ann'/,
    );
  });

  test.each([
    ['node01', 'reboot', 'not simulated: reboot; a machine starts with its lab, and anew with `reset` [status 1]'],
    ['node01', 'sudo -l -U nobody', 'not simulated: sudo -l -U; run sudo -l as that user [status 1]'],
    ['node01', 'hostnamectl', 'not simulated: hostnamectl; there are hostname, uname and /etc/os-release [status 1]'],
    [
      'workstation',
      'apt-get update',
      'not simulated: apt-get; packages are installed on nodes and the bastion [status 1]',
    ],
  ] as const)('is refused in words on %s: %s', async (host, line, words) => {
    expect(await sh(host, line)).toBe(words);
  });
});
