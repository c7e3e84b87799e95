import type { Severity } from '../../../images/advisories/advisory.ts';
import { colour, colourOf, heading } from '../table-report.ts';
import type { FoundSecret } from './find-secrets.ts';

/** A file with what it gives away. */
export interface SecretTarget {
  readonly name: string;
  readonly secrets: readonly FoundSecret[];
}

/** How long rules are where there is no terminal to fill (pkg/report/table/secret.go). */
const RULE_WIDTH = 40;

/** A file's secrets as the table's report has them. `columns`: of the terminal; undefined for a file or a pipe. */
export function secretSection(
  { name, secrets }: SecretTarget,
  severities: readonly Severity[],
  columns: number | undefined,
): string {
  const counts = severities.map(
    (severity) => `${severity}: ${secrets.filter(({ rule }) => rule.severity === severity).length}`,
  );
  const head = `Total: ${secrets.length} (${counts.join(', ')})\n\n`;
  const width = columns ?? RULE_WIDTH;
  const [double, single] = [`${'═'.repeat(width)}\n`, `${'─'.repeat(width)}\n`];
  const findings = secrets.map(({ rule, line, code }) => {
    const severity = columns === undefined ? rule.severity : colour(colourOf(rule.severity), rule.severity);
    const shown = code.map(
      ([number, content]) => `${`${number}`.padStart(4)} ${number === line ? '[' : ' '} ${content}\n`,
    );
    return `${severity}: ${rule.category} (${rule.id})\n${double}${rule.title}\n${single} ${name}:${line}\n${single}${shown.join('')}${single}\n\n`;
  });
  return heading(`${name} (secrets)`, columns !== undefined) + head + findings.join('');
}

/** The same in trivy's JSON (pkg/types/secret.go). */
export const secretResult = ({ name, secrets }: SecretTarget): object => ({
  Target: name,
  Class: 'secret',
  Secrets: secrets.map(({ rule, line, code }) => ({
    RuleID: rule.id,
    Category: rule.category,
    Severity: rule.severity,
    Title: rule.title,
    StartLine: line,
    EndLine: line,
    Code: {
      Lines: code.map(([number, content]) => ({ Number: number, Content: content, IsCause: number === line })),
    },
    Match: code.find(([number]) => number === line)?.[1] ?? '',
  })),
});
