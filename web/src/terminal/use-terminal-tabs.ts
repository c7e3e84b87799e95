import { useEffect, useState } from 'react';
import type { LabDetail } from '../../../protocol/api.ts';
import type { HostName } from '../../../protocol/host.ts';
import { TerminalId } from '../../../protocol/ids.ts';
import { loadTabs, saveTabs } from './tab-storage.ts';
import { firstTabs, keptTabs, withTab, withoutTab, type TabSet } from './terminal-tabs.ts';

export interface TerminalTabs {
  readonly set: TabSet;
  readonly activate: (id: TerminalId) => void;
  /** Opens another shell on a host. */
  readonly add: (host: HostName) => void;
  readonly close: (id: TerminalId) => void;
  /** Brings a terminal of a host to the front: one that is open, or a new one. */
  readonly show: (host: HostName) => void;
}

/** The terminal tabs of a lab, kept in this browser so that a reload finds its shells again. */
export function useTerminalTabs(lab: LabDetail): TerminalTabs {
  const { id, generation } = lab;
  const { hosts } = lab.scenarioDetail;
  const [kept, setKept] = useState(() => keptTabs(loadTabs(id), generation) ?? firstTabs(hosts, generation, newId));
  // A reset ended every shell: the page starts over with one on each host.
  const set = kept.generation === generation ? kept : firstTabs(hosts, generation, newId);
  if (set !== kept) setKept(set);

  useEffect(() => saveTabs(id, set), [id, set]);

  const add = (host: HostName) => setKept((tabs) => withTab(tabs, { id: newId(), host }));
  const activate = (active: TerminalId) => setKept((tabs) => ({ ...tabs, active }));
  return {
    set,
    activate,
    add,
    close: (tab) => setKept((tabs) => withoutTab(tabs, tab)),
    show: (host) => {
      const inFront = set.tabs.find((tab) => tab.id === set.active);
      const tab = inFront?.host === host ? inFront : set.tabs.find((tab) => tab.host === host);
      if (tab === undefined) add(host);
      else activate(tab.id);
    },
  };
}

function newId(): TerminalId {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return TerminalId.parse(`tab-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`);
}
