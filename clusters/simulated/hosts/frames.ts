/**
 * Frames between the server and a lab's supervisor: a 32-bit length, then fields, each a 32-bit length and its bytes.
 * The other end is agent/channel.pl.
 */

/** Guards the server against a supervisor gone mad; the biggest honest frame is a file of a few megabytes. */
const MAX_FRAME = 64 * 2 ** 20;

export type Field = string | number | Uint8Array;

export function encodeFrame(fields: readonly Field[]): Buffer {
  const parts: Uint8Array[] = [Buffer.alloc(4)];
  let size = 0;
  for (const field of fields) {
    const bytes = typeof field === 'object' ? field : Buffer.from(String(field));
    parts.push(length32(bytes.length), bytes);
    size += 4 + bytes.length;
  }
  parts[0] = length32(size);
  return Buffer.concat(parts);
}

/** Takes chunks as they come and calls back with the fields of each whole frame. Throws on a frame beyond the limit. */
export function frameReader(found: (fields: Buffer[]) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let have = 0;
  return (chunk) => {
    chunks.push(chunk);
    have += chunk.length;
    while (have >= 4) {
      const head = chunks[0] !== undefined && chunks[0].length >= 4 ? chunks[0] : Buffer.concat(chunks);
      const size = head.readUInt32BE(0);
      if (size > MAX_FRAME) throw new Error(`a frame of ${size} bytes from the lab's supervisor`);
      if (have < 4 + size) return;
      const all = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      chunks = [all.subarray(4 + size)];
      have -= 4 + size;
      found(fieldsOf(all.subarray(4, 4 + size)));
    }
  };
}

function fieldsOf(frame: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= frame.length;) {
    const size = frame.readUInt32BE(at);
    fields.push(frame.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return fields;
}

function length32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
