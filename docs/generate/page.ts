/** A page of docs/ that is made from the code. */
export interface GeneratedPage {
  /** In docs/. */
  readonly name: string;
  /** Markdown, for the checkout in that folder. The same checkout gives the same text. */
  readonly text: (project: string) => Promise<string>;
}

/** The first lines of a generated page. */
export const heading = (title: string, from: string): string =>
  `# ${title}\n\n<!-- Made by \`npm run docs\` from ${from}. A test proves that it is current. -->\n`;

/** A cell of a Markdown table. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A Markdown table. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |\n`;
  return line(header) + line(header.map(() => '---')) + rows.map(line).join('');
}

/** Names in code type, with commas. */
export const listed = (names: Iterable<string>): string => [...names].map((name) => `\`${name}\``).join(', ') || 'none';
