import type { WrittenRule } from './rule.ts';

/** Sockets that a profile refuses, by numbers of include/linux/socket.h and include/linux/net.h. */
export interface RefusedSockets {
  readonly family: number;
  readonly types: readonly number[];
}

/** Families of sockets by which programs reach others, or see what others send. */
const FAMILIES: Readonly<Record<string, number>> = { unix: 1, inet: 2, inet6: 10, netlink: 16, packet: 17 };
/** Those that are refused when no rule allows them; what the others are for, a program's own set-up needs. */
const MEDIATED = ['inet', 'inet6', 'packet'];
const TYPES: Readonly<Record<string, number>> = { stream: 1, dgram: 2, raw: 3, rdm: 4, seqpacket: 5, packet: 10 };
const PROTOCOLS: Readonly<Record<string, string>> = { tcp: 'stream', udp: 'dgram', icmp: 'raw' };

/** What a profile's rules about the network refuse, or do not allow (apparmor.d(5), "Network Rules"). */
export function refusedSockets(rules: readonly WrittenRule[]): readonly RefusedSockets[] {
  const about = rules.flatMap((rule) => (rule.about === 'network' ? [rule] : []));
  return Object.entries(FAMILIES).flatMap(([family, number]) => {
    const names = Object.keys(TYPES);
    const named = (denied: boolean, type: string): boolean =>
      about.some((rule) => rule.denied === denied && covers(rule.words, family, type));
    const refused = names.filter((type) => named(true, type) || (MEDIATED.includes(family) && !named(false, type)));
    return refused.length === 0 ? [] : [{ family: number, types: refused.map((type) => TYPES[type] ?? 0) }];
  });
}

/** Whether a rule's words are about sockets of that family and type: each word that is missing stands for all. */
function covers(words: readonly string[], family: string, type: string): boolean {
  const [first = ''] = words;
  const isFamily = first in FAMILIES || !(first in TYPES || first in PROTOCOLS || first === '');
  const kinds = words.slice(isFamily ? 1 : 0).map((word) => PROTOCOLS[word] ?? word);
  return (!isFamily || first === family) && kinds.every((kind) => kind === type || !(kind in TYPES));
}
