import { type ClusterObjects, answerOf } from '../cluster-names.ts';
import { type Answer, CODE, type DnsRecord, type Question, TYPE } from '../message.ts';
import type { Rewrite, ServerConfig, Zones } from './server-config.ts';

/** What a server does not answer itself. */
export type Reply = Answer | { readonly ask: readonly string[] };

const NOT_FOUND: Answer = { code: CODE.noSuchName, records: [] };
const FAILED: Answer = { code: CODE.failure, records: [] };
const OWN = 'cluster.local';

/** Whether a name is that of the zone or below it; every name is below the root. */
export const isWithin = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`);

const isWithinAny = (name: string, zones: Zones): boolean => zones.some((zone) => isWithin(name, zone));

/** The server whose zone is the longest for a name, as CoreDNS picks it. */
export function serverFor(name: string, servers: readonly ServerConfig[]): ServerConfig | undefined {
  const fitting = servers.flatMap((server) =>
    server.zones.filter((zone) => isWithin(name, zone)).map((zone) => ({ server, length: zone.length })),
  );
  return fitting.toSorted((a, b) => b.length - a.length)[0]?.server;
}

/** A question through the plugins of a server, in the order that they have whatever the Corefile's: rewrite, hosts, kubernetes, forward. */
export function answerQuestion(question: Question, server: ServerConfig, objects: ClusterObjects): Reply {
  const name = rewritten(question.name, server.rewrites);
  const { type } = question;
  const { hosts, kubernetes } = server;
  if (hosts !== undefined && isWithinAny(name, hosts.zones)) {
    const found = inHosts(name, type, hosts.entries);
    if (found !== undefined) return found;
    // A name that it has no line for goes on, or is not there.
    if (!isWithinAny(name, hosts.passes) && hosts.entries.length > 0) return NOT_FOUND;
  }
  const zone = kubernetes?.zones.find((one) => isWithin(name, one));
  if (kubernetes !== undefined && zone !== undefined) {
    const found = inCluster(name, type, zone, kubernetes.hasPods, objects);
    if (found.code !== CODE.noSuchName || !isWithinAny(name, kubernetes.passes)) return found;
  }
  const forward = server.forwards.find((one) => isWithin(name, one.zone));
  if (forward === undefined) return zone === undefined ? FAILED : NOT_FOUND;
  return name === question.name ? { ask: forward.to } : FAILED;
}

function rewritten(name: string, rewrites: readonly Rewrite[]): string {
  for (const { kind, from, to } of rewrites) {
    if (kind === 'exact' && name === from) return to;
    if (kind === 'prefix' && name.startsWith(from)) return `${to}${name.slice(from.length)}`;
    if (kind === 'suffix' && name.endsWith(from)) return `${name.slice(0, -from.length)}${to}`;
    if (kind === 'substring' && name.includes(from)) return name.replaceAll(from, () => to);
  }
  return name;
}

function inHosts(name: string, type: number, entries: readonly (readonly [string, string])[]): Answer | undefined {
  if (type === TYPE.PTR) {
    const address = name
      .replace(/\.in-addr\.arpa$/, '')
      .split('.')
      .reverse()
      .join('.');
    const targets = entries.filter(([one]) => one === address);
    if (targets.length === 0) return undefined;
    return { code: CODE.ok, records: targets.map(([, target]) => ({ type: 'PTR', target })) };
  }
  const addresses = entries.filter(([, one]) => one === name).map(([address]) => address);
  if (addresses.length === 0) return undefined;
  const records = type === TYPE.A || type === TYPE.ANY ? addresses : [];
  return { code: CODE.ok, records: records.map((address) => ({ type: 'A', address })) };
}

/** A cluster has the same names in each zone that it is said to be. */
function inCluster(name: string, type: number, zone: string, hasPods: boolean, objects: ClusterObjects): Answer {
  if (/(?:^|\.)(?:in-addr|ip6)\.arpa$/.test(zone)) return answerOf({ name, type: TYPE.PTR }, objects);
  const asked = zone === '' ? `${name}.${OWN}` : `${name.slice(0, -zone.length)}${OWN}`;
  if (!hasPods && asked.endsWith(`.pod.${OWN}`)) return NOT_FOUND;
  const { code, records, additional = [] } = answerOf({ name: asked, type }, objects);
  const named = (target: string): string =>
    target.endsWith(`.${OWN}`) ? `${target.slice(0, -OWN.length)}${zone}` : target;
  const here = (record: DnsRecord): DnsRecord => ({
    ...record,
    ...(record.owner === undefined ? {} : { owner: named(record.owner) }),
    ...('target' in record ? { target: named(record.target) } : {}),
  });
  return { code, records: records.map(here), additional: additional.map(here) };
}
