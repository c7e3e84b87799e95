/** Just enough of DER (ITU-T X.690) to write certificates and to read certificate requests. */

/** One element: tag byte and content. */
export function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([header(tag, length), ...content]);
}

function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  if (length < 0x100) return Buffer.from([tag, 0x81, length]);
  if (length < 0x1_0000) return Buffer.from([tag, 0x82, length >> 8, length & 0xff]);
  return Buffer.from([tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]);
}

export const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content);
export const set = (...content: readonly Buffer[]): Buffer => der(0x31, ...content);
export const octets = (...content: readonly Buffer[]): Buffer => der(0x04, ...content);
export const bits = (content: Buffer, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);
/** Context-specific and constructed, `[n]`. */
export const explicit = (n: number, ...content: readonly Buffer[]): Buffer => der(0xa0 | n, ...content);
/** Context-specific and primitive, `[n] IMPLICIT`. */
export const implicit = (n: number, content: Buffer): Buffer => der(0x80 | n, content);
export const TRUE: Buffer = der(0x01, Buffer.from([0xff]));

/** A non-negative integer from big-endian bytes. */
export function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const trimmed = first < 0 ? Buffer.from([0]) : bytes.subarray(first);
  return der(0x02, (trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}

/** `1.2.840…`; every arc below 2²⁸. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const group = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) group.unshift((left & 0x7f) | 0x80);
    bytes.push(...group);
  }
  return der(0x06, Buffer.from(bytes));
}

/** UTCTime up to 2049, GeneralizedTime after (RFC 5280 4.1.2.5); whole seconds. */
export function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return Number(text.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(text.slice(2), 'latin1'))
    : der(0x18, Buffer.from(text, 'latin1'));
}

/** UTF8String, or PrintableString where every character allows it, as Go's encoder chooses. */
export const text = (value: string): Buffer =>
  der(/^[A-Za-z0-9 '()+,./:=?-]*$/.test(value) ? 0x13 : 0x0c, Buffer.from(value, 'utf8'));

export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** Header and content. */
  readonly whole: Buffer;
}

/** The elements that lie one after another in `bytes`. Throws on truncated or indefinite lengths. */
export function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0x80;
    let start = at + 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 3 || start + count > bytes.length) throw new Error('malformed DER length');
      length = bytes.readUIntBE(start, count);
      start += count;
    }
    if (start + length > bytes.length) throw new Error('truncated DER element');
    found.push({ tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return found;
}

/** Dotted form of the content of an object identifier. */
export function oidText(content: Buffer): string {
  const first = content[0] ?? 0;
  const arcs = [Math.min(Math.trunc(first / 40), 2)];
  arcs.push(first - (arcs[0] ?? 0) * 40);
  let arc = 0;
  for (const byte of content.subarray(1)) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  return arcs.join('.');
}

/** RFC 7468: lines of 64 characters. */
export function pem(label: string, bytes: Buffer): string {
  const text = bytes.toString('base64');
  let lines = '';
  for (let at = 0; at < text.length; at += 64) lines += `${text.slice(at, at + 64)}\n`;
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
