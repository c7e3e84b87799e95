/**
 * Gives a text that lost its line breaks (each became one space) those of older copies of it. A copy that differs in nothing but
 * white space of the same length is taken whole; else every break of a copy is put where the same two words meet.
 */
export function withLineBreaks(flat: string, copies: readonly string[]): string {
  const same = copies.find((copy) => copy.replaceAll(/\s/g, ' ').trim() === flat.trim());
  if (same !== undefined) return same;
  const breaks = new Map<string, number>();
  for (const copy of copies)
    for (const [, before = '', gap = '', after = ''] of copy.matchAll(/(\S+)(\s*\n\s*)(?=(\S+))/g))
      breaks.set(`${before} ${after}`, gap.split('\n').length - 1);
  const broken = flat.replaceAll(/(\S+)(\s+)(?=(\S+))/g, (whole, before: string, gap: string, after: string) => {
    const lines = breaks.get(`${before} ${after}`) ?? 0;
    // What is left of the gap is the indentation of the new line.
    return lines === 0 || lines > gap.length ? whole : before + '\n'.repeat(lines) + gap.slice(lines);
  }); // The list of CEL's keywords is indented by a tab, which client-node made a space as well.
  return broken.replaceAll(/\n {3}(?="(true|import)",)/g, '\n\t  ');
}
