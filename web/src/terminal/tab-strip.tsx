import { Menu } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import type { HostName } from '../../../protocol/host.ts';
import type { TerminalId } from '../../../protocol/ids.ts';
import styles from './tab-strip.module.css';
import { tabLabel, type TerminalTab } from './terminal-tabs.ts';
import type { TerminalTabs } from './use-terminal-tabs.ts';

interface TabStripProps {
  readonly tabs: TerminalTabs;
  readonly hosts: readonly HostName[];
  /** Tabs with output that the learner has not seen. */
  readonly unseen: ReadonlySet<TerminalId>;
  readonly onClose: (tab: TerminalTab) => void;
  readonly onFocusTerminal: () => void;
}

/** The tabs, by the ARIA pattern: arrows move along them, Delete closes, Enter goes into the terminal. */
export function TabStrip({ tabs, hosts, unseen, onClose, onFocusTerminal }: TabStripProps) {
  const { set } = tabs;
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>, place: number) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tab = set.tabs[place];
    if (step !== undefined) {
      const next = set.tabs.at((place + step) % set.tabs.length);
      if (next === undefined) return;
      tabs.activate(next.id);
      document.getElementById(`tab-of-${next.id}`)?.focus();
    } else if (event.key === 'Delete' && tab !== undefined) onClose(tab);
    else if (event.key === 'Enter') onFocusTerminal();
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles['strip']}>
      <div className={styles['tabs']} role="tablist" aria-label="Terminals">
        {set.tabs.map((tab, place) => {
          const active = tab.id === set.active;
          const label = tabLabel(set, tab);
          return (
            <div key={tab.id} className={styles['tab']} data-active={active} role="presentation">
              <button
                type="button"
                role="tab"
                id={`tab-of-${tab.id}`}
                aria-selected={active}
                aria-controls={`panel-of-${tab.id}`}
                aria-keyshortcuts="Delete"
                tabIndex={active ? 0 : -1}
                // With the mouse the terminal gets the focus, not the tab: whoever picks one wants to type there.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => (active ? onFocusTerminal() : tabs.activate(tab.id))}
                onKeyDown={(event) => onKeyDown(event, place)}
                onAuxClick={(event) => event.button === 1 && onClose(tab)}
              >
                {label}
                {unseen.has(tab.id) && !active && (
                  <span className={styles['dot']} role="img" aria-label="new output" title="New output" />
                )}
              </button>
              <button
                type="button"
                className={styles['close']}
                // A tab list may hold tabs only (WAI-ARIA); with the keyboard it is Delete on the tab.
                tabIndex={-1}
                aria-hidden
                title={`Close ${label} and end its shell`}
                onClick={() => onClose(tab)}
              >
                <IconX size={14} />
              </button>
            </div>
          );
        })}
      </div>
      <Menu position="bottom-end" disabled={hosts.length === 0} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <button type="button" className={styles['add']} aria-label="New terminal" title="New terminal">
            <IconPlus size={17} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>New terminal on</Menu.Label>
          {hosts.map((host) => (
            <Menu.Item key={host} onClick={() => tabs.add(host)}>
              {host}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
