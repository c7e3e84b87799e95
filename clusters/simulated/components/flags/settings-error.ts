/** A command line that cannot be read; the message is what the program says, line by line, before it exits. */
export class UnreadCommandLine extends Error {
  override readonly name = 'UnreadCommandLine';
}
