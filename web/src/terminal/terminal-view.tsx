import '@xterm/xterm/css/xterm.css';
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { LabId, TerminalId } from '../../../protocol/ids.ts';
import { browserSurroundings } from './browser-surroundings.ts';
import { TerminalScreen } from './terminal-screen.ts';
import { TerminalSearch } from './terminal-search.tsx';
import { TerminalSession, type SessionState } from './terminal-session.ts';
import type { TerminalTab } from './terminal-tabs.ts';
import styles from './terminal-view.module.css';

/** What the tab strip may ask of an open terminal. */
export interface OpenTerminal {
  readonly focus: () => void;
  /** Ends the shell. */
  readonly end: () => void;
  /** Reconnects now, if it was waiting to. */
  readonly hurry: () => void;
}

interface TerminalViewProps {
  readonly lab: LabId;
  readonly tab: TerminalTab;
  readonly label: string;
  readonly active: boolean;
  readonly fontSize: number;
  readonly screenReader: boolean;
  /** Called with the terminal when it is there, and with null when it goes. */
  readonly onOpen: (id: TerminalId, terminal: OpenTerminal | null) => void;
  readonly onOutput: (id: TerminalId) => void;
  /** The connection was lost: the lab may have been reset, or the server stopped. */
  readonly onLoss: () => void;
}

/** One terminal. It stays mounted while another tab is in front, so its screen stays. */
export function TerminalView(props: TerminalViewProps) {
  const { lab, tab, label, active, fontSize, screenReader, onOpen, onOutput, onLoss } = props;
  const element = useRef<HTMLDivElement>(null);
  const shown = useRef<{ screen: TerminalScreen; session: TerminalSession } | null>(null);
  const [state, setState] = useState<SessionState>({ state: 'connecting' });
  const [notice, setNotice] = useState<string | null>(null);
  const [searching, setSearching] = useState(false);

  useEffect(() => {
    if (element.current === null) return undefined;
    const screen = new TerminalScreen(element.current, {
      fontSize,
      screenReader,
      label: `Terminal on ${label}`,
      onKeys: (keys) => {
        setNotice(null);
        session.type(keys);
      },
      onSize: (size) => session.resize(size),
      onNotice: setNotice,
      onSearch: () => setSearching(true),
    });
    const session = new TerminalSession(screen, screen.size, browserSurroundings(lab, tab), {
      onState: (next) => {
        setState(next);
        if (next.state === 'waiting') onLoss();
      },
      onOutput: () => onOutput(tab.id),
    });
    shown.current = { screen, session };
    session.connect();
    onOpen(tab.id, { focus: () => screen.focus(), end: () => session.end(), hurry: () => session.hurry() });
    const observer = new ResizeObserver(() => screen.fit());
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      onOpen(tab.id, null);
      session[Symbol.dispose]();
      screen[Symbol.dispose]();
      shown.current = null;
    };
    // The rest is followed below: a new font size must not cost the learner the screen.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [lab, tab.id, tab.host]);

  useEffect(() => shown.current?.screen.prefer(fontSize, screenReader), [fontSize, screenReader]);

  return (
    <div className={styles['view']} data-active={active} data-state={state.state} data-terminal={tab.id}>
      <div ref={element} className={styles['screen']} />
      {searching && (
        <TerminalSearch
          onFind={(text, towards) => shown.current?.screen.find(text, towards) === true}
          onClose={() => {
            setSearching(false);
            shown.current?.screen.focus();
          }}
        />
      )}
      <SessionNote state={state} onRetry={() => shown.current?.session.connect()} />
      {notice !== null && (
        <p className={styles['note']} role="status">
          {notice}
        </p>
      )}
    </div>
  );
}

function SessionNote({ state, onRetry }: { state: SessionState; onRetry: () => void }) {
  switch (state.state) {
    case 'open':
    case 'exited': // the screen itself says so
      return null;
    case 'connecting':
      return <p className={`${styles['note']} ${styles['late']}`}>Connecting</p>;
    case 'waiting':
      return (
        <p className={styles['note']} role="status">
          {state.message} Reconnecting.
        </p>
      );
    case 'refused':
      return (
        <p className={styles['note']} role="alert">
          {state.message}
          <Button size="compact-xs" variant="white" onClick={onRetry}>
            Try again
          </Button>
        </p>
      );
    default:
      return state satisfies never;
  }
}
