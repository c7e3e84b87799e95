import type { TemplateEntry } from './template-entry.ts';

/** Commands that users other than root call under these names: nothing is set-user-id in a host, so the lab does what such a program would. */
export const SUDO_OF_USERS = 'breachlab-sudo';
export const SU_OF_USERS = 'breachlab-su';

/** For root, who needs nobody's leave; in a lab with one user (docs/fidelity.md) that is everybody. */
const SUDO = `#!/bin/bash
[ "$EUID" = 0 ] || exec ${SUDO_OF_USERS} "$@"
login= shell= user=root
while [ $# -gt 0 ]; do
  case $1 in
    -i|--login) login=1 ;;
    -s|--shell) shell=1 ;;
    -n|-E|-H|-S|-k|-K|--non-interactive|--preserve-env|--set-home|--stdin) ;;
    -u|--user) user=$2; shift ;;
    -v|--validate) exit 0 ;;
    -l|--list) [ $# -eq 1 ] || { echo "not simulated: sudo -l $2; run sudo -l as that user" >&2; exit 1; }
      echo "User root may run the following commands on $(hostname):"; echo "    (ALL : ALL) ALL"; exit 0 ;;
    --) shift; break ;;
    -*) echo "not simulated: sudo $1" >&2; exit 1 ;;
    *=*) export "$1" ;;
    *) break ;;
  esac
  shift
done
as=()
export SUDO_USER=\${LOGNAME:-root} USER=$user LOGNAME=$user
if [ "$user" = root ]; then
  export HOME=/root SHELL=/bin/bash
else
  IFS=: read -r _ _ _ _ _ HOME SHELL < <(getent passwd "$user") || { echo "sudo: unknown user $user" >&2; exit 1; }
  [ "$(wc -l < /proc/self/uid_map)" -gt 1 ] || { echo "not simulated: sudo -u $user: every account of this lab acts as root" >&2; exit 1; }
  as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups --)
fi
[ -z "$login" ] || cd "$HOME"
if [ $# -eq 0 ]; then
  [ -n "$login" ] && exec "\${as[@]}" "$SHELL" -l
  [ -n "$shell" ] && exec "\${as[@]}" "$SHELL"
  echo "usage: sudo [-i | -s] [-u user] [VAR=value] [command [argument ...]]" >&2
  exit 1
fi
if [ -n "$login$shell" ]; then exec "\${as[@]}" "$SHELL" \${login:+-l} -c "\${*@Q}"; fi
exec "\${as[@]}" "$@"
`;

const SU = `#!/bin/bash
[ "$EUID" = 0 ] || exec ${SU_OF_USERS} "$@"
exec /usr/bin/su "$@"
`;

/** As Debian's sudo 1.9.13 installs it, without its comments, and the group's right to need no password, as on cloud images. */
const SUDOERS = `Defaults	env_reset
Defaults	mail_badpass
Defaults	secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Defaults	use_pty

root	ALL=(ALL:ALL) ALL
%sudo	ALL=(ALL:ALL) ALL

@includedir /etc/sudoers.d
`;

/** Debian's pam.d of passwd, util-linux and libpam-runtime, as far as root goes: nothing is set-user-id. */
const PAM: Readonly<Record<string, string>> = {
  su: 'auth sufficient pam_rootok.so\nsession optional pam_mail.so nopen\n@include common-auth\n@include common-account\n@include common-session\n',
  'su-l':
    'auth include su\naccount include su\npassword include su\nsession optional pam_keyinit.so force revoke\nsession include su\n',
  'common-auth':
    'auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n',
  'common-account':
    'account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n',
  'common-password':
    'password [success=1 default=ignore] pam_unix.so obscure yescrypt\npassword requisite pam_deny.so\npassword required pam_permit.so\n',
  passwd: '@include common-password\n',
  chfn: 'auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n@include common-session\n',
  chsh: 'auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n@include common-session\n',
  'common-session':
    'session [default=1] pam_permit.so\nsession requisite pam_deny.so\nsession required pam_permit.so\nsession required pam_unix.so\n',
  other: '@include common-auth\n@include common-account\n@include common-password\n@include common-session\n',
};

/** How users become others: sudo with its rules, su with what it asks. */
export function privilegeFiles(): TemplateEntry[] {
  const file = (path: string, data: string, mode: number): TemplateEntry => ({ kind: 'file', path, mode, data });
  return [
    file('/usr/local/bin/sudo', SUDO, 0o755),
    file('/usr/local/bin/su', SU, 0o755),
    file('/etc/sudoers', SUDOERS, 0o440),
    file('/etc/sudoers.d/lab', '%sudo ALL=(ALL:ALL) NOPASSWD: ALL\n', 0o440),
    ...Object.entries(PAM).map(([name, text]) => file(`/etc/pam.d/${name}`, text, 0o644)),
  ];
}
