import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Towards } from './terminal-screen.ts';
import styles from './terminal-search.module.css';

interface TerminalSearchProps {
  /** Shows the next place of a text; returns whether there is one. */
  readonly onFind: (text: string, towards: Towards) => boolean;
  readonly onClose: () => void;
}

/** Looks for a text in what a terminal has shown, from the newest line upwards: that is where output is read. */
export function TerminalSearch({ onFind, onClose }: TerminalSearchProps) {
  const [text, setText] = useState('');
  const [isFound, setIsFound] = useState(true);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  const find = (wanted: string, towards: Towards) => setIsFound(onFind(wanted, towards) || wanted === '');
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') find(text, event.shiftKey ? 'newer' : 'older');
    else if (event.key === 'Escape') onClose();
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles['search']} role="search" aria-label="Terminal" onKeyDown={onKeyDown}>
      <input
        ref={input}
        type="text"
        value={text}
        placeholder="Find"
        aria-label="Find in this terminal"
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => {
          setText(target.value);
          find(target.value, 'older');
        }}
      />
      <span role="status">{!isFound && 'Not found'}</span>
      <button type="button" aria-label="Older" title="Older (Enter)" onClick={() => find(text, 'older')}>
        <IconChevronUp size={16} />
      </button>
      <button type="button" aria-label="Newer" title="Newer (Shift+Enter)" onClick={() => find(text, 'newer')}>
        <IconChevronDown size={16} />
      </button>
      <button type="button" aria-label="Close the search" title="Close (Escape)" onClick={onClose}>
        <IconX size={16} />
      </button>
    </div>
  );
}
