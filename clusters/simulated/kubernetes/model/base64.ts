/** What Go's encoding/base64 (StdEncoding) says of a text it cannot read. */
export class Base64Error extends Error {
  override readonly name = 'Base64Error';
}

/** The text as Go writes it again after reading it: without line breaks. Throws Base64Error with Go's text. */
export function canonicalBase64(text: string): string {
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
  let inQuantum = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\n' || char === '\r') continue;
    if (char === '=') return padded(text, i, inQuantum);
    if (!/[A-Za-z0-9+/]/.test(char)) throw corrupt(i);
    inQuantum = (inQuantum + 1) % 4;
  }
  if (inQuantum !== 0) throw corrupt(text.length - inQuantum);
  return text.replaceAll(/[\r\n]/g, '');
}

function padded(text: string, at: number, inQuantum: number): string {
  if (inQuantum < 2) throw corrupt(at);
  let end = at + 1;
  const skip = (): void => {
    while (text[end] === '\n' || text[end] === '\r') end++;
  };
  skip();
  if (inQuantum === 2) {
    if (end === text.length) throw corrupt(text.length);
    if (text[end] !== '=') throw corrupt(end - 1);
    end++;
    skip();
  }
  if (end < text.length) throw corrupt(end);
  return text.replaceAll(/[\r\n]/g, '');
}

const corrupt = (at: number): Base64Error => new Base64Error(`illegal base64 data at input byte ${at}`);
