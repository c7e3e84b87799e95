import { useEffect, useRef } from 'react';
import { shortcutOf, type Shortcut } from './shortcuts.ts';

type Actions = Record<Exclude<Shortcut['act'], 'tab'>, () => void> & { readonly tab: (place: number) => void };

/** Listens for the page's shortcuts before a terminal sees the key. An open dialog has the keys to itself. */
export function useShortcuts(actions: Actions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (document.querySelector('[role=dialog]') !== null) return;
      const shortcut = shortcutOf({
        code: event.code,
        key: event.key,
        ctrl: event.ctrlKey,
        alt: event.altKey,
        altGraph: event.getModifierState('AltGraph'),
        typing: target?.matches('input, textarea, select, [contenteditable]') === true,
      });
      if (shortcut === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      if (shortcut.act === 'tab') latest.current.tab(shortcut.place);
      else latest.current[shortcut.act]();
    };
    addEventListener('keydown', listen, { capture: true });
    return () => removeEventListener('keydown', listen, { capture: true });
  }, []);
}
