import type { Severity } from '../../images/advisories/advisory.ts';
import type { Vulnerability } from '../../images/advisories/vulnerabilities.ts';
import { boxTable } from './box-table.ts';
import type { ScanReport, ScanTarget } from './scan.ts';

const COLOURS: Readonly<Record<Severity, number>> = { UNKNOWN: 36, LOW: 34, MEDIUM: 33, HIGH: 91, CRITICAL: 31 };
/** Titles end after so many words (pkg/report/table/vulnerability.go). */
const TITLE_WORDS = 12;
const MAX_CELL = 60;
/** No narrower, however narrow the terminal: a column of single words helps nobody. */
const MIN_TITLE = 24;

/**
 * The summary and a table for each target that has findings (pkg/report/table/summary.go, vulnerability.go). `columns` is the terminal's width;
 * undefined when it goes to a file or a pipe, where there are no colours and titles are underlined with signs.
 */
export function tableReport(
  { targets }: ScanReport,
  severities: readonly Severity[],
  columns: number | undefined,
  scansSecrets: boolean,
): string {
  const found = targets.filter(({ vulnerabilities }) => vulnerabilities.length > 0);
  return summary(targets, columns, scansSecrets) + found.map((target) => section(target, severities, columns)).join('');
}

function summary(targets: readonly ScanTarget[], columns: number | undefined, scansSecrets: boolean): string {
  const secrets = scansSecrets ? ['-'] : [];
  const rows = targets.map(({ name, type, vulnerabilities }) => [name, type, `${vulnerabilities.length}`, ...secrets]);
  const table = boxTable({
    headers: ['Target', 'Type', 'Vulnerabilities', ...(scansSecrets ? ['Secrets'] : [])],
    rows: rows.length === 0 ? [['-', '-', '-', ...secrets]] : rows,
    alignments: [rows.length === 0 ? 'center' : 'left', 'center', 'center', 'center'],
    merge: false,
    maxWidth: 80,
    ...(columns === undefined
      ? {}
      : { paint: (cell: string, column: number) => (column === 2 && cell !== '0' ? colour(91, cell) : cell) }),
  });
  return `\n${reportTitle(columns)}\n\n${table}${LEGEND}`;
}

function section(target: ScanTarget, severities: readonly Severity[], columns: number | undefined): string {
  const { vulnerabilities } = target;
  const counts = severities.map(
    (severity) => `${severity}: ${vulnerabilities.filter(({ advisory }) => advisory.severity === severity).length}`,
  );
  const rows = vulnerabilities.map(rowOf);
  const headers = ['Library', 'Vulnerability', 'Severity', 'Status', 'Installed Version', 'Fixed Version', 'Title'];
  const table = boxTable({
    headers,
    rows,
    merge: true,
    maxWidth: columns === undefined ? MAX_CELL : titleWidth(headers, rows, columns),
    ...(columns === undefined ? {} : { paint }),
  });
  const name = target.class === 'lang-pkgs' ? `${target.name} (${target.type})` : target.name;
  return `${heading(name, columns !== undefined)}Total: ${vulnerabilities.length} (${counts.join(', ')})\n\n${table}`;
}

/** What stands above a summary, and below it. */
export const reportTitle = (columns: number | undefined): string =>
  columns === undefined ? 'Report Summary' : '\u001b[4;1mReport Summary\u001b[0m';
export const LEGEND = "Legend:\n- '-': Not scanned\n- '0': Clean (no security findings detected)\n\n";

/** A target's name, underlined. */
export const heading = (name: string, onTerminal: boolean): string =>
  onTerminal ? `\n\u001b[4;1m${name}\u001b[0m\n\n` : `\n${name}\n${'='.repeat(name.length)}\n`;

export const colour = (code: number, text: string): string => `\u001b[${code}m${text}\u001b[0m`;

export const colourOf = (severity: Severity): number => COLOURS[severity];

function rowOf({ package: installed, advisory }: Vulnerability): readonly string[] {
  const words = advisory.title.split(' ');
  const title = words.length >= TITLE_WORDS ? `${words.slice(0, TITLE_WORDS).join(' ')}...` : advisory.title;
  return [
    installed.name,
    advisory.id,
    advisory.severity,
    advisory.unfixed ?? 'fixed',
    installed.version,
    advisory.fixed.join(', '),
    `${title}\n${primaryUrl(advisory.id)}`,
  ];
}

export const primaryUrl = (id: string): string => `https://avd.aquasec.com/nvd/${id.toLowerCase()}`;

function titleWidth(headers: readonly string[], rows: readonly (readonly string[])[], columns: number): number {
  const others = headers
    .slice(0, -1)
    .reduce((sum, header, i) => sum + 3 + Math.max(header.length, ...rows.map((row) => row[i]?.length ?? 0)), 0);
  return Math.min(MAX_CELL, Math.max(MIN_TITLE, columns - others - 4));
}

const paint = (cell: string, column: number): string =>
  column === 2 && Object.hasOwn(COLOURS, cell)
    ? colour(COLOURS[cell as Severity], cell)
    : cell.startsWith('https://')
      ? colour(34, cell)
      : cell;
