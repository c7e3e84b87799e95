import { describe, expect, it } from 'vitest';
import type { CheckResult, Report } from '../../protocol/report.ts';
import { renderCsv } from './csv.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderSubmissions, renderText } from './text.ts';

const result = (check: string, more: Partial<CheckResult>): CheckResult => ({
  task: 'ports',
  check,
  role: 'check',
  title: `Check ${check}`,
  verdict: 'pass',
  support: 'real',
  evidence: `saw ${check}`,
  milliseconds: 1500,
  ...more,
});

const report: Report = {
  scenario: 'breach',
  backend: 'simulated',
  startedAt: '2026-01-02T03:04:05.000Z',
  milliseconds: 2000,
  score: { earned: 5, total: 25 },
  byC: {
    cloud: { earned: 5, total: 15 },
    cluster: { earned: 0, total: 0 },
    container: { earned: 0, total: 0 },
    code: { earned: 0, total: 10 },
  },
  tasks: [
    {
      task: 'ports',
      c: 'cloud',
      title: 'Close the ports',
      score: { earned: 5, total: 15 },
      verdict: 'fail',
      results: [
        result('a', {}),
        result('b', {
          verdict: 'fail',
          mismatch: 'port is <open> & "free"',
          hint: 'a firewall',
          evidence: 'line 1\nline 2 \u0001',
        }),
        result('c', { verdict: 'unknown', reason: 'no host' }),
        result('d', { verdict: 'unknown', support: 'unsupported', reason: 'not supported on the backend kind' }),
        result('g', { role: 'guard', support: 'modelled' }),
      ],
    },
    { task: 'secrets', c: 'code', title: 'Seal | hide', score: { earned: 0, total: 10 }, verdict: 'fail', results: [] },
  ],
};
const named = { name: 'ada', report };

describe('text', () => {
  it('has a line a check and the reasons of what did not pass', () => {
    expect(renderText(report, { colour: false })).toBe(
      [
        '✗ Close the ports  [cloud]  5/15',
        '    ✓ Check a',
        '    ✗ Check b',
        '        port is <open> & "free"',
        '        seen: line 1 ⏎ line 2 \u0001',
        '        hint: a firewall',
        '    ? Check c',
        '        could not be observed: no host',
        '        seen: saw c',
        '    ? Check d',
        '        could not be observed: not supported on the backend kind',
        '        seen: saw d',
        '    ✓ Check g (guard) (modelled)',
        '',
        '✗ Seal | hide  [code]  0/10',
        '',
        'Score 5 of 25   cloud 5/15   cluster 0/0   container 0/0   code 0/10   (2.0 s, simulated)',
        '',
      ].join('\n'),
    );
  });
});

describe('a submission that was read or ended badly', () => {
  const stumbled = { name: 'eve', report, stumbles: ['fix.sh ended with 3: line 1\n<line 2>'] };
  it.each([
    [
      'text',
      renderSubmissions([stumbled], { colour: false }),
      'eve\n! fix.sh ended with 3: line 1 ⏎ <line 2>\n✗ Close',
    ],
    ['text', renderSubmissions([{ ...named, problem: 'no fix.sh' }], { colour: false }), 'ada\n! no fix.sh\n✗ Close'],
    ['csv', renderCsv([stumbled]), '"fix.sh ended with 3: line 1\n<line 2>"\r\n'],
    ['markdown', renderMarkdown([stumbled]), '> fix.sh ended with 3: line 1 \\<line 2\\>\n'],
    ['junit', renderJunit([stumbled]), '<system-err>fix.sh ended with 3: line 1&#10;&lt;line 2&gt;</system-err>'],
    ['json', renderJson([stumbled]), '"stumbles": [\n        "fix.sh ended with 3'],
  ])('has that told in %s', (_, rendered, words) => expect(rendered).toContain(words));
});

describe('csv', () => {
  it('has a row a submission and a column a task', () => {
    expect(renderCsv([named, { name: 'b, "o"', report: { ...report, tasks: [] }, problem: 'no fix.sh' }])).toBe(
      'submission,complete,earned,total,percent,ports,secrets,problem\r\n' +
        'ada,no,5,25,20.0,5,0,\r\n' +
        '"b, ""o""",no,5,25,20.0,,,no fix.sh\r\n',
    );
  });

  it('defuses a formula', () => {
    expect(renderCsv([{ name: '=cmd()', report }])).toContain("'=cmd(),no");
  });
});

describe('junit', () => {
  it('counts and escapes', () => {
    const xml = renderJunit([named]);
    expect(xml).toContain('<testsuite name="ada.ports" tests="5" failures="1" errors="1" skipped="1" time="1.500"');
    expect(xml).toContain(
      '<failure message="port is &lt;open&gt; &amp; &quot;free&quot;">line 1&#10;line 2 &#10;hint: a firewall</failure>',
    );
    expect(xml).toContain('<error message="no host">');
    expect(xml).toContain('<skipped message="not supported on the backend kind"/>');
    expect(xml).toContain('<testcase classname="ada.ports" name="Check a" time="1.500"/>');
  });

  it('shows a submission that could not be graded', () => {
    expect(renderJunit([{ name: 'bob', report: { ...report, tasks: [] }, problem: 'empty' }])).toContain(
      '<error message="empty"/>',
    );
  });
});

describe('json', () => {
  it('names each submission and whether it is complete', () => {
    expect(
      JSON.parse(renderJson([named, { name: 'eve', report: { ...report, score: { earned: 25, total: 25 } } }])),
    ).toMatchObject({
      submissions: [
        { name: 'ada', complete: false, report: { scenario: 'breach' } },
        { name: 'eve', complete: true },
      ],
    });
  });
});

describe('markdown', () => {
  it('lists what is open and lets nothing become markup', () => {
    const text = renderMarkdown([{ name: '<b>ada</b>', report }]);
    expect(text).toContain('## \\<b\\>ada\\</b\\>: 5 of 25');
    expect(text).toContain('| ❌ | Seal \\| hide | code | 0/10 |');
    expect(text).toContain('- ❌ **Check b**: port is \\<open\\> & "free"\n  - Hint: a firewall');
    expect(text).not.toContain('Check d');
  });
});
