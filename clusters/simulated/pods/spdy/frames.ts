/** SPDY/3.1 frames (SPDY Protocol draft 3.1, 2.2 and 2.6). */

const VERSION = 3;
const CONTROL = 0x80000000;
const TYPES = {
  1: 'syn-stream',
  2: 'syn-reply',
  3: 'reset',
  4: 'settings',
  6: 'ping',
  7: 'go-away',
  8: 'headers',
  9: 'window',
} as const;
const NUMBERS = { 'syn-stream': 1, 'syn-reply': 2, reset: 3, ping: 6 } as const;

export const FIN = 1;

/** Longer frames are no client's: Go's write at most 32 KB at once. */
const MAX_FRAME = 1024 * 1024;

export type Frame =
  | { readonly kind: 'data'; readonly stream: number; readonly flags: number; readonly bytes: Buffer }
  | { readonly kind: (typeof TYPES)[keyof typeof TYPES]; readonly flags: number; readonly bytes: Buffer };

/** Takes chunks as they come and calls back with each whole frame. Throws on one that is too long or not of this version. */
export function spdyReader(found: (frame: Frame) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 8) {
      const head = rest.readUInt32BE(0);
      const size = rest.readUInt32BE(4) & 0xffffff;
      const flags = rest.readUInt8(4);
      if (size > MAX_FRAME) throw new RangeError(`a frame of ${size} bytes`);
      if (rest.length < 8 + size) return;
      const bytes = rest.subarray(8, 8 + size);
      rest = rest.subarray(8 + size);
      if ((head & CONTROL) === 0) {
        found({ kind: 'data', stream: head, flags, bytes });
        continue;
      }
      if (((head >>> 16) & 0x7fff) !== VERSION) throw new RangeError(`SPDY version ${(head >>> 16) & 0x7fff}`);
      const kind = TYPES[(head & 0xffff) as keyof typeof TYPES];
      if (kind !== undefined) found({ kind, flags, bytes }); // others are to be passed over
    }
  };
}

export function dataFrame(stream: number, bytes: Uint8Array, flags = 0): Buffer {
  return Buffer.concat([head(stream, flags, bytes.length), bytes]);
}

export function controlFrame(kind: keyof typeof NUMBERS, bytes: Uint8Array, flags = 0): Buffer {
  return Buffer.concat([head((CONTROL | (VERSION << 16) | NUMBERS[kind]) >>> 0, flags, bytes.length), bytes]);
}

function head(first: number, flags: number, size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(first, 0);
  bytes.writeUInt32BE(((flags << 24) | size) >>> 0, 4);
  return bytes;
}
