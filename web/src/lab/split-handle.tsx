import { useLayoutEffect, useRef, type KeyboardEvent, type PointerEvent, type RefObject } from 'react';
import { usePreferences } from '../app/preferences.ts';
import styles from './split-handle.module.css';

const LEAST = 0.22;
const MOST = 0.7;
const USUAL = 0.4;

/**
 * The line between tasks and terminals: dragged, moved with the arrows, and put back with a double click. While it is
 * dragged only the width changes; what it comes to is remembered.
 */
export function SplitHandle({ panes }: { panes: RefObject<HTMLDivElement | null> }) {
  const [{ split }, prefer] = usePreferences();
  const dragged = useRef(split);
  const show = (share: number) => {
    dragged.current = Math.min(MOST, Math.max(LEAST, share));
    panes.current?.style.setProperty('--split', String(dragged.current));
  };
  useLayoutEffect(() => show(split));

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || panes.current === null) return;
    const { left, width } = panes.current.getBoundingClientRect();
    show((event.clientX - left) / width);
  };
  const settle = (share: number) => {
    show(share);
    prefer({ split: dragged.current });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const share = {
      ArrowLeft: dragged.current - 0.02,
      ArrowRight: dragged.current + 0.02,
      Home: LEAST,
      End: MOST,
    }[event.key];
    if (share === undefined) return;
    event.preventDefault();
    settle(share);
  };
  return (
    <div
      className={styles['handle']}
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the tasks"
      aria-valuenow={Math.round(split * 100)}
      aria-valuemin={LEAST * 100}
      aria-valuemax={MOST * 100}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onLostPointerCapture={() => settle(dragged.current)}
      onDoubleClick={() => settle(USUAL)}
      onKeyDown={onKeyDown}
    />
  );
}
