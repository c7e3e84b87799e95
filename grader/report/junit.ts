import type { CheckResult, TaskResult } from '../../protocol/report.ts';
import type { NamedReport } from './submission-report.ts';

/**
 * JUnit XML as CI systems read it (github.com/testmoapp/junitxml): a suite a task of a submission, a case a check or guard. A failed
 * check is a `failure`, an unknown one an `error`, an unsupported one `skipped`.
 */
export function renderJunit(reports: readonly NamedReport[]): string {
  const suites = reports.flatMap(({ name, report, problem, stumbles = [] }) => [
    ...report.tasks.map((task) => suite(name, report.startedAt, task)),
    ...(problem === undefined ? [] : [problemSuite(name, problem)]),
    ...(stumbles.length === 0 ? [] : [stumbleSuite(name, stumbles)]),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="breachlab">\n${suites.join('')}</testsuites>\n`;
}

function suite(submission: string, startedAt: string, task: TaskResult): string {
  const count = (verdict: string): number =>
    task.results.filter((result) => result.verdict === verdict && result.support !== 'unsupported').length;
  const skipped = task.results.filter(({ support }) => support === 'unsupported').length;
  const seconds = Math.max(0, ...task.results.map(({ milliseconds }) => milliseconds)) / 1000;
  const attributes = [
    `name="${xml(`${submission}.${task.task}`)}"`,
    `tests="${task.results.length}"`,
    `failures="${count('fail')}"`,
    `errors="${count('unknown')}"`,
    `skipped="${skipped}"`,
    `time="${seconds.toFixed(3)}"`,
    `timestamp="${xml(startedAt)}"`,
  ];
  const cases = task.results.map((result) => testCase(`${submission}.${task.task}`, result));
  return `  <testsuite ${attributes.join(' ')}>\n${cases.join('')}  </testsuite>\n`;
}

function testCase(classname: string, result: CheckResult): string {
  const open = `    <testcase classname="${xml(classname)}" name="${xml(result.title)}" time="${(result.milliseconds / 1000).toFixed(3)}"`;
  const said = [result.evidence, result.hint === undefined ? '' : `hint: ${result.hint}`]
    .filter((part) => part !== '')
    .join('\n');
  if (result.support === 'unsupported') return `${open}><skipped message="${xml(result.reason ?? '')}"/></testcase>\n`;
  if (result.verdict === 'fail')
    return `${open}><failure message="${xml(result.mismatch ?? '')}">${xml(said)}</failure></testcase>\n`;
  if (result.verdict === 'unknown')
    return `${open}><error message="${xml(result.reason ?? '')}">${xml(said)}</error></testcase>\n`;
  return `${open}/>\n`;
}

function problemSuite(submission: string, problem: string): string {
  return (
    `  <testsuite name="${xml(submission)}" tests="1" failures="0" errors="1" skipped="0">\n` +
    `    <testcase classname="${xml(submission)}" name="submission"><error message="${xml(problem)}"/></testcase>\n  </testsuite>\n`
  );
}

/** No case fails for it: what was done until then has been graded. */
function stumbleSuite(submission: string, stumbles: readonly string[]): string {
  return (
    `  <testsuite name="${xml(`${submission}.submission`)}" tests="0" failures="0" errors="0" skipped="0">\n` +
    `    <system-err>${xml(stumbles.join('\n'))}</system-err>\n  </testsuite>\n`
  );
}

/** XML 1.0 has no way at all to write most control characters. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNWRITABLE = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

function xml(text: string): string {
  return text.replaceAll(UNWRITABLE, '').replaceAll(/[&<>"\n]/g, (c) => ENTITIES[c] ?? c);
}
