import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { TemplateEntry } from './template-entry.ts';
import { accountFiles, shellFiles } from './host-files.ts';
import { commandClientSource } from './supervisor-source.ts';

/** What every host starts from. Made once a server and shared by all its labs. */
export interface HostTemplate {
  readonly entries: readonly TemplateEntry[];
  /** Programs by name, with their path on this machine; they appear in /usr/local/bin. */
  readonly programs: ReadonlyMap<string, string>;
}

/** Of labs without hosts. */
export const NO_TEMPLATE: HostTemplate = { entries: [], programs: new Map() };

/**
 * What the programs in /usr need of this machine's /etc. A list of what is let in, because /etc is where a machine's secrets are:
 * no accounts, keys, certificates, firewall rules, host names or schedules of this machine.
 */
const FROM_ETC = [
  'alternatives',
  'bindresvport.blacklist',
  'debian_version',
  'ethertypes',
  'gai.conf',
  'host.conf',
  'inputrc',
  'iproute2',
  'ld.so.cache',
  'login.defs',
  'magic',
  'mime.types',
  'nftables.conf',
  'os-release',
  'protocols',
  'rpc',
  'services',
  'shells',
  'terminfo',
  'ufw/applications.d',
  'ufw/sysctl.conf',
  'vim',
  'default/ufw',
  'ssl/openssl.cnf',
  'xattr.conf',
] as const;

/** As the package ships them; those in this machine's /etc/ufw are its own firewall. */
const UFW_RULES = ['before', 'before6', 'after', 'after6', 'user', 'user6'] as const;

/**
 * Reads the template from this machine. `programs` maps names to absolute paths; kubectl and helm are asked for their completion.
 * What this machine does not have, or what an ordinary user may not read, is left out: `hostsDoctor` tells.
 */
export async function readHostTemplate(programs: ReadonlyMap<string, string>): Promise<HostTemplate> {
  const [etc, ufw, completions] = await Promise.all([
    Promise.all(FROM_ETC.map((path) => readTree(join('/etc', path)))),
    Promise.all(
      UFW_RULES.map((rules) => readOne(`/usr/share/ufw/iptables/${rules}.rules`, `/etc/ufw/${rules}.rules`, 0o640)),
    ),
    Promise.all([...programs].map(([name, path]) => completionOf(name, path))),
  ]);
  const entries: TemplateEntry[] = [
    ...etc.flat(),
    ...ufw.flat(),
    ...accountFiles(),
    ...shellFiles(),
    ...completions.flat(),
  ];
  entries.push({ kind: 'file', path: '/usr/local/lib/breachlab/command', mode: 0o755, data: commandClientSource() });
  return { entries, programs };
}

async function readTree(path: string): Promise<TemplateEntry[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (found.isFile()) return readOne(path, path, found.mode & 0o777);
  const inside = await readdir(path, { withFileTypes: true });
  const nested = await Promise.all(
    inside.map(async (entry): Promise<TemplateEntry[]> => {
      const child = join(path, entry.name);
      if (entry.isSymbolicLink()) {
        // Manual pages are half of the alternatives.
        return child.endsWith('.gz') ? [] : [{ kind: 'link', path: child, mode: 0, data: await readlink(child) }];
      }
      return readTree(child);
    }),
  );
  return [{ kind: 'folder', path, mode: 0o755, data: '' }, ...nested.flat()];
}

async function readOne(from: string, to: string, mode: number): Promise<TemplateEntry[]> {
  const data = await readFile(from).catch(() => undefined);
  return data === undefined ? [] : [{ kind: 'file', path: to, mode, data }];
}

/** bash-completion loads these files when the program is first completed, so that they cost a prompt nothing. */
async function completionOf(name: string, path: string): Promise<TemplateEntry[]> {
  if (name !== 'kubectl' && name !== 'helm') return [];
  const script = await promisify(execFile)(path, ['completion', 'bash'], {
    env: { HOME: '/nonexistent' },
    timeout: 10_000,
  }).catch(() => undefined);
  if (script === undefined) return [];
  const folder = '/usr/local/share/bash-completion/completions';
  const entries: TemplateEntry[] = [
    { kind: 'file', path: join(folder, basename(name)), mode: 0o644, data: script.stdout },
  ];
  if (name === 'kubectl') {
    const data = `. ${folder}/kubectl\ncomplete -o default -F __start_kubectl k\n`;
    entries.push({ kind: 'file', path: join(folder, 'k'), mode: 0o644, data });
  }
  return entries;
}
