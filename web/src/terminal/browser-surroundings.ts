import type { LabId } from '../../../protocol/ids.ts';
import type { ScreenSize, Surroundings } from './terminal-session.ts';
import type { TerminalTab } from './terminal-tabs.ts';

/** The real browser around a session: its sockets go to the server that the page came from. */
export function browserSurroundings(lab: LabId, tab: TerminalTab): Surroundings {
  return {
    openSocket: ({ cols, rows }: ScreenSize) => {
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
      const path = `/api/labs/${lab}/terminals/${tab.host}/${tab.id}?cols=${cols}&rows=${rows}`;
      return new WebSocket(`${scheme}://${location.host}${path}`);
    },
    later: (milliseconds, callback) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
    now: () => performance.now(),
    random: () => Math.random(),
  };
}
