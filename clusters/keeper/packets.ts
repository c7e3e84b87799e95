/** Packets on the connection to a keeper or a command: one byte of type, a 32-bit length, bytes. The other end is in keeper.pl. */

export function encodePacket(type: number, bytes: Uint8Array | string): Buffer {
  const body = Buffer.from(bytes);
  const head = Buffer.alloc(5);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** Takes chunks as they come and calls back with each whole packet. Throws on one that is longer than `max` bytes. */
export function packetReader(max: number, found: (type: number, bytes: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (data.length >= 5) {
      const size = data.readUInt32BE(1);
      if (size > max) throw new RangeError(`a packet of ${size} bytes, more than ${max}`);
      if (data.length < 5 + size) break;
      const packet = data;
      data = data.subarray(5 + size);
      found(packet.readUInt8(0), packet.subarray(5, 5 + size));
    }
    rest = data;
  };
}
