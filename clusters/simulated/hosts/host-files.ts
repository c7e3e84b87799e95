import { BASE_ENVIRONMENT } from '../../keeper/base-environment.ts';
import { privilegeFiles } from './privilege-files.ts';
import type { TemplateEntry } from './template-entry.ts';

/** Files of a host that are written rather than copied. */

const file = (path: string, data: string, mode = 0o644): TemplateEntry => ({ kind: 'file', path, mode, data });
const folder = (path: string, mode = 0o755): TemplateEntry => ({ kind: 'folder', path, mode, data: '' });

/** The accounts of a fresh Debian server (base-passwd) and sshd's; nobody has a password. */
const ACCOUNTS = [
  ['root', 0, '/root', '/bin/bash'],
  ['daemon', 1, '/usr/sbin', '/usr/sbin/nologin'],
  ['bin', 2, '/bin', '/usr/sbin/nologin'],
  ['sys', 3, '/dev', '/usr/sbin/nologin'],
  ['man', 6, '/var/cache/man', '/usr/sbin/nologin'],
  ['mail', 8, '/var/mail', '/usr/sbin/nologin'],
  ['www-data', 33, '/var/www', '/usr/sbin/nologin'],
  ['backup', 34, '/var/backups', '/usr/sbin/nologin'],
  ['nobody', 65534, '/nonexistent', '/usr/sbin/nologin'],
  ['sshd', 101, '/run/sshd', '/usr/sbin/nologin'],
] as const;

/** Of a fresh Debian server too. */
const GROUPS =
  'root:0 daemon:1 bin:2 sys:3 adm:4 tty:5 disk:6 man:12 mail:8 sudo:27 www-data:33 backup:34 shadow:42 utmp:43 staff:50 users:100 nogroup:65534';

/** /etc/group and its shadow; `further` groups are a package's, each as `name:number`. */
export function groupFiles(further: readonly string[] = []): TemplateEntry[] {
  const groups = [...GROUPS.split(' '), ...further];
  const lines = (line: (group: string) => string): string => groups.map((group) => `${line(group)}\n`).join('');
  return [
    file(
      '/etc/group',
      lines((group) => `${group.replace(':', ':x:')}:`),
    ),
    file(
      '/etc/gshadow',
      lines((group) => `${group.split(':')[0] ?? ''}:*::`),
      0o640,
    ),
  ];
}

/** ufw warns about every folder that is not root's; /usr is not, as the machine's root has no number in a lab. */
const UFW = `#!/usr/bin/python3
import runpy
import ufw.backend

ufw.backend.UFWBackend._do_checks = lambda backend: None
runpy.run_path('/usr/sbin/ufw', run_name='__main__')
`;

/** /etc/passwd and its kin, name resolution, time zone, the folders that programs expect. */
export function accountFiles(): TemplateEntry[] {
  const passwd = ACCOUNTS.map(([name, id, home, shell]) => {
    const gid = name === 'sshd' ? 65534 : id;
    return `${name}:x:${id}:${gid}:${name}:${home}:${shell}\n`;
  });
  return [
    file('/etc/passwd', passwd.join('')),
    file('/etc/shadow', ACCOUNTS.map(([name]) => `${name}:*:20000:0:99999:7:::\n`).join(''), 0o640),
    ...groupFiles(),
    file(
      '/etc/nsswitch.conf',
      'passwd: files\ngroup: files\nshadow: files\nhosts: files\nprotocols: files\nservices: files\n',
    ),
    file('/etc/resolv.conf', ''),
    file('/etc/timezone', 'Etc/UTC\n'),
    { kind: 'link', path: '/etc/localtime', mode: 0, data: '/usr/share/zoneinfo/Etc/UTC' },
    { kind: 'link', path: '/etc/mtab', mode: 0, data: '/proc/self/mounts' },
    file('/etc/fstab', ''),
    file('/etc/motd', ''),
    // As Debian has them, where every setting is a comment; without them these programs complain.
    file('/etc/adduser.conf', "# /etc/adduser.conf: `adduser' configuration.\n"),
    file('/etc/deluser.conf', "# /etc/deluser.conf: `deluser' configuration.\n"),
    file('/etc/groff/man.local', ''),
    file('/etc/manpath.config', 'MANDATORY_MANPATH /usr/share/man\nMANDATORY_MANPATH /usr/local/share/man\n'),
    file('/etc/sysctl.conf', '# not simulated: kernel settings; /proc/sys is read-only in a lab\n'),
    file('/usr/local/sbin/ufw', UFW, 0o755),
    ...privilegeFiles(),
    file('/etc/ufw/ufw.conf', 'ENABLED=no\nLOGLEVEL=low\n'),
    folder('/etc/ssl/certs'),
    folder('/etc/ssl/private', 0o700),
    folder('/var/lib/ufw'),
    folder('/var/log/journal'),
    folder('/root/.ssh', 0o700),
  ];
}

/** As Debian's base-files and bash have them, in short: whoever has no files of his own sees who and where he is. */
const PROFILE = `PATH=${BASE_ENVIRONMENT.PATH}
export PATH
if [ "\${EUID:-$(id -u)}" = 0 ]; then PS1='# '; else PS1='$ '; fi
[ -z "$BASH_VERSION" ] || . /etc/bash.bashrc
`;
const BASHRC_OF_ALL = String.raw`case $- in *i*) PS1='\u@\h:\w\$ ' ;; esac
`;

/** What makes the shell of a host as in the exam: prompt, completion, `k` for kubectl. */
export function shellFiles(): TemplateEntry[] {
  const bashrc = `# ~/.bashrc
case $- in *i*) ;; *) return ;; esac
HISTCONTROL=ignoreboth
HISTSIZE=1000
shopt -s histappend checkwinsize
PS1='\\u@\\h:\\w\\$ '
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'
# Completion is loaded when Tab is first pressed (that of kubectl and k from /usr/local/share/bash-completion): a prompt need not wait for it.
_load_completions() {
  unset -f _load_completions
  . /usr/share/bash-completion/bash_completion
  _completion_loader "$@"
}
[ ! -f /usr/share/bash-completion/bash_completion ] || complete -D -F _load_completions
alias k=kubectl
`;
  const profile = `export PATH=${BASE_ENVIRONMENT.PATH}\nexport EDITOR=vim\n[ -z "$BASH_VERSION" ] || . ~/.bashrc\n`;
  return [
    file('/etc/profile', PROFILE),
    file('/etc/bash.bashrc', BASHRC_OF_ALL),
    file('/root/.bashrc', bashrc),
    file('/root/.profile', profile),
    file('/etc/skel/.bashrc', bashrc),
    file(
      '/root/.vimrc',
      'syntax on\nset expandtab tabstop=2 shiftwidth=2 autoindent\nset background=dark nomodeline\n',
    ),
  ];
}
