/**
 * Whether these keys are a terminal's answer to a question of the program (cursor position, attributes, mode, colour; see ctlseqs):
 * of several pages that show one shell only one may answer, or the program reads the second answer as typed text.
 */
export function isTerminalReply(keys: Uint8Array): boolean {
  if (keys.length > 64 || keys[0] !== 0x1b) return false;
  const text = Buffer.from(keys).toString('latin1');
  // oxlint-disable-next-line no-control-regex -- ESC and BEL delimit the answers
  return /^\x1b(?:\[[?>=]?[\d;]+(?:[Rcnt]|\$y)|\](?:4;\d+|1[0-2]);rgb:[\da-f/]+(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\)$/i.test(
    text,
  );
}
