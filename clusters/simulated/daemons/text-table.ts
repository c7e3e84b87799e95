/** Left-aligned columns, so many blanks apart, one line a row; the first row decides how many columns there are. */
export function textTable(rows: readonly (readonly string[])[], gap: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join(' '.repeat(gap))
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}
