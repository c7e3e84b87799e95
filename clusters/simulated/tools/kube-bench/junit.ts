import { counts, documentOf, json, type ReportStyle, type TargetResult } from './report.ts';

/**
 * One target's results as JUnit's XML, which CI servers read (kube-bench, check/controls.go, `JUnit`, by ginkgo v1's
 * reporters/junit_reporter.go). What warns or informs counts as skipped; each case holds its whole result as JSON.
 */
export function junitReport(one: TargetResult, paths: ReportStyle['paths']): string {
  const sum = counts([one]);
  const total = sum.PASS + sum.FAIL + sum.WARN + sum.INFO;
  const cases = one.groups.flatMap(({ group, results }) =>
    results.map((result) => {
      const document = documentOf(result, paths);
      const { id, text } = result.check;
      return [
        `    <testcase name="${escaped(`${id} ${text}`)}" classname="${escaped(group.text)}" time="0">`,
        ...(result.state === 'FAIL' ? [`        <failure type="">${escaped(document.remediation)}</failure>`] : []),
        ...(result.state === 'WARN' || result.state === 'INFO' ? ['        <skipped></skipped>'] : []),
        `        <system-out>${escaped(json(document))}</system-out>`,
        '    </testcase>',
      ].join('\n');
    }),
  );
  const head = `<testsuite name="${escaped(one.target.text)}" tests="${total}" failures="${sum.FAIL}" errors="0" time="0">`;
  return cases.length === 0 ? `${head}</testsuite>\n` : `${[head, ...cases, '</testsuite>'].join('\n')}\n`;
}

const SIGNS: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

/** Go's encoding/xml, `EscapeText`. */
const escaped = (text: string): string => text.replaceAll(/["'&<>\t\n\r]/g, (sign) => SIGNS[sign] ?? sign);
