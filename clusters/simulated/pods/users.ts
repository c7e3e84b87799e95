import type { Image } from '../images/image.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';

/** Accounts of the busybox image, and of the images that bring one of their own. */
const ACCOUNTS: readonly (readonly [
  name: string,
  uid: number,
  gid: number,
  home: string,
  shell: string,
  image?: string,
])[] = [
  ['root', 0, 0, '/root', '/bin/sh'],
  ['daemon', 1, 1, '/usr/sbin', '/bin/false'],
  ['bin', 2, 2, '/bin', '/bin/false'],
  ['sys', 3, 3, '/dev', '/bin/false'],
  ['sync', 4, 100, '/bin', '/bin/sync'],
  ['mail', 8, 8, '/var/spool/mail', '/bin/false'],
  ['www-data', 33, 33, '/var/www', '/bin/false'],
  ['operator', 37, 37, '/var', '/bin/false'],
  ['nobody', 65534, 65534, '/home', '/bin/false'],
  ['nginx', 101, 101, '/nonexistent', '/bin/false', 'nginx'],
  ['postgres', 999, 999, '/var/lib/postgresql', '/bin/sh', 'postgres'],
  ['redis', 999, 999, '/home/redis', '/bin/sh', 'redis'],
  ['curl_user', 100, 101, '/home/curl_user', '/sbin/nologin', 'curlimages/curl'],
  ['node', 1000, 1000, '/home/node', '/bin/bash', 'node'],
];

/** Groups of which root is a member besides its own, by image (their /etc/group). */
const ROOTS_GROUPS: Readonly<Record<string, readonly (readonly [name: string, gid: number])[]>> = {
  busybox: [['wheel', 10]],
  alpine: [
    ['bin', 1],
    ['daemon', 2],
    ['sys', 3],
    ['adm', 4],
    ['disk', 6],
    ['wheel', 10],
    ['floppy', 11],
    ['dialout', 20],
    ['tape', 26],
    ['video', 27],
  ],
};

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** With the first one. */
  readonly groups: readonly number[];
  readonly home: string;
}

const accountsOf = (image: Image): typeof ACCOUNTS =>
  ACCOUNTS.filter(([, , , , , of]) => of === undefined || of === image.repository);

/**
 * Whom a container runs as: its own or its pod's securityContext, else the image's user. Its groups are those that /etc/group gives its
 * account, the pod's supplementalGroups and its fsGroup (pkg/kubelet/kuberuntime/security_context.go).
 */
export function userOf(pod: Pod, { securityContext }: Pick<Container, 'securityContext'>, image: Image): ContainerUser {
  const ofPod = pod.spec.securityContext ?? {};
  const accounts = accountsOf(image);
  const [user = '', group] = image.user.split(':');
  const named = accounts.find(([name, uid]) => name === user || String(uid) === user);
  const uid = securityContext?.runAsUser ?? ofPod.runAsUser ?? (user === '' ? 0 : (named?.[1] ?? (Number(user) || 0)));
  const account = accounts.find(([, number]) => number === uid);
  const gid =
    securityContext?.runAsGroup ?? ofPod.runAsGroup ?? (group === undefined ? (account?.[2] ?? 0) : Number(group) || 0);
  const ofImage =
    uid === 0 && ofPod.supplementalGroupsPolicy !== 'Strict' ? (ROOTS_GROUPS[image.repository] ?? []) : [];
  const groups = [
    gid,
    ...ofImage.map(([, number]) => number),
    ...(ofPod.supplementalGroups ?? []),
    ...(ofPod.fsGroup === undefined ? [] : [ofPod.fsGroup]),
  ];
  return { uid, gid, groups: [...new Set(groups)], home: account?.[3] ?? '/' };
}

/** Names that an image's /etc/passwd and /etc/group have for numbers, with the user's home and shell. */
export function accountNames(
  image: Image,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): { readonly user?: string; readonly home?: string; readonly shell?: string; readonly group?: string } {
  const accounts = accountsOf(image);
  const account = accounts.find(([, number]) => number === uid);
  const group = accounts.find(([, , number]) => number === gid);
  return {
    ...(account === undefined ? {} : { user: account[0], home: account[3], shell: account[4] }),
    ...(group === undefined ? {} : { group: group[0] }),
  };
}

/**
 * An image's /etc/shadow, in which nobody has a password. `release`: its /etc/os-release, by which Alpine's and Debian's tell ages in their own
 * ways (alpine-baselayout, base-passwd); without one none are told.
 */
export function shadowFile(image: Image, release: string | undefined): string {
  const ages = release === undefined ? ':::::::' : /^ID=alpine$/m.test(release) ? '::0:::::' : ':20000:0:99999:7:::';
  return accountsOf(image)
    .map(([name]) => `${name}:*${ages}\n`)
    .join('');
}

/** An image's /etc/passwd and /etc/group. */
export function accountFiles(image: Image): { passwd: string; group: string } {
  const accounts = accountsOf(image);
  const ofRoot = ROOTS_GROUPS[image.repository] ?? [];
  const groups = new Map<number, string>();
  for (const [name, gid] of ofRoot) groups.set(gid, `${name}:x:${gid}:root`);
  for (const [name, , gid] of accounts) if (!groups.has(gid)) groups.set(gid, `${name}:x:${gid}:`);
  groups.set(100, 'users:x:100:');
  groups.set(5, 'tty:x:5:');
  const line = ([name, uid, gid, home, shell]: (typeof accounts)[number]): string =>
    `${name}:x:${uid}:${gid}:${name}:${home}:${shell}\n`;
  return { passwd: accounts.map(line).join(''), group: `${[...groups.values()].join('\n')}\n` };
}
