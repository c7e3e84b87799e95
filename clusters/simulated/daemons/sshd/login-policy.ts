import ipaddr from 'ipaddr.js';
import type { Directive, MatchBlock } from './config-file.ts';

/** What sshd knows of a connection once the client has named a user. */
export interface Connection {
  readonly user: string;
  readonly groups: readonly string[];
  readonly address: string;
  readonly localAddress: string;
  readonly localPort: number;
}

/** sshd's defaults as `sshd -T` spells them (sshd_config(5)). */
export const DEFAULTS: Readonly<Record<string, string>> = {
  port: '22',
  addressfamily: 'any',
  usepam: 'no',
  logingracetime: '120',
  maxauthtries: '6',
  maxsessions: '10',
  permitrootlogin: 'without-password',
  pubkeyauthentication: 'yes',
  passwordauthentication: 'yes',
  kbdinteractiveauthentication: 'yes',
  x11forwarding: 'no',
  permittty: 'yes',
  strictmodes: 'yes',
  permitemptypasswords: 'no',
  allowtcpforwarding: 'yes',
  disableforwarding: 'no',
  banner: 'none',
  forcecommand: 'none',
  authorizedkeysfile: '.ssh/authorized_keys .ssh/authorized_keys2',
};

/**
 * The values of a keyword for a connection, one list of arguments a line. A Match block that holds overrides the global section,
 * and among equals the first line wins, except for lists (`every`). Without a connection only the global section counts.
 */
export function values(
  directives: readonly Directive[],
  keyword: string,
  connection?: Connection,
): (readonly string[])[] {
  const named = directives.filter((directive) => directive.keyword === keyword);
  const matched = named.filter(
    ({ within }) => within.length > 0 && connection !== undefined && within.every((block) => holds(block, connection)),
  );
  const chosen = matched.length > 0 ? matched : named.filter(({ within }) => within.length === 0);
  return chosen.map(({ args }) => args);
}

/** The first value, else sshd's default. Yes and no and other choices in lower case. */
export function value(directives: readonly Directive[], keyword: string, connection?: Connection): string {
  return values(directives, keyword, connection)[0]?.join(' ') ?? DEFAULTS[keyword] ?? '';
}

export function isYes(directives: readonly Directive[], keyword: string, connection?: Connection): boolean {
  return value(directives, keyword, connection).toLowerCase() === 'yes';
}

/** Authentication methods that sshd offers this connection. */
export function offeredMethods(
  directives: readonly Directive[],
  connection: Connection,
): ('publickey' | 'password' | 'keyboard-interactive')[] {
  return [
    ...(isYes(directives, 'pubkeyauthentication', connection) ? (['publickey'] as const) : []),
    ...(isYes(directives, 'passwordauthentication', connection) ? (['password'] as const) : []),
    ...(isYes(directives, 'kbdinteractiveauthentication', connection) ? (['keyboard-interactive'] as const) : []),
  ];
}

/** Why the user may not log in whatever it proves, in the words of sshd's log (auth.c, allowed_user); undefined when it may. */
export function refusalOf(directives: readonly Directive[], connection: Connection): string | undefined {
  const { user, groups, address } = connection;
  const who = `User ${user} from ${address} not allowed because`;
  const list = (keyword: string) => values(directives, keyword, connection).flat();
  const userListed = (keyword: string) => list(keyword).some((pattern) => matchesUser(pattern, user, address));
  const groupListed = (keyword: string) =>
    groups.some((group) => list(keyword).some((pattern) => matchesGlob(pattern, group)));
  if (userListed('denyusers')) return `${who} listed in DenyUsers`;
  if (list('allowusers').length > 0 && !userListed('allowusers')) return `${who} not listed in AllowUsers`;
  if (groupListed('denygroups')) return `${who} a group is listed in DenyGroups`;
  if (list('allowgroups').length > 0 && !groupListed('allowgroups'))
    return `${who} none of user's groups are listed in AllowGroups`;
  return undefined;
}

/** `user`, `user@address`; the address part takes wildcards and CIDR blocks. */
function matchesUser(pattern: string, user: string, address: string): boolean {
  const at = pattern.lastIndexOf('@');
  if (at < 0) return matchesGlob(pattern, user);
  return matchesGlob(pattern.slice(0, at), user) && matchesAddress(pattern.slice(at + 1), address);
}

function holds(block: MatchBlock, connection: Connection): boolean {
  return block.every(({ attribute, pattern }) => {
    switch (attribute) {
      case 'user':
        return matchesList(pattern, (one) => matchesGlob(one, connection.user));
      case 'group':
        return matchesList(pattern, (one) => connection.groups.some((group) => matchesGlob(one, group)));
      // Without UseDNS, which is the default, the host's name is its address.
      case 'host':
      case 'address':
        return matchesList(pattern, (one) => matchesAddress(one, connection.address));
      case 'localaddress':
        return matchesList(pattern, (one) => matchesAddress(one, connection.localAddress));
      case 'localport':
        return Number(pattern) === connection.localPort;
      default:
        return attribute === 'all';
    }
  });
}

/** A pattern-list of ssh_config(5): any may match, and a negated one that matches forbids. */
export function matchesList(patterns: string, matches: (pattern: string) => boolean): boolean {
  const list = patterns.split(',');
  if (list.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return list.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

export function matchesAddress(pattern: string, address: string): boolean {
  if (!pattern.includes('/')) return matchesGlob(pattern, address);
  if (!ipaddr.isValidCIDR(pattern) || !ipaddr.isValid(address)) return false;
  const [network, bits] = ipaddr.parseCIDR(pattern);
  const ip = ipaddr.process(address);
  return ip.kind() === network.kind() && ip.match(network, bits);
}

/** `*` and `?` as in ssh_config(5). Walks instead of building a regular expression: a learner's pattern must not run for ever. */
export function matchesGlob(pattern: string, text: string): boolean {
  let [p, t, star, resume] = [0, 0, -1, 0];
  while (t < text.length) {
    const letter = pattern[p];
    if (letter === '*') [star, resume, p] = [p, t, p + 1];
    else if (letter === '?' || letter === text[t]) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, resume, t] = [star + 1, resume + 1, resume + 1];
    else return false;
  }
  return pattern.slice(p).replaceAll('*', '') === '';
}
