import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { shown, SHOWN } from './loaded-profiles.ts';
import { PROFILES } from './profile-files.ts';

const file = (path: string, data: string): TemplateEntry => ({
  kind: 'file',
  path: `${PROFILES}/${path}`,
  mode: 0o644,
  data,
});

/**
 * What the kernel shows of AppArmor, what profiles of a node include, as short as it can be, and one to load: the names that AppArmor's own tunables and abstractions
 * have, not their contents.
 */
export const PROFILE_SAMPLES: readonly TemplateEntry[] = [
  { kind: 'file', path: '/sys/module/apparmor/parameters/enabled', mode: 0o444, data: 'Y\n' },
  { kind: 'file', path: SHOWN, mode: 0o444, data: shown([]) },
  file('abi/3.0', '# the features of AppArmor 3.0\n'),
  file(
    'tunables/global',
    '@{PROC}=/proc/\n@{HOMEDIRS}=/home/\n@{HOME}=@{HOMEDIRS}/*/ /root/\n@{run}=/run/ /var/run/\n@{sys}=/sys/\n@{multiarch}=*-linux-gnu*\n',
  ),
  file(
    'abstractions/base',
    '  /etc/ld.so.cache mr,\n  /{usr/,}lib/** mr,\n  /dev/null rw,\n  @{PROC}/sys/kernel/version r,\n',
  ),
  file(
    'abstractions/nameservice',
    '  /etc/group r,\n  /etc/hosts r,\n  /etc/nsswitch.conf r,\n  /etc/passwd r,\n  /etc/resolv.conf r,\n',
  ),
  file(
    'deny-write',
    `#include <tunables/global>

profile k8s-deny-write flags=(attach_disconnected) {
  #include <abstractions/base>

  file,

  # Whoever runs under this profile writes nowhere.
  deny /** w,
}
`,
  ),
];
