/**
 * Reads `[section]` and `key = value` lines, as in systemd units and most `.conf` files. Keys before the first section belong to ''.
 * A key given more than once has all its values, so every value is a list. `#` and `;` start a comment line; a trailing `\` joins lines.
 */
export function parseIni(text: string): Record<string, Record<string, string[]>> {
  const sections: Record<string, Record<string, string[]>> = {};
  let section = '';
  for (const raw of text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      section = header.trim();
      continue;
    }
    const at = line.indexOf('=');
    const key = (at < 0 ? line : line.slice(0, at)).trim();
    const value = at < 0 ? '' : line.slice(at + 1).trim();
    const keys = (sections[section] ??= Object.create(null) as Record<string, string[]>);
    (keys[key] ??= []).push(value);
  }
  return sections;
}
