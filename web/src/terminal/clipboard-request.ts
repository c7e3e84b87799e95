/** The longest text a program in the lab may put on the clipboard: a key or a manifest, not a memory hog. */
const LONGEST = 100_000;

/**
 * Reads the payload of OSC 52 (invisible-island.net/xterm/ctlseqs, "Manipulate Selection Data"): `c;BASE64`.
 * Only writing is granted. A program that asks for the clipboard (`?`) gets no answer: the lab has been broken into, and
 * what the learner last copied is none of its business.
 *
 * @returns the text to copy, or undefined when the request is refused
 */
export function clipboardRequest(payload: string): string | undefined {
  const separator = payload.indexOf(';');
  const data = payload.slice(separator + 1);
  if (separator < 0 || data === '' || data === '?' || data.length > (LONGEST * 4) / 3) return undefined;
  try {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined; // not Base64, or not UTF-8
  }
}
