/** Bytes that are no protobuf; the message is that of gogo's generated code. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Reads the fields of one protobuf message. Every method throws WireError at the end of the bytes. */
export class Reader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Number and wire type of the next field. */
  tag(): { number: number; wireType: number } {
    const value = this.varint();
    const number = Math.floor(value / 8);
    if (number <= 0) throw new WireError(`proto: illegal tag ${number} (wire type ${value})`);
    return { number, wireType: value % 8 };
  }

  /** A varint as a signed 64-bit integer; above 2^53 the nearest number. */
  varint(): number {
    let low = 0;
    for (let shift = 1; shift < 2 ** 28; shift *= 128) {
      const byte = this.#byte();
      low += (byte & 127) * shift;
      if (byte < 128) return low;
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw new WireError('proto: integer overflow');
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new WireError('unexpected EOF');
    return this.#bytes[this.#at++] ?? 0;
  }

  double(): number {
    if (this.#at + 8 > this.#end) throw new WireError('unexpected EOF');
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  /** The content of a length-delimited field. */
  bytes(): Buffer {
    const length = this.varint();
    if (length < 0) throw new WireError('proto: negative length found during unmarshaling');
    const start = this.#at;
    if (start + length > this.#end) throw new WireError('unexpected EOF');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  message(): Reader {
    return new Reader(this.bytes());
  }

  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.bytes();
        return;
      case 5:
        this.#advance(4);
        return;
      default:
        throw new WireError(`proto: illegal wireType ${wireType}`);
    }
  }

  #advance(count: number): void {
    if (this.#at + count > this.#end) throw new WireError('unexpected EOF');
    this.#at += count;
  }
}
