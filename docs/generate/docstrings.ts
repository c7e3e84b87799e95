/**
 * The comment above a function as Markdown, or undefined. `source` is TypeScript in the project's format: the comment stands right
 * above `export … function name(`.
 */
export function docstringOf(source: string, name: string): string | undefined {
  const at = new RegExp(`^export (?:async )?function ${name}\\b`, 'm').exec(source)?.index;
  if (at === undefined) return undefined;
  const before = source.slice(0, at).trimEnd();
  const start = before.lastIndexOf('/**');
  if (!before.endsWith('*/') || start === -1) return undefined;
  return before
    .slice(start + 3, -2)
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trimEnd())
    .join('\n')
    .trim();
}
