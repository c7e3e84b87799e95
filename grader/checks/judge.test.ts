import { describe, expect, it } from 'vitest';
import { compileCheck, type Judge } from './judge.ts';

function judgeOf(expect: string, mismatch = 'no'): Judge {
  const compiled = compileCheck({ expect, mismatch });
  if (compiled.outcome === 'broken') throw new Error(compiled.reason);
  return compiled.judge;
}

describe('an expectation', () => {
  it('passes when it is true', () => {
    expect(judgeOf('fact.state == "open"')({ state: 'open' })).toEqual({ verdict: 'pass' });
  });

  it('compares the numbers of JSON with integers', () => {
    expect(judgeOf('fact.status in [401, 403] && fact.status > 400')({ status: 403 })).toEqual({ verdict: 'pass' });
  });

  it('fails with the values of the fact in its words', () => {
    const judge = judgeOf(
      'fact.items.size() == 0',
      'left: {{ fact.items.map(i, i.name).join(", ") }} ({{fact.items.size()}}), {{ fact.items }}',
    );
    const mismatch = 'left: a, b (2), [{"name":"a"},{"name":"b"}]';
    expect(judge({ items: [{ name: 'a' }, { name: 'b' }] })).toEqual({ verdict: 'fail', mismatch });
  });

  it('fails all the same when a value for its words is missing', () => {
    expect(judgeOf('fact.ok', 'status {{ fact.status }}')({ ok: false })).toEqual({
      verdict: 'fail',
      mismatch: 'status (nothing)',
    });
  });

  it('keeps its words short', () => {
    const judgement = judgeOf('fact.ok', '{{ fact.text }}')({ ok: false, text: 'x'.repeat(5000) });
    expect(judgement).toMatchObject({ mismatch: `${'x'.repeat(300)}…` });
  });

  it('is unknown over a fact without the field it names', () => {
    expect(judgeOf('fact.nope == 1')({})).toEqual({
      verdict: 'unknown',
      reason: 'the expectation could not be evaluated: No such key: nope',
    });
  });

  it('is unknown when it is neither true nor false', () => {
    expect(judgeOf('fact.text')({ text: 'open' })).toMatchObject({ verdict: 'unknown' });
  });

  it('reads optional fields without an error', () => {
    const judge = judgeOf('fact.items.all(p, !p.?securityContext.?privileged.orValue(false))');
    expect(judge({ items: [{}, { securityContext: {} }] })).toEqual({ verdict: 'pass' });
    expect(judge({ items: [{ securityContext: { privileged: true } }] })).toMatchObject({ verdict: 'fail' });
  });
});

it.each([
  ['expect', 'fact..x', 'no', /Expected IDENTIFIER/],
  ['expect', 'fakt.x == 1', 'no', /Unknown variable: fakt/],
  ['expect', '1 + 1', 'no', /is a int, must be true or false/],
  ['expect', 'fact.x.nope()', 'no', /nope/],
  ['mismatch', 'fact.x', 'it is {{ fact. }}', /\{\{ fact\. \}\}/],
] as const)('a typo in %s is found when the scenario is loaded: %s', (where, expectation, mismatch, reason) => {
  expect(compileCheck({ expect: expectation, mismatch })).toMatchObject({
    outcome: 'broken',
    where,
    reason: expect.stringMatching(reason) as string,
  });
});
