import type { LabId } from '../../../protocol/ids.ts';
import type { TabSet } from './terminal-tabs.ts';

const PREFIX = 'breachlab.tabs.';

/** What this browser kept of a lab's tabs. Where storage is refused nothing is, and tabs last as long as the page. */
export function loadTabs(lab: LabId): string | null {
  return storage()?.getItem(PREFIX + lab) ?? null;
}

/** Keeps a lab's tabs for the next visit. */
export function saveTabs(lab: LabId, tabs: TabSet): void {
  try {
    storage()?.setItem(PREFIX + lab, JSON.stringify(tabs));
  } catch {
    // The storage is full.
  }
}

/** Forgets the tabs of labs that are no more. */
export function forgetOtherTabs(labs: ReadonlySet<string>): void {
  const kept = storage();
  if (kept === null) return;
  for (const key of Object.keys(kept)) {
    if (key.startsWith(PREFIX) && !labs.has(key.slice(PREFIX.length))) kept.removeItem(key);
  }
}

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null; // the browser refuses it to this page
  }
}
