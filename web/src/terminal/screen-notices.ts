/** RIS, a full reset (ECMA-48): written in line with the output, so that nothing drawn later is cleared by it. */
export const RESET_SCREEN = '\x1bc';

/** What the screen says when its shell has ended: out of any full-screen program, on a line of its own, not in colour alone. */
export function exitNotice(code: number): string {
  // Not 1049, which also puts the cursor back where it was last saved: that may be in the midst of older output.
  const leaveAlternateScreen = '\x1b[?1047l\x1b[?25h\x1b[0m';
  return `${leaveAlternateScreen}\r\n\x1b[2mThe shell has ended with status ${code}. Press Enter to start a new shell.\x1b[0m\r\n`;
}
