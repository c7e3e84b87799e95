import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { LabDetail } from '../../../protocol/api.ts';
import type { TerminalId } from '../../../protocol/ids.ts';
import { labQuery } from '../api/queries.ts';
import { usePreferences } from '../app/preferences.ts';
import { TabStrip } from './tab-strip.tsx';
import styles from './terminal-panel.module.css';
import { tabLabel, type TerminalTab } from './terminal-tabs.ts';
import { TerminalView, type OpenTerminal } from './terminal-view.tsx';
import type { TerminalTabs } from './use-terminal-tabs.ts';

interface TerminalPanelProps {
  readonly lab: LabDetail;
  readonly tabs: TerminalTabs;
  /** Whether the server does not answer now. */
  readonly gone: boolean;
  /** Set to a function that puts the focus into the terminal in front. */
  readonly focusRef: RefObject<() => void>;
}

/** The terminals of a lab. A shell is opened when its tab first comes to the front. */
export function TerminalPanel({ lab, tabs, gone, focusRef }: TerminalPanelProps) {
  const [{ terminalText, screenReader }] = usePreferences();
  const queries = useQueryClient();
  const terminals = useRef(new Map<TerminalId, OpenTerminal>());
  const [visited, setVisited] = useState<ReadonlySet<TerminalId>>(new Set());
  const [unseen, setUnseen] = useState<ReadonlySet<TerminalId>>(new Set());
  const { set } = tabs;
  const { active } = set;
  const { hosts } = lab.scenarioDetail;

  if (active !== null && !visited.has(active)) setVisited(new Set(visited).add(active));
  if (active !== null && unseen.has(active)) setUnseen(new Set([...unseen].filter((id) => id !== active)));

  const focus = () => {
    if (active !== null) terminals.current.get(active)?.focus();
  };
  useEffect(() => {
    focusRef.current = focus;
  });
  // Whoever picks a tab wants to type there; a page that has just been opened keeps the focus where it is.
  const before = useRef(active);
  useEffect(() => {
    if (before.current !== active && !document.activeElement?.matches('[role=tab]')) focus();
    before.current = active;
  });

  // Timers sleep in a hidden page, and a server that is back need not be waited for.
  useEffect(() => {
    const hurry = () => {
      if (document.hidden || gone) return;
      for (const terminal of terminals.current.values()) terminal.hurry();
    };
    hurry();
    document.addEventListener('visibilitychange', hurry);
    return () => document.removeEventListener('visibilitychange', hurry);
  }, [gone]);

  const onOpen = useCallback((id: TerminalId, terminal: OpenTerminal | null) => {
    if (terminal === null) terminals.current.delete(id);
    else terminals.current.set(id, terminal);
  }, []);
  const onOutput = useCallback((id: TerminalId) => {
    setUnseen((ids) => (ids.has(id) ? ids : new Set(ids).add(id)));
  }, []);
  const onLoss = useCallback(() => {
    void queries.invalidateQueries(labQuery(lab.id));
  }, [queries, lab.id]);
  const close = (tab: TerminalTab) => {
    terminals.current.get(tab.id)?.end();
    tabs.close(tab.id);
  };

  return (
    <div className={styles['panel']}>
      <TabStrip tabs={tabs} hosts={hosts} unseen={unseen} onClose={close} onFocusTerminal={focus} />
      <div className={styles['screens']}>
        {set.tabs
          .filter(({ id }) => visited.has(id))
          .map((tab) => (
            <div key={tab.id} role="tabpanel" id={`panel-of-${tab.id}`} aria-labelledby={`tab-of-${tab.id}`}>
              <TerminalView
                lab={lab.id}
                tab={tab}
                label={tabLabel(set, tab)}
                active={tab.id === active}
                fontSize={terminalText}
                screenReader={screenReader}
                onOpen={onOpen}
                onOutput={onOutput}
                onLoss={onLoss}
              />
            </div>
          ))}
        {set.tabs.length === 0 && (
          <div className={styles['empty']}>
            <p>{hosts.length === 0 ? 'This lab has no machine to log in to.' : 'No terminal is open.'}</p>
            {hosts.length === 0 && (
              <a href={`/api/labs/${lab.id}/kubeconfig`} download={`${lab.id}.kubeconfig`}>
                Download its kubeconfig for your own kubectl
              </a>
            )}
            <div>
              {hosts.map((host) => (
                <Button key={host} size="xs" variant="default" onClick={() => tabs.add(host)}>
                  Open {host}
                </Button>
              ))}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}
