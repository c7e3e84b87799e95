/** What a key can ask of the lab's page. `place` counts from 0. */
export type Shortcut =
  | { readonly act: 'tasks' | 'terminal' | 'toggle' | 'check' | 'help' }
  | { readonly act: 'tab'; readonly place: number };

/** The part of a KeyboardEvent that decides; `altGraph` is the key to the right of the space bar. */
export interface Chord {
  readonly code: string;
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly altGraph: boolean;
  /** Whether the key would otherwise be typed into something. */
  readonly typing: boolean;
}

/**
 * Reads a key. Ctrl+Alt is free in shells, vim and tmux, and in browsers; Escape is not, vim needs it. Windows reports
 * AltGr as Ctrl+Alt, and there it types letters, so AltGr never is a shortcut.
 */
export function shortcutOf(chord: Chord): Shortcut | undefined {
  if (chord.key === '?' && !chord.typing) return { act: 'help' };
  if (!chord.ctrl || !chord.alt || chord.altGraph) return undefined;
  const digit = /^Digit([1-9])$/.exec(chord.code)?.[1];
  if (digit !== undefined) return { act: 'tab', place: Number(digit) - 1 };
  switch (chord.code) {
    case 'KeyJ':
      return { act: 'toggle' };
    case 'KeyK':
      return { act: 'tasks' };
    case 'KeyT':
      return { act: 'terminal' };
    case 'Enter':
      return { act: 'check' };
    case 'Slash':
      return { act: 'help' };
    default:
      return undefined;
  }
}
