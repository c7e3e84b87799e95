import { expect, test } from 'vitest';
import { shortcutOf } from './shortcuts.ts';

const key = { code: '', key: '', ctrl: false, alt: false, altGraph: false, typing: true };
const ctrlAlt = { ...key, ctrl: true, alt: true };

test.each([
  ['Ctrl+Alt+J out of the terminal and back', { ...ctrlAlt, code: 'KeyJ' }, { act: 'toggle' }],
  ['Ctrl+Alt+T to the terminal', { ...ctrlAlt, code: 'KeyT' }, { act: 'terminal' }],
  ['Ctrl+Alt+2 to the second tab', { ...ctrlAlt, code: 'Digit2' }, { act: 'tab', place: 1 }],
  ['? to the help outside of a terminal', { ...key, key: '?', typing: false }, { act: 'help' }],
])('leads %s', (_, chord, shortcut) => {
  expect(shortcutOf(chord)).toEqual(shortcut);
});

test.each([
  ['a ? that is typed', { ...key, key: '?' }],
  ['Escape, which vim needs', { ...key, key: 'Escape', code: 'Escape' }],
  ['a letter typed with AltGr', { ...ctrlAlt, altGraph: true, code: 'KeyT' }],
  ['Ctrl+J, which a shell reads as Enter', { ...key, ctrl: true, code: 'KeyJ' }],
  ['Ctrl+Alt+0', { ...ctrlAlt, code: 'Digit0' }],
])('leaves %s alone', (_, chord) => {
  expect(shortcutOf(chord)).toBeUndefined();
});
