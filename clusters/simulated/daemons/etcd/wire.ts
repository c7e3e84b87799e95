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

/** Every value of each field, in order. Throws `RangeError` for bytes that are no message of varints and byte strings. */
export function decode(bytes: Buffer): Message {
  const fields = new Map<number, (bigint | Buffer)[]>();
  const add = (number: number, value: bigint | Buffer): void => {
    const values = fields.get(number);
    if (values) values.push(value);
    else fields.set(number, [value]);
  };
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
    if ((tag & 7) === 0) add(tag >> 3, readVarint());
    else if ((tag & 7) === 2) {
      const length = Number(readVarint());
      if (at + length > bytes.length) throw new RangeError('a field ends after its message');
      add(tag >> 3, bytes.subarray(at, (at += length)));
    } else throw new RangeError(`wire type ${tag & 7}`);
  }
  return new Message(fields);
}

/** A decoded message; of a field that is not repeated the last value counts. */
export class Message {
  readonly #fields: ReadonlyMap<number, readonly (bigint | Buffer)[]>;

  constructor(fields: ReadonlyMap<number, readonly (bigint | Buffer)[]>) {
    this.#fields = fields;
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  bytes(field: number): Buffer {
    const value = this.#fields.get(field)?.at(-1);
    return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  }

  /** A key; etcd's are any bytes, those of a cluster are text. */
  text(field: number): string {
    return this.bytes(field).toString('utf8');
  }

  /** As int64. */
  big(field: number): bigint {
    const value = this.#fields.get(field)?.at(-1);
    return typeof value === 'bigint' ? BigInt.asIntN(64, value) : 0n;
  }

  number(field: number): number {
    return Number(this.big(field));
  }

  flag(field: number): boolean {
    return this.big(field) !== 0n;
  }

  messages(field: number): Message[] {
    return (this.#fields.get(field) ?? []).flatMap((value) => (Buffer.isBuffer(value) ? [decode(value)] : []));
  }

  /** Enum values; proto3 packs them into one byte string. */
  numbers(field: number): number[] {
    return (this.#fields.get(field) ?? []).flatMap((value) => (Buffer.isBuffer(value) ? [...value] : [Number(value)]));
  }
}
