import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** For tests: an image made FROM scratch out of the Debian packages that this machine has, as CI has no registry. */

const run = promisify(execFile);

/** As on a kind node, bash, perl-base and iproute2 among them; sshd and iptables for what a lab does with its hosts. */
const PACKAGES = [
  'base-files',
  'bash',
  'coreutils',
  'dash',
  'debianutils',
  'findutils',
  'grep',
  'hostname',
  'iproute2',
  'iptables',
  'libc-bin',
  'ncurses-base',
  'netbase',
  'openssh-client',
  'openssh-server',
  'perl-base',
  'procps',
  'sed',
  'util-linux',
];

/** What no program of a test reads. */
const LEFT_OUT = /^\/usr\/(share\/(doc|man|locale|info|lintian|bash-completion)\/|lib\/[^/]+\/gconv\/)/;

const SSHD_FOLDER = 'run/sshd';

/** What no package brings; none of them may be in a package, as Docker takes no path twice. */
const FILES: Readonly<Record<string, string>> = {
  'etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/ssh/sshd_config': 'Subsystem sftp /usr/lib/openssh/sftp-server\n',
  'root/.bashrc': "PS1='\\u@\\h:\\w# '\n",
  'root/.profile': '. ~/.bashrc\n',
};

/** Writes the image's root file system as a tar archive for `docker import`. Throws where a package is missing. */
export async function writeTestImage(archive: string): Promise<void> {
  const lists = await run('dpkg', ['-L', ...(await withDependencies(PACKAGES))], { maxBuffer: 2 ** 26 });
  const paths = [...new Set(lists.stdout.split('\n'))].filter((path) => path.startsWith('/') && !LEFT_OUT.test(path));
  const own = await mkdtemp(join(tmpdir(), 'breachlab-image-'));
  try {
    await mkdir(join(own, SSHD_FOLDER), { recursive: true });
    for (const [path, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(own, path)), { recursive: true });
      await writeFile(join(own, path), text);
    }
    const list = join(own, '.list');
    const all = [...(await merged(paths)), ...(await mergedFolders())];
    await writeFile(list, all.map((path) => path.slice(1)).join('\0'));
    const fromRoot = ['--directory', '/', '--no-recursion', '--null', '--files-from', list];
    await run('tar', ['--create', '--file', archive, ...fromRoot]);
    await rm(list);
    await run('tar', ['--append', '--file', archive, '--directory', own, SSHD_FOLDER, ...Object.keys(FILES)]);
  } finally {
    await rm(own, { recursive: true });
  }
}

/** Packages list `/bin/x` where `/bin` is a link to `usr/bin` (usrmerge); alternatives are links that no package lists. */
async function merged(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const real = new Map<string, Promise<string | undefined>>();
  const folderOf = (path: string) => {
    const folder = dirname(path);
    if (!real.has(folder))
      real.set(
        folder,
        realpath(folder).catch(() => undefined),
      );
    return real.get(folder);
  };
  const all = new Set<string>();
  for (const path of paths) {
    const folder = await folderOf(path);
    if (folder === undefined || (await stat(path).catch(() => undefined)) === undefined) continue;
    const place = join(folder, path.slice(path.lastIndexOf('/') + 1));
    if (/^\/(bin|sbin|lib|lib64|\.?)$/.test(place)) continue;
    all.add(place);
    const target = await readlink(place).catch(() => '');
    if (target.startsWith('/etc/alternatives/')) all.add(target).add(await realpath(place));
  }
  for (const command of ['/usr/sbin/iptables', '/usr/sbin/ip6tables']) {
    const alternative = await readlink(command).catch(() => undefined);
    if (alternative?.startsWith('/etc/alternatives/') === true) all.add(command).add(alternative);
  }
  return all;
}

async function mergedFolders(): Promise<string[]> {
  const folders = ['/bin', '/sbin', '/lib', '/lib64'];
  const there = await Promise.all(folders.map((path) => readlink(path).catch(() => undefined)));
  return folders.filter((_, i) => there[i] !== undefined);
}

/** Those packages and what they need, as far as it is installed. */
async function withDependencies(packages: readonly string[]): Promise<readonly string[]> {
  const format = '${db:Status-Abbrev}\t${Package}\t${Pre-Depends}, ${Depends}\n';
  const { stdout } = await run('dpkg-query', ['--show', `--showformat=${format}`], { maxBuffer: 2 ** 26 });
  const needs = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const [status, name, depends] = line.split('\t');
    if (status?.startsWith('ii') !== true || name === undefined) continue;
    const alternatives = (depends ?? '').split(/[,|]/).map((one) => /^\s*([\w.+-]+)/.exec(one)?.[1] ?? '');
    needs.set(name, alternatives);
  }
  const all = new Set<string>();
  const add = (name: string) => {
    if (all.has(name) || !needs.has(name)) return;
    all.add(name);
    for (const need of needs.get(name) ?? []) add(need);
  };
  for (const name of packages) {
    if (!needs.has(name)) throw new Error(`the test image needs the package ${name}: apt-get install ${name}`);
    add(name);
  }
  return [...all];
}
