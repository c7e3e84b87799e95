/**
 * What Go's encoding/json says of a text that is no JSON (src/encoding/json/scanner.go); undefined when it is sound.
 * dockerd hands these words to the journal.
 */
export function jsonComplaint(text: string): string | undefined {
  const at = { position: 0 };
  try {
    readValue(text, at);
    skipBlanks(text, at);
    return at.position < text.length ? complaint(text, at, 'after top-level value') : undefined;
  } catch (error) {
    if (error instanceof Unsound) return error.message;
    throw error;
  }
}

class Unsound extends Error {}

interface Cursor {
  position: number;
}

function complaint(text: string, at: Cursor, place: string): string {
  const letter = text[at.position];
  if (letter === undefined) return 'unexpected EOF';
  const shown =
    { "'": String.raw`'\''`, '"': `'"'`, '\n': String.raw`'\n'`, '\t': String.raw`'\t'` }[letter] ?? `'${letter}'`;
  return `invalid character ${shown} ${place}`;
}

function expectOne(text: string, at: Cursor, letters: string, place: string): string {
  skipBlanks(text, at);
  const letter = text[at.position];
  if (letter === undefined || !letters.includes(letter)) throw new Unsound(complaint(text, at, place));
  at.position += 1;
  return letter;
}

function skipBlanks(text: string, at: Cursor): void {
  while (/[ \t\r\n]/.test(text[at.position] ?? '')) at.position += 1;
}

function readValue(text: string, at: Cursor, depth = 0): void {
  skipBlanks(text, at);
  if (depth > 100) throw new Unsound('exceeded max depth');
  const letter = text[at.position];
  if (letter === '{' || letter === '[') {
    at.position += 1;
    return letter === '{' ? readObject(text, at, depth) : readArray(text, at, depth);
  }
  if (letter === '"') return readString(text, at);
  const literal = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
  literal.lastIndex = at.position;
  const match = literal.exec(text);
  if (match === null) throw new Unsound(complaint(text, at, 'looking for beginning of value'));
  at.position += match[0].length;
  return undefined;
}

function readObject(text: string, at: Cursor, depth: number): void {
  skipBlanks(text, at);
  if (text[at.position] === '}') {
    at.position += 1;
    return;
  }
  for (;;) {
    skipBlanks(text, at);
    if (text[at.position] !== '"') throw new Unsound(complaint(text, at, 'looking for beginning of object key string'));
    readString(text, at);
    expectOne(text, at, ':', 'after object key');
    readValue(text, at, depth + 1);
    if (expectOne(text, at, ',}', 'after object key:value pair') === '}') return;
  }
}

function readArray(text: string, at: Cursor, depth: number): void {
  skipBlanks(text, at);
  if (text[at.position] === ']') {
    at.position += 1;
    return;
  }
  for (;;) {
    readValue(text, at, depth + 1);
    if (expectOne(text, at, ',]', 'after array element') === ']') return;
  }
}

function readString(text: string, at: Cursor): void {
  for (at.position += 1; ; at.position += 1) {
    const letter = text[at.position];
    if (letter === undefined || letter < ' ') throw new Unsound(complaint(text, at, 'in string literal'));
    if (letter === '\\') at.position += 1;
    else if (letter === '"') break;
  }
  at.position += 1;
}
