/** DNS messages (RFC 1035, 4) as far as a cluster's names need them: one question, answers of A and PTR. */

export interface Question {
  readonly id: number;
  /** In lower case, without the last dot. */
  readonly name: string;
  readonly type: number;
  /** The question as it came, to be repeated in the answer. */
  readonly bytes: Buffer;
  readonly recursionDesired: boolean;
}

export const TYPE = { A: 1, PTR: 12, AAAA: 28, SRV: 33 } as const;
export const CODE = { ok: 0, failure: 2, noSuchName: 3, notImplemented: 4 } as const;

/** Seconds that an answer holds, as CoreDNS' kubernetes plugin says. */
const TTL = 30;

export type Answer =
  | { readonly code: number; readonly addresses: readonly string[] }
  | { readonly code: number; readonly name: string };

/** Undefined for what is no question. */
export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < 17 || (message.readUInt16BE(2) & 0x8000) !== 0 || message.readUInt16BE(4) !== 1)
    return undefined;
  const labels: string[] = [];
  let at = 12;
  while (true) {
    const length = message[at];
    if (length === undefined || length > 63 || at + 1 + length > message.length) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(message.toString('latin1', at, at + length).toLowerCase());
    at += length;
  }
  if (at + 4 > message.length) return undefined;
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.'),
    type: message.readUInt16BE(at),
    bytes: message.subarray(12, at + 4),
    recursionDesired: (message.readUInt16BE(2) & 0x0100) !== 0,
  };
}

export function writeAnswer(question: Question, answer: Answer): Buffer {
  const records =
    'addresses' in answer
      ? answer.addresses.map((address) => record(TYPE.A, Buffer.from(address.split('.').map(Number))))
      : [record(TYPE.PTR, nameOf(answer.name))];
  const head = Buffer.alloc(12);
  head.writeUInt16BE(question.id, 0);
  // An authoritative answer, recursion available.
  head.writeUInt16BE(0x8480 | (question.recursionDesired ? 0x0100 : 0) | answer.code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, question.bytes, ...records]);
}

/** A record about the question's own name, which begins at byte 12. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(TTL, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

const nameOf = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ]);
