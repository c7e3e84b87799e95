import { timingSafeEqual } from 'node:crypto';
import type { HostUser } from '../hosts/host-user.ts';
import type { SimulatedHost } from '../hosts/simulated-host.ts';
import { readHostText } from './host-text.ts';

/** An account of a host as /etc/passwd and /etc/group have it. Where a lab has but one user, its programs run as root all the same. */
export interface Account {
  readonly name: string;
  readonly user: HostUser;
  readonly home: string;
  readonly shell: string;
  /** Names. */
  readonly groups: readonly string[];
}

/** By name, or by number. */
export async function findAccount(host: SimulatedHost, who: string | number): Promise<Account | undefined> {
  const row = rows(await readHostText(host, '/etc/passwd')).find(([user, , uid]) =>
    typeof who === 'string' ? user === who : uid === String(who),
  );
  const [name = '', , uid, gid, , home = '', shell = ''] = row ?? [];
  if (row === undefined || !isNumber(uid) || !isNumber(gid)) return undefined;
  const groups = rows(await readHostText(host, '/etc/group')).filter(
    ([group = '', , id, members = '']) =>
      group !== '' && isNumber(id) && (id === gid || members.split(',').includes(name)),
  );
  return {
    name,
    user: {
      uid: Number(uid),
      gid: Number(gid),
      groups: [...new Set([Number(gid), ...groups.map(([, , id]) => Number(id))])],
    },
    home: home || '/',
    shell: shell || '/bin/sh',
    groups: groups.map(([group = '']) => group),
  };
}

/** The number of a group; undefined where the host has none of that name. */
export async function findGroup(host: SimulatedHost, name: string): Promise<number | undefined> {
  const [, , id] = rows(await readHostText(host, '/etc/group')).find(([group]) => group === name) ?? [];
  return isNumber(id) ? Number(id) : undefined;
}

/** Of those that a lab has. */
const isNumber = (text: string | undefined): text is string =>
  text !== undefined && /^\d{1,5}$/.test(text) && Number(text) < 65_536;

/**
 * Whether that is the account's password. The host's own crypt(3) hashes it, through perl, so that every scheme counts which
 * `passwd` and `chpasswd` may have used there. `empty` is whether an empty password field lets anyone in.
 */
export async function checkPassword(
  host: SimulatedHost,
  name: string,
  password: string,
  empty: boolean,
): Promise<boolean> {
  if (password.length > 1024 || /[\n\0]/.test(password)) return false;
  const stored = rows(await readHostText(host, '/etc/shadow')).find(([user]) => user === name)?.[1];
  if (stored === undefined) return false;
  if (stored === '') return empty && password === '';
  if (!stored.startsWith('$')) return false; // locked, or a scheme of the last century
  const script = 'chomp(my $p = <STDIN>); chomp(my $s = <STDIN>); print crypt($p, $s)';
  // A hash with billions of rounds is the learner's own doing; it fails after 10 s.
  const hashed = await host.exec(['perl', '-e', script], {
    stdin: `${password}\n${stored}\n`,
    signal: AbortSignal.timeout(10_000),
  });
  const expected = Buffer.from(stored);
  return hashed.stdout.length === expected.length && timingSafeEqual(hashed.stdout, expected);
}

function rows(text: string | undefined): string[][] {
  return (text ?? '').split('\n').map((line) => line.split(':'));
}
