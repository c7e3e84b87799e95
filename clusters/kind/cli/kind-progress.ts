/**
 * One line of kind's standard error as a step that a learner may read, or undefined for one that begins nothing. Without a terminal kind
 * writes ` • Preparing nodes 📦 📦   ...` as a step begins and ` ✓ …` as it ends (pkg/internal/cli/status.go).
 */
export function stepOf(line: string): string | undefined {
  const said = /^ • (.+?)(?: +\.\.\.)?$/.exec(line.trimEnd())?.[1];
  if (said === undefined) return undefined;
  const words = said
    .replaceAll(/[^\x20-\x7E≤]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return words === '' ? undefined : words.charAt(0).toLowerCase() + words.slice(1);
}
