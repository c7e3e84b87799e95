import { posix } from 'node:path';
import type { HostName } from '../../../protocol/host.ts';
import type { SeedFile } from '../../cluster.ts';
import { ACCOUNT_FILES, type AccountFile, type AccountFiles, mergeAccounts, people } from './accounts.ts';
import { withHostNames } from './host-names.ts';
import { must, type PrepareStep, readText } from './step.ts';

/** Where a host's own account files are kept, so that laying a scenario over them again begins with the same. */
const ORIGINALS = '/usr/local/lib/breachlab/original';

const MODES: Readonly<Record<AccountFile, number>> = { passwd: 0o644, group: 0o644, shadow: 0o640, gshadow: 0o640 };

/** /etc/hosts knows every machine of the lab. To be run again when a container was started again. */
export const namesStep = (addresses: ReadonlyMap<HostName, string>): PrepareStep => ({
  doing: 'naming the machines of the lab',
  async run(host, signal) {
    const text = withHostNames(await readText(host, '/etc/hosts'), addresses);
    // Docker mounts the file: it can be written, not replaced.
    await must(host, ['sh', '-c', 'cat >/etc/hosts'], { stdin: text, signal });
  },
});

/** The scenario's accounts are merged into the host's, and people get homes. */
export const accountsStep = (files: readonly SeedFile[]): PrepareStep => ({
  doing: 'merging the accounts',
  async run(host, signal) {
    const scenario = Object.fromEntries(
      files.flatMap(({ path, content }) => {
        const file = accountFile(path);
        return file === undefined ? [] : [[file, Buffer.from(content).toString('utf8')]];
      }),
    ) as Partial<AccountFiles>;
    if (Object.keys(scenario).length === 0) return;
    await must(host, ['sh', '-c', KEEP_ORIGINALS, 'keep', ORIGINALS, ...ACCOUNT_FILES], { signal });
    const originals = await Promise.all(
      ACCOUNT_FILES.map(async (file) => [file, await readText(host, `${ORIGINALS}/${file}`)]),
    );
    const merged = mergeAccounts(Object.fromEntries(originals) as AccountFiles, scenario);
    for (const file of ACCOUNT_FILES) {
      await host.writeFile(`/etc/${file}`, Buffer.from(merged[file]), { mode: MODES[file] });
    }
    if (/^shadow:/m.test(merged.group))
      await must(host, ['chgrp', 'shadow', '/etc/shadow', '/etc/gshadow'], { signal });
    for (const { home } of people(merged.passwd)) await must(host, ['mkdir', '-p', home], { signal });
  },
});

const KEEP_ORIGINALS = `
folder=$1
shift
mkdir -p "$folder"
for file; do
  [ -e "$folder/$file" ] || [ ! -e "/etc/$file" ] || cp -p "/etc/$file" "$folder/" || exit 1
done`;

/** The scenario's files, and then every home is its owner's: sshd reads keys as the user who logs in. */
export const filesStep = (files: readonly SeedFile[]): PrepareStep => ({
  doing: "laying down the scenario's files",
  async run(host, signal) {
    const laid = files.filter(({ path }) => accountFile(path) === undefined);
    for (const { path, content, mode } of laid) await host.writeFile(path, content, { mode });
    const keyFolders = [...new Set(laid.map(({ path }) => posix.dirname(path)))].filter((path) =>
      path.endsWith('/.ssh'),
    );
    if (keyFolders.length > 0) await must(host, ['chmod', '700', ...keyFolders], { signal });
    for (const { name, home, gid } of people(await readText(host, '/etc/passwd'))) {
      await must(host, ['cp', '--no-clobber', '/etc/skel/.bashrc', home], { signal }).catch(() => undefined);
      await must(host, ['chown', '-R', `${name}:${gid}`, home], { signal });
    }
  },
});

export const kubeconfigStep = (kubeconfig: string): PrepareStep => ({
  doing: "giving root the administrator's kubeconfig",
  run: (host) => host.writeFile('/root/.kube/config', Buffer.from(kubeconfig), { mode: 0o600 }),
});

/** Starts a unit of systemd anew, so that it has read the scenario's files. Says what the unit said when it does not come up. */
export const unitStep = (unit: string, doing: string): PrepareStep => ({
  doing,
  async run(host, signal) {
    await must(host, ['sh', '-c', RESTART_UNIT, 'restart', unit], { signal });
  },
});

const RESTART_UNIT = `
systemctl daemon-reload
systemctl reset-failed "$1" 2>/dev/null
systemctl enable --quiet "$1" && systemctl restart "$1" && exit 0
systemctl status --no-pager --lines=10 "$1"
exit 1`;

/** The same for sshd on a host without systemd. */
export const sshStep: PrepareStep = {
  doing: 'starting SSH',
  async run(host, signal) {
    await must(host, ['sh', '-c', RESTART_SSHD], { signal });
  },
};

const RESTART_SSHD = `
mkdir -p /run/sshd && ssh-keygen -A >/dev/null && /usr/sbin/sshd -t || exit 1
if [ -s /run/sshd.pid ] && kill -HUP "$(cat /run/sshd.pid)" 2>/dev/null; then exit 0; fi
exec /usr/sbin/sshd`;

const accountFile = (path: string): AccountFile | undefined => ACCOUNT_FILES.find((file) => path === `/etc/${file}`);
