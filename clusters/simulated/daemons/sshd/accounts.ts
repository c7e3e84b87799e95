import { timingSafeEqual } from 'node:crypto';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';

/**
 * An account of a host as /etc/passwd has it. A lab's namespace has a single user id, so whoever logs in acts as root there, with
 * its own name, home and shell.
 */
export interface Account {
  readonly name: string;
  readonly home: string;
  readonly shell: string;
  readonly groups: readonly string[];
}

export async function findAccount(host: SimulatedHost, name: string): Promise<Account | undefined> {
  const row = rows(await readHostText(host, '/etc/passwd')).find(([user]) => user === name);
  if (row === undefined) return undefined;
  const groups = rows(await readHostText(host, '/etc/group'))
    .filter(([, , id, members = '']) => id === row[3] || members.split(',').includes(name))
    .map(([group = '']) => group);
  return { name, home: row[5] || '/', shell: row[6] || '/bin/sh', groups };
}

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
