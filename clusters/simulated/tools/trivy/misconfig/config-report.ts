import type { Severity } from '../../../images/advisories/advisory.ts';
import { boxTable } from '../box-table.ts';
import { colour, colourOf, heading, LEGEND, reportTitle } from '../table-report.ts';
import { checkUrl, type ConfigTarget, type Misconfiguration, shortId } from './misconfiguration.ts';

/** How long rules are where there is no terminal to fill (pkg/report/table/misconfig.go). */
const RULE_WIDTH = 40;
/** Lines of a file that are shown with a finding. */
const MAX_LINES = 10;

/** The summary and each file's failures (pkg/report/table/misconfig.go). */
export function configTable(
  targets: readonly ConfigTarget[],
  severities: readonly Severity[],
  columns: number | undefined,
): string {
  const rows = targets.map(({ name, type, failures }) => [name, type, `${failures.length}`]);
  const table = boxTable({
    headers: ['Target', 'Type', 'Misconfigurations'],
    rows: rows.length === 0 ? [['-', '-', '-']] : rows,
    alignments: [rows.length === 0 ? 'center' : 'left', 'center', 'center'],
    merge: false,
    maxWidth: 80,
  });
  const failed = targets.filter(({ failures }) => failures.length > 0);
  return `\n${reportTitle(columns)}\n\n${table}${LEGEND}${failed.map((one) => configSection(one, severities, columns)).join('')}`;
}

/** A file's failures as the table's report has them. */
export function configSection(
  { name, type, text, successes, failures }: ConfigTarget,
  severities: readonly Severity[],
  columns: number | undefined,
): string {
  const counts = severities.map(
    (severity) => `${severity}: ${failures.filter(({ check }) => check.severity === severity).length}`,
  );
  const source = text.split('\n');
  return (
    heading(`${name} (${type})`, columns !== undefined) +
    `Tests: ${successes + failures.length} (SUCCESSES: ${successes}, FAILURES: ${failures.length})\n` +
    `Failures: ${failures.length} (${counts.join(', ')})\n\n` +
    failures.map((failure) => finding(failure, name, source, columns)).join('')
  );
}

function finding(
  { check, message, lines }: Misconfiguration,
  file: string,
  source: readonly string[],
  columns: number | undefined,
): string {
  const width = columns ?? RULE_WIDTH;
  const [double, single] = ['═'.repeat(width), '─'.repeat(width)];
  const severity = columns === undefined ? check.severity : colour(colourOf(check.severity), check.severity);
  const head = `${check.id} (${severity}): ${message}\n${double}\n${check.description}\n\nSee ${checkUrl(check)}\n${single}\n`;
  if (lines === undefined) return `${head}\n\n`;
  const [first, last] = lines;
  const where = first === last ? `${first}` : `${first}-${last}`;
  return `${head} ${file}:${where}\n${single}\n${excerpt(source, first, last)}${single}\n\n\n`;
}

function excerpt(source: readonly string[], first: number, last: number): string {
  const shown = Math.min(last, first + MAX_LINES - 1);
  let text = '';
  for (let line = first; line <= shown; line++) {
    const mark = first === last ? '[' : line === first ? '┌' : line === shown ? '└' : '│';
    text += ` ${`${line}`.padStart(3)} ${mark} ${source[line - 1] ?? ''}\n`;
  }
  return shown < last ? `${text} ...\n` : text;
}

export function configJson(artifact: string, targets: readonly ConfigTarget[], now: Date): string {
  const document = {
    SchemaVersion: 2,
    CreatedAt: now.toISOString(),
    ArtifactName: artifact,
    ArtifactType: 'filesystem',
    Results: targets.map(configResult),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A file's failures in trivy's JSON. */
export const configResult = ({ name, type, successes, failures }: ConfigTarget): object => ({
  Target: name,
  Class: 'config',
  Type: type,
  MisconfSummary: { Successes: successes, Failures: failures.length },
  ...(failures.length === 0 ? {} : { Misconfigurations: failures.map((one) => failureJson(one, type)) }),
});

const failureJson = ({ check, message, lines }: Misconfiguration, type: ConfigTarget['type']) => ({
  Type: type === 'kubernetes' ? 'Kubernetes Security Check' : 'Dockerfile Security Check',
  ID: shortId(check.id),
  AVDID: check.id,
  Title: check.title,
  Description: check.description,
  Message: message,
  Severity: check.severity,
  PrimaryURL: checkUrl(check),
  Status: 'FAIL',
  CauseMetadata: {
    Provider: type === 'kubernetes' ? 'Kubernetes' : 'Dockerfile',
    Service: 'general',
    ...(lines === undefined ? {} : { StartLine: lines[0], EndLine: lines[1] }),
  },
});
