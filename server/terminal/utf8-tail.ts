/**
 * How many bytes at the end of a frame begin a character of UTF-8 that is not complete there (RFC 3629, section 3).
 * xterm.js 6 loses a character that comes in two writes when its second byte is 0x80, as in “…”, so frames end between characters.
 */
export function utf8TailLength(frame: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, frame.length); back += 1) {
    const byte = frame[frame.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}
