import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Readable } from 'node:stream';
import type { LabId } from '../../../protocol/ids.ts';
import type { Finding } from '../../cluster.ts';
import { labNumbers } from './lab-user.ts';

/** A program that hosts need, the Debian package it is in, and whether labs do without. */
const PROGRAMS: readonly (readonly [path: string, debianPackage: string, severity: Finding['severity']])[] = [
  ['/usr/bin/perl', 'perl-base', 'error'],
  ['/usr/bin/bash', 'bash', 'error'],
  ['/usr/sbin/ip', 'iproute2', 'error'],
  ['/usr/sbin/iptables', 'iptables', 'error'],
  ['/usr/sbin/nft', 'nftables', 'error'],
  ['/usr/bin/curl', 'curl', 'error'],
  ['/usr/sbin/ufw', 'ufw', 'warning'],
  ['/usr/bin/ssh', 'openssh-client', 'warning'],
  ['/usr/bin/openssl', 'openssl', 'warning'],
  ['/usr/bin/vim', 'vim', 'warning'],
  ['/usr/bin/jq', 'jq', 'warning'],
  ['/usr/bin/busybox', 'busybox-static', 'warning'],
  ['/usr/bin/nmap', 'nmap', 'warning'],
  ['/usr/bin/nc', 'netcat-openbsd', 'warning'],
  ['/usr/bin/ping', 'iputils-ping', 'warning'],
  ['/usr/share/bash-completion/bash_completion', 'bash-completion', 'warning'],
];

const RELEASE_NEEDED = [5, 14] as const; // setns by descriptor, mount_setattr, limits of processes by user namespace

/**
 * What this machine lacks for the hosts of a simulated lab: packages, and a kernel that lets an ordinary user make namespaces. The
 * latter is tried, not guessed; the remedy then names what forbade it. Empty when all is well.
 */
export async function hostsDoctor(): Promise<Finding[]> {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    const remedy = 'Use Linux on x86_64 or aarch64, or --backend kind.';
    return [{ what: `hosts do not run on ${process.platform} ${process.arch}`, remedy, severity: 'error' }];
  }
  const findings = await Promise.all([missingPackages(), oldKernel(), forbiddenNamespaces(), fewUsers()]);
  return findings.flat();
}

async function missingPackages(): Promise<Finding[]> {
  const missing = await Promise.all(
    PROGRAMS.map(async ([path, name, severity]) => ((await exists(path)) ? undefined : { name, severity })),
  );
  const findings: Finding[] = [];
  for (const severity of ['error', 'warning'] as const) {
    const names = missing.filter((one) => one?.severity === severity).map((one) => one?.name ?? '');
    if (names.length === 0) continue;
    const what = severity === 'error' ? 'hosts need' : 'hosts are poorer without';
    findings.push({ what: `${what}: ${names.join(', ')}`, remedy: `apt-get install -y ${names.join(' ')}`, severity });
  }
  return findings;
}

async function oldKernel(): Promise<Finding[]> {
  const release = (await read('/proc/sys/kernel/osrelease')).trim();
  const [major = 0, minor = 0] = release.split('.').map(Number);
  if (major > RELEASE_NEEDED[0] || (major === RELEASE_NEEDED[0] && minor >= RELEASE_NEEDED[1])) return [];
  const remedy = 'Boot a newer kernel (Debian 12, Ubuntu 22.04 or later), or use --backend kind.';
  return [{ what: `hosts need Linux ${RELEASE_NEEDED.join('.')}, this is ${release}`, remedy, severity: 'error' }];
}

/** Makes the namespaces of a lab, mounts what a lab mounts, and ends. */
async function forbiddenNamespaces(): Promise<Finding[]> {
  if (!(await exists('/usr/bin/unshare'))) return [];
  const flags = ['--user', '--map-root-user', '--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--mount-proc'];
  const attempt = await complaintOf('/usr/bin/unshare', [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/sys']);
  if (attempt === undefined) return [];
  const [userLimit, debian, appArmor, inContainer] = await Promise.all([
    read('/proc/sys/user/max_user_namespaces'),
    read('/proc/sys/kernel/unprivileged_userns_clone'),
    read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
    exists('/.dockerenv'),
  ]);
  const finding = (why: string, remedy: string): Finding[] => [
    { what: `hosts need user namespaces, which ${why} (${attempt})`, remedy, severity: 'error' },
  ];
  if (userLimit.trim() === '0') return finding('are limited to none', 'sysctl -w user.max_user_namespaces=15000');
  if (debian.trim() === '0') return finding('are for root only', 'sysctl -w kernel.unprivileged_userns_clone=1');
  if (appArmor.trim() === '1') {
    return finding("Ubuntu's AppArmor restricts", 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0');
  }
  if (inContainer) {
    const remedy =
      'docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined --security-opt apparmor=unconfined …';
    return finding("Docker's default profile forbids", remedy);
  }
  return finding('this machine forbids', 'Allow unprivileged user namespaces, or use --backend kind.');
}

/** Users of a lab's machines and pods besides root need numbers: root's server has them, an ordinary user's in /etc/subuid (subuid(5)). */
async function fewUsers(): Promise<Finding[]> {
  const uid = process.getuid?.() ?? 0;
  const what = 'every account of a host acts as root, and a pod has one user: this server has no further user numbers';
  if (uid === 0) {
    if (labNumbers('a' as LabId).others !== 0) return [];
    return [{ what, remedy: 'Give the container that the server runs in all user numbers.', severity: 'warning' }];
  }
  const name = nameOf(uid);
  const files = await Promise.all(['/etc/subuid', '/etc/subgid'].map(read));
  const isGiven = files.every((text) =>
    text.split('\n').some((line) => {
      const [owner, , count] = line.split(':');
      return (owner === name || owner === String(uid)) && Number(count) >= 65_535;
    }),
  );
  if (isGiven && (await exists('/usr/bin/newuidmap'))) return [];
  const range = '100000-165535';
  const remedy = `apt-get install -y uidmap && usermod --add-subuids ${range} --add-subgids ${range} ${name}`;
  return [{ what, remedy, severity: 'warning' }];
}

/** Of the user who runs this; its number where it has no account, as in some containers. */
function nameOf(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return String(uid);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Runs as the user that a lab runs as; undefined when all went well, otherwise the last line it complained with. */
async function complaintOf(program: string, args: readonly string[]): Promise<string | undefined> {
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  return new Promise((resolve) => {
    let child: ChildProcessByStdio<null, null, Readable>;
    try {
      child = spawn(program, args, {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { PATH: '/usr/bin:/usr/sbin' },
        cwd: '/',
        ...user,
      });
    } catch (error) {
      // A user namespace without that user: spawn throws EINVAL at once.
      return resolve(error instanceof Error ? error.message : String(error));
    }
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => (said = `${said}${String(bytes)}`.slice(-500)));
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status) =>
      resolve(status === 0 ? undefined : said.trim().split('\n').at(-1) || `status ${status}`),
    );
  });
}
