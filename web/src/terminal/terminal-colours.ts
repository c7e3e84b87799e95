import type { ITheme } from '@xterm/xterm';

/** Sixteen colours of one lightness per row, readable on the background; the palette's --terminal is the same background. */
export const TERMINAL_COLOURS: ITheme = {
  background: '#10171a',
  foreground: '#e3e6e2',
  cursor: '#7cc4c1',
  cursorAccent: '#10171a',
  selectionBackground: '#35565a',
  selectionForeground: '#ffffff',
  black: '#1d262a',
  red: '#e8786b',
  green: '#7dbb84',
  yellow: '#d6ad5c',
  blue: '#74a7d8',
  magenta: '#c08fc4',
  cyan: '#6bbab7',
  white: '#ccd1ce',
  brightBlack: '#84918f',
  brightRed: '#f6a196',
  brightGreen: '#a2d8a6',
  brightYellow: '#ebcb87',
  brightBlue: '#9fc5ec',
  brightMagenta: '#d8b1db',
  brightCyan: '#95d6d3',
  brightWhite: '#f6f7f4',
};
