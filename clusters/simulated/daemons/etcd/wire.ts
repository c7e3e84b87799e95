/**
 * The little of protobuf's wire format that etcd's messages need (protobuf.dev/programming-guides/encoding): varints and
 * length-delimited fields.
 */
export type Field = readonly [number: number, value: bigint | number | boolean | string | Uint8Array | undefined];

/** Encodes fields in the order given; zero, false and empty values are left out, as proto3 does. */
export function encode(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (value === undefined || value === false || value === 0 || value === 0n || value === '') return [];
      if (typeof value === 'string' || value instanceof Uint8Array) {
        const bytes = Buffer.from(value);
        return [varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes];
      }
      return [varint(BigInt(number << 3)), varint(BigInt(value))];
    }),
  );
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

/** The last value of each field. Throws `RangeError` for bytes that are no message of varints and byte strings. */
export function decode(bytes: Buffer): ReadonlyMap<number, bigint | Buffer> {
  const fields = new Map<number, bigint | Buffer>();
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint of more than ten bytes');
  };
  while (at < bytes.length) {
    const tag = Number(readVarint());
    if ((tag & 7) === 0) fields.set(tag >> 3, readVarint());
    else if ((tag & 7) === 2) {
      const length = Number(readVarint());
      if (at + length > bytes.length) throw new RangeError('a field ends after its message');
      fields.set(tag >> 3, bytes.subarray(at, (at += length)));
    } else throw new RangeError(`wire type ${tag & 7}`);
  }
  return fields;
}
