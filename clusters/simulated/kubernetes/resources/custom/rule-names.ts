/** CEL's reserved words, which fields may have for names. */
const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** A property's name as expressions write it; undefined for one that they cannot reach (apiserver/pkg/cel/escaping.go). */
export function escapedName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  const escaped = name.replaceAll(/__|[.\-/]/g, (sign) => ESCAPES[sign] ?? sign);
  return /^[A-Za-z_]\w*$/.test(escaped) ? escaped : undefined;
}
