/** DNS messages (RFC 1035, 4) as far as a cluster's names need them: one question, answers of A, CNAME, PTR and SRV (RFC 2782). */

export interface Question {
  readonly id: number;
  /** In lower case, without the last dot. */
  readonly name: string;
  readonly type: number;
  /** The question as it came, to be repeated in the answer. */
  readonly bytes: Buffer;
  readonly recursionDesired: boolean;
}

export const TYPE = { A: 1, CNAME: 5, PTR: 12, AAAA: 28, SRV: 33, ANY: 255 } as const;
export const CODE = { ok: 0, failure: 2, noSuchName: 3, refused: 5 } as const;

/** Seconds that an answer holds, as CoreDNS' kubernetes plugin says in kubeadm's Corefile. */
const TTL = 30;

/** Bytes of an answer over UDP to who has not asked for more. */
const MAX_DATAGRAM = 512;

export interface Answer {
  readonly code: number;
  readonly records: readonly DnsRecord[];
  /** What the receiver is going to ask next: addresses of SRV targets. */
  readonly additional?: readonly DnsRecord[];
}

/** `owner` is the question's own name unless it says otherwise. */
export type DnsRecord = { readonly owner?: string } & (
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'CNAME' | 'PTR'; readonly target: string }
  | { readonly type: 'SRV'; readonly weight: number; readonly port: number; readonly target: string }
);

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

/** An answer that is too long for a datagram says so and nothing else; the client then asks over TCP. */
export function writeAnswer(question: Question, answer: Answer, over: 'UDP' | 'TCP' = 'UDP'): Buffer {
  const { code, records, additional = [] } = answer;
  const whole = message(question, code, { records, additional });
  if (over === 'TCP' || whole.length <= MAX_DATAGRAM) return whole;
  const brief = message(question, code, { records, additional: [] });
  if (brief.length <= MAX_DATAGRAM) return brief;
  const cut = message(question, code, { records: [], additional: [] });
  cut.writeUInt16BE(cut.readUInt16BE(2) | 0x0200, 2);
  return cut;
}

function message(
  { id, bytes, recursionDesired }: Question,
  code: number,
  { records, additional }: { readonly records: readonly DnsRecord[]; readonly additional: readonly DnsRecord[] },
): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  // An authoritative answer, recursion available.
  head.writeUInt16BE(0x8480 | (recursionDesired ? 0x0100 : 0) | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt16BE(additional.length, 10);
  return Buffer.concat([head, bytes, ...[...records, ...additional].map(written)]);
}

function written(record: DnsRecord): Buffer {
  // The question's own name begins at byte 12.
  const owner = record.owner === undefined ? Buffer.from([0xc0, 0x0c]) : nameOf(record.owner);
  const data = dataOf(record);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(TYPE[record.type], 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(TTL, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, head, data]);
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === 'A') return Buffer.from(record.address.split('.').map(Number));
  if (record.type !== 'SRV') return nameOf(record.target);
  const head = Buffer.alloc(6); // of priority 0
  head.writeUInt16BE(record.weight, 2);
  head.writeUInt16BE(record.port, 4);
  return Buffer.concat([head, nameOf(record.target)]);
}

const nameOf = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ]);
