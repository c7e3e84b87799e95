/** How a table of boxes is drawn (github.com/aquasecurity/table, as trivy sets it). */
export interface BoxTable {
  readonly headers: readonly string[];
  /** Cells may have line breaks. */
  readonly rows: readonly (readonly string[])[];
  readonly alignments?: readonly ('left' | 'center')[];
  /** Whether equal cells below each other become one. */
  readonly merge: boolean;
  /** Longest line of a cell; longer ones are broken between words. */
  readonly maxWidth: number;
  /** Applied to a cell's text after it was measured, for colours on a terminal. */
  readonly paint?: (cell: string, column: number) => string;
}

/** The table's lines, each with its line break. */
export function boxTable({ headers, rows, alignments = [], merge, maxWidth, paint }: BoxTable): string {
  const cells = rows.map((row) => headers.map((_, column) => wrap(row[column] ?? '', maxWidth)));
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...cells.flatMap((row) => (row[column] ?? []).map((line) => line.length))),
  );
  const rule = (left: string, joint: string, right: string): string =>
    `${left}${widths.map((width) => '─'.repeat(width + 2)).join(joint)}${right}\n`;
  const sameAsAbove = (row: number, column: number): boolean =>
    merge && row > 0 && (rows[row]?.[column] ?? '') !== '' && rows[row]?.[column] === rows[row - 1]?.[column];

  let text = rule('┌', '┬', '┐');
  text += `│${headers.map((header, column) => ` ${centred(header, widths[column] ?? 0)} `).join('│')}│\n`;
  for (const [index, row] of cells.entries()) {
    text +=
      index === 0
        ? rule('├', '┼', '┤')
        : ruleBetween(
            widths,
            widths.map((_, column) => !sameAsAbove(index, column)),
          );
    const height = Math.max(1, ...row.map((lines) => lines.length));
    for (let line = 0; line < height; line++) {
      const shown = widths.map((width, column) => {
        const content = sameAsAbove(index, column) ? '' : (row[column]?.[line] ?? '');
        const padded = alignments[column] === 'center' ? centred(content, width) : content.padEnd(width);
        return ` ${paint === undefined || content === '' ? padded : padded.replace(content, () => paint(content, column))} `;
      });
      text += `│${shown.join('│')}│\n`;
    }
  }
  return text + rule('└', '┴', '┘');
}

/** The line between two rows, open where a cell goes on. */
function ruleBetween(widths: readonly number[], drawn: readonly boolean[]): string {
  const joint = (left: boolean | undefined, right: boolean | undefined): string =>
    left === true ? (right === true ? '┼' : '┤') : right === true ? '├' : '│';
  const inner = widths.map((width, column) => (drawn[column] === true ? '─' : ' ').repeat(width + 2));
  return `${inner.map((piece, column) => `${joint(column === 0 ? false : drawn[column - 1], drawn[column])}${piece}`).join('')}${joint(drawn.at(-1), false)}\n`;
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return `${' '.repeat(Math.max(0, left))}${text}`.padEnd(width);
}

function wrap(text: string, maxWidth: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (let word of paragraph.split(' ')) {
      while (word.length > maxWidth) {
        if (line !== '') lines.push(line);
        lines.push(`${word.slice(0, maxWidth - 1)}-`);
        word = word.slice(maxWidth - 1);
        line = '';
      }
      if (line === '') line = word;
      else if (line.length + 1 + word.length <= maxWidth) line += ` ${word}`;
      else {
        lines.push(line);
        line = word;
      }
    }
    return [...lines, line];
  });
}
