import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { aptCommands } from './apt.ts';
import { installedRelease } from './dpkg-status.ts';
import { aptEntries } from './installed-files.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function node(files: Readonly<Record<string, string>> = {}) {
  const host = resources.use(await FolderHost.create('node01', files, aptEntries(['kubelet', 'vsftpd'])));
  const units: string[] = [];
  const commands = aptCommands(host, {
    knows: (unit) => ['kubelet.service', 'vsftpd.service'].includes(unit),
    setInstalled: async (unit, installed) => void units.push(`${unit} ${installed ? 'comes' : 'goes'}`),
  });
  for (const [name, run] of Object.entries(commands)) await host.installCommand(name, run);
  const sh = async (line: string, stdin?: string) => {
    const [name = '', ...args] = line.split(' ');
    const { code, stdout, stderr } = await host.call(name, args, stdin === undefined ? {} : { stdin });
    return `${stdout}${stderr}${code === 0 ? '' : `[status ${code}]`}`;
  };
  return { host, sh, units };
}

const versions = (text: string): string[] => [...text.matchAll(/\| (\S+) \|/g)].map(([, version = '']) => version);

test('a kubelet is brought to another version, and dpkg itself tells so', async () => {
  const { host, sh } = await node();
  expect(versions(await sh('apt-cache madison kubelet'))).toEqual(['1.36.2-1.1', '1.36.1-1.1', '1.36.0-1.1']);
  expect(await sh('apt-get install -y kubelet=1.36.0-1.1')).toContain(
    'E: Packages were downgraded and -y was used without --allow-downgrades.\n[status 100]',
  );
  expect(await sh('apt-get install -y --allow-downgrades kubelet=1.36.0-1.1')).toContain(
    'Setting up kubelet (1.36.0-1.1) ...',
  );
  expect(await installedRelease(host, 'kubelet')).toBe('v1.36.0');
  expect(await sh('apt-get install -y kubelet=1.36.2-*')).toContain(
    'Unpacking kubelet (1.36.2-1.1) over (1.36.0-1.1) ...',
  );
  const asked = await host.exec(['dpkg-query', '-W', 'kubelet'], { signal: AbortSignal.timeout(10_000) });
  expect(String(asked.stdout)).toBe('kubelet\t1.36.2-1.1\n');
});

test('a package on hold stays as it is until it is taken off', async () => {
  const { sh } = await node();
  await sh('apt-get install -y --allow-downgrades kubelet=1.36.0-1.1');
  expect(await sh('apt-mark hold kubelet kubeadm')).toBe('kubelet set on hold.\nkubeadm set on hold.\n');
  expect(await sh('apt-mark showhold')).toBe('kubeadm\nkubelet\n');
  expect(await sh('apt-get upgrade -y')).toContain(
    'The following packages have been kept back:\n  kubelet\n0 upgraded',
  );
  expect(await sh('apt-get install -y kubelet')).toContain(
    'E: Held packages were changed and -y was used without --allow-change-held-packages.',
  );
  await sh('apt-mark unhold kubelet');
  expect(await sh('apt-get upgrade -y')).toContain('Setting up kubelet (1.36.2-1.1)');
});

test('what a list offers is what was fetched last', async () => {
  const { host, sh } = await node();
  await host.write('/etc/apt/sources.list.d/kubernetes.list', 'deb https://pkgs.k8s.io/core:/stable:/v1.35/deb/ /\n');
  expect(await sh('apt-cache madison kubelet')).toContain('N: Unable to locate package kubelet');
  expect(await sh('apt-get update')).toContain('Get:2 https://pkgs.k8s.io/core:/stable:/v1.35/deb InRelease');
  expect(versions(await sh('apt-cache madison kubelet'))).toEqual(['1.35.1-1.1', '1.35.0-1.1']);
  await host.write('/etc/apt/sources.list.d/kubernetes.list', 'deb https://pkgs.k8s.io/core:/stable:/v1.99/deb/ /\n');
  expect(await sh('apt-get update')).toContain('  403  Forbidden');
  await host.write(
    '/etc/apt/sources.list.d/more.sources',
    'Types: deb\nURIs: https://example.org/debian\nSuites: bookworm\n',
  );
  expect(await sh('apt-get update')).toContain("Temporary failure resolving 'example.org'");
});

test('a forgotten package goes with its service, and purged with its configuration, once somebody has agreed', async () => {
  const { host, sh, units } = await node({ '/etc/vsftpd.conf': 'listen=YES\n' });
  expect(await sh('apt-get purge vsftpd', 'n\n')).toMatch(/Do you want to continue\? \[Y\/n\] Abort\.\n\[status 1\]$/);
  expect(units).toEqual([]);
  expect(await sh('apt-get purge vsftpd', 'y\n')).toContain('Purging configuration files for vsftpd');
  expect(units).toEqual(['vsftpd.service goes']);
  expect((await host.readFile('/etc/vsftpd.conf', { maxBytes: 1 })).outcome).toBe('absent');
  expect(await sh('apt-get remove -y vsftpd')).toContain("Package 'vsftpd' is not installed, so not removed");
  expect(await sh('apt-get install -y vsftpd')).toContain('Setting up vsftpd');
  expect(units.at(-1)).toBe('vsftpd.service comes');
});

test.each([
  ['apt-get install -y kubelet=9.9.9', "E: Version '9.9.9' for 'kubelet' was not found\n[status 100]"],
  ['apt-get install -y nginx', 'not simulated: the package nginx'],
  ['apt-get install -y docker-ce', 'not simulated: docker-ce on a host that did not have it when the lab began'],
  ['apt-get source bash', 'not simulated: apt-get source'],
  ['apt-get --nope', 'E: Command line option --nope is not understood'],
  ['apt-mark hold nope', 'E: Unable to locate package nope\nE: No packages found\n[status 100]'],
])('%s is refused', async (line, words) => {
  const { sh, host } = await node();
  await host.write(
    '/etc/apt/sources.list.d/docker.list',
    'deb https://download.docker.com/linux/debian bookworm stable\n',
  );
  await sh('apt-get update');
  expect(await sh(line)).toContain(words);
});

test.each([
  ['garbage', 'Malformed line 2 in source list {} (type)'],
  ['dep https://example.org x main', "Type 'dep' is not known on line 2 in source list {}"],
  ['deb https://example.org', 'Malformed entry 2 in list file {} (Suite)'],
  ['deb https://example.org bookworm', 'Malformed entry 2 in list file {} (Component)'],
  ['deb https://example.org ./ main', 'Malformed entry 2 in list file {} (absolute Suite Component)'],
  ['deb example bookworm main', 'Malformed entry 2 in list file {} (URI parse)'],
  ['deb [arch=amd64 https://example.org bookworm main', 'Malformed entry 2 in list file {} ([option] not assignment)'],
])('a list of sources with %o is not read', async (line, complaint) => {
  const { sh, host } = await node();
  const file = '/etc/apt/sources.list.d/bad.list';
  await host.write(file, `# mine\n${line}\n`);
  const said = `E: ${complaint.replace('{}', file)}\nE: The list of sources could not be read.\n[status 100]`;
  expect(await sh('apt-get update')).toBe(said);
  expect(await sh('apt-get install -y kubelet')).toContain(said);
});

test('garbage where dpkg keeps its record is as if nothing were installed', async () => {
  const { sh, host } = await node();
  await host.write('/var/lib/dpkg/status', '\0\x01garbage\n\n:::\n');
  expect(await sh('apt list --installed')).toBe('Listing...\n');
});
