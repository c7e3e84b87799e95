import { z } from 'zod';
import { HostName } from '../../../protocol/host.ts';
import { TerminalId } from '../../../protocol/ids.ts';

/** One tab: a shell on a host. The id is the shell's name at the server, so keeping it keeps the shell. */
export const TerminalTab = z.strictObject({ id: TerminalId, host: HostName });
export type TerminalTab = z.infer<typeof TerminalTab>;

/** The tabs of one lab as they are kept in the browser. Those of another generation ended with the reset. */
export const TabSet = z.strictObject({
  generation: z.int().nonnegative(),
  tabs: z.array(TerminalTab).max(64),
  active: TerminalId.nullable(),
});
export type TabSet = z.infer<typeof TabSet>;

/** A tab for each host of the lab, the first one in front. `newId` gives an id that no shell had before. */
export function firstTabs(hosts: readonly HostName[], generation: number, newId: () => TerminalId): TabSet {
  const tabs = hosts.map((host) => ({ id: newId(), host }));
  return { generation, tabs, active: tabs[0]?.id ?? null };
}

/** Reads what the browser kept; undefined when it is of another generation or makes no sense. */
export function keptTabs(text: string | null, generation: number): TabSet | undefined {
  if (text === null) return undefined;
  try {
    const kept = TabSet.safeParse(JSON.parse(text));
    return kept.data?.generation === generation ? kept.data : undefined;
  } catch {
    return undefined; // not JSON
  }
}

/** Puts a new tab on `host` behind the last one on that host, in front of the learner. */
export function withTab(set: TabSet, tab: TerminalTab): TabSet {
  const last = set.tabs.findLastIndex((other) => other.host === tab.host);
  return { ...set, tabs: set.tabs.toSpliced(last < 0 ? set.tabs.length : last + 1, 0, tab), active: tab.id };
}

/** Takes a tab away; when it was in front, its right neighbour comes there, or else its left one. */
export function withoutTab(set: TabSet, id: TerminalId): TabSet {
  const place = set.tabs.findIndex((tab) => tab.id === id);
  const tabs = set.tabs.filter((tab) => tab.id !== id);
  const neighbour = tabs[place] ?? tabs.at(-1);
  return { ...set, tabs, active: set.active === id ? (neighbour?.id ?? null) : set.active };
}

/** What a tab is called: its host, and its number among the host's tabs when there are several. */
export function tabLabel(set: TabSet, tab: TerminalTab): string {
  const peers = set.tabs.filter((other) => other.host === tab.host);
  return peers.length < 2 ? tab.host : `${tab.host} ${peers.indexOf(tab) + 1}`;
}
