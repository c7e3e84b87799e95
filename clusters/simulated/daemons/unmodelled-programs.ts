import type { Command, SimulatedHost } from '../hosts/simulated-host.ts';

/** Programs of every Debian server that ask what a lab's machines do not have, and what to do instead; the machine's own would answer amiss. */
const UNMODELLED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['reboot', 'shutdown', 'poweroff', 'halt', 'init', 'telinit', 'runlevel'].map((name) => [
      name,
      'a machine starts with its lab, and anew with `reset`',
    ]),
  ),
  hostnamectl: 'there are hostname, uname and /etc/os-release',
  timedatectl: 'there are date and /etc/timezone',
  localectl: 'there is locale',
  loginctl: 'there are id and ps',
  busctl: 'there is systemctl',
  'systemd-analyze': 'there are systemctl status and journalctl',
  'systemd-cgls': 'there is systemctl status',
  'systemd-cgtop': 'there is top',
  'systemd-run': 'write a unit for systemctl',
  lsblk: 'a lab’s machines have no disks; there is df',
  ...Object.fromEntries(
    ['lsmod', 'modprobe', 'rmmod', 'insmod', 'modinfo'].map((name) => [name, 'a lab’s kernel is its machine’s']),
  ),
  crontab: 'nothing is done at set times',
};

/** What apt's programs are where no package of the lab is installed. */
const APT = Object.fromEntries(
  ['apt', 'apt-get', 'apt-cache', 'apt-mark'].map((name) => [name, 'packages are installed on nodes and the bastion']),
);

/** Makes these programs refuse in words. They are put there when somebody first looks. */
export function refusePrograms(host: SimulatedHost, hasPackages: boolean): Disposable {
  const rows = Object.entries(hasPackages ? UNMODELLED : { ...UNMODELLED, ...APT });
  return host.beforeFirstLook('/usr/local/bin', async () => {
    await Promise.all(rows.map(([name, hint]) => host.installCommand(name, refusal(name, hint), { forUsers: true })));
  });
}

const refusal =
  (name: string, hint: string): Command =>
  async (call) => {
    await call.stderr(`not simulated: ${name}; ${hint}\n`);
    return 1;
  };
