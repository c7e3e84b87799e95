import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckResult, TaskResult } from '../protocol/report.ts';
import { Report } from '../protocol/report.ts';
import { FakeApiServer, FakeLab } from './fake-lab.ts';
import { fakeScenario, fileCheck } from './fake-scenario.ts';
import { grade } from './grade.ts';

const { signal } = new AbortController();
let api: FakeApiServer;
beforeAll(async () => {
  api = await FakeApiServer.start();
});
afterAll(() => api[Symbol.asyncDispose]());

function labWith(files: Record<string, string>): FakeLab {
  const entries = Object.entries(files).map(([path, content]) => [path, { content, mode: 0o644 }]);
  return new FakeLab(api, {
    hosts: { workstation: { files: Object.fromEntries(entries) as Record<string, { content: string; mode: number }> } },
  });
}

const task = (id: string, checks: object[], guards: object[], more: object = {}): object => ({
  id,
  c: 'code',
  title: id,
  points: 10,
  competencies: ['x'],
  checks,
  guards,
  ...more,
});
const guard = fileCheck('up', '/up', 'yes');

describe('scores', () => {
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [task('one', [fileCheck('a', '/a', '1'), fileCheck('b', '/b', '1'), fileCheck('c', '/c', '1')], [guard])],
  });

  it.each([
    ['all of it', { '/a': '1', '/b': '1', '/c': '1', '/up': 'yes' }, 10, 'pass'],
    ['the share of checks that pass, rounded down', { '/a': '1', '/b': '1', '/up': 'yes' }, 6, 'fail'],
    ['nothing when a guard fails', { '/a': '1', '/b': '1', '/c': '1', '/up': 'no' }, 0, 'fail'],
  ])('give %s', async (_, files, earned, verdict) => {
    const report = await grade({ scenario, lab: labWith(files), signal });
    expect(Report.parse(report)).toEqual(report);
    expect(report.score).toEqual({ earned, total: 10 });
    expect(report.byC).toMatchObject({ code: { earned, total: 10 }, cloud: { earned: 0, total: 0 } });
    expect(report.tasks[0]).toMatchObject({ verdict, score: { earned, total: 10 } });
  });
});

it('says what differs, with the hint, for what fails and only for that', async () => {
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [task('one', [fileCheck('a', '/a', '1', { hint: 'look' })], [guard])],
  });
  const report = await grade({ scenario, lab: labWith({ '/a': '2', '/up': 'yes' }), signal });
  const [check, held] = report.tasks[0]?.results ?? [];
  expect(check).toMatchObject({
    role: 'check',
    verdict: 'fail',
    mismatch: '2',
    hint: 'look',
    evidence: 'workstation:/a (mode 644)\n2',
  });
  expect(held).toMatchObject({ role: 'guard', verdict: 'pass' });
  expect(held).not.toHaveProperty('mismatch');
});

it('takes what cannot be observed for unknown, and goes on with the rest', async () => {
  const unreachable = {
    id: 'b',
    title: 'b',
    probe: { kind: 'file', host: 'bastion', path: '/b' },
    expect: 'true',
    mismatch: 'no',
  };
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [task('one', [fileCheck('a', '/a', '1'), unreachable], [guard])],
  });
  const report = await grade({ scenario, lab: labWith({ '/a': '1', '/up': 'yes' }), signal });
  expect(report.tasks[0]).toMatchObject({
    verdict: 'unknown',
    score: { earned: 5, total: 10 },
    results: [
      { verdict: 'pass' },
      { verdict: 'unknown', reason: 'the lab has no host bastion. Choose another.' },
      { verdict: 'pass' },
    ],
  });
});

it('counts what the backend does not support neither way', async () => {
  const off = { support: { simulated: 'unsupported' } };
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [
      task(
        'half',
        [fileCheck('a', '/a', '1'), fileCheck('b', '/b', '1', off)],
        [guard, fileCheck('g', '/g', '1', off)],
      ),
      task('none', [fileCheck('c', '/c', '1', off)], [guard]),
    ],
  });
  const report = await grade({ scenario, lab: labWith({ '/a': '1', '/up': 'yes' }), signal });
  expect(report.score).toEqual({ earned: 10, total: 10 });
  expect(report.tasks[0]).toMatchObject({ verdict: 'pass' });
  expect(report.tasks[0]?.results[1]).toMatchObject({
    verdict: 'unknown',
    reason: 'not supported on the backend simulated',
  });
  expect(report.tasks[1]).toMatchObject({ verdict: 'unknown', score: { earned: 0, total: 0 } });
});

function countingLab(answer: (tries: number) => string): { lab: FakeLab; tries: () => number } {
  let tries = 0;
  const exec = async () => ({ exitCode: 0, stdout: answer((tries += 1)) });
  return { lab: new FakeLab(api, { hosts: { workstation: { exec } } }), tries: () => tries };
}
const command = (id: string, expectation: string, within = 0): object => ({
  id,
  title: id,
  probe: { kind: 'command', host: 'workstation', argv: ['x'] },
  expect: expectation,
  mismatch: 'saw {{ fact.stdout }}',
  within,
});

describe('a check of several probes', () => {
  const other = (path: string) => ({ kind: 'file', host: 'workstation', path });
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [
      task('one', [fileCheck('a', '/a', '1', { also: [other('/b'), { ...other('/c'), host: 'bastion' }] })], [guard]),
    ],
  });
  const labOf = (b: string, c?: string) => {
    const file = (content: string) => ({ content, mode: 0o644 });
    const workstation = { files: { '/up': file('yes'), '/a': file('1'), '/b': file(b) } };
    return new FakeLab(api, {
      hosts: { workstation, ...(c === undefined ? {} : { bastion: { files: { '/c': file(c) } } }) },
    });
  };

  it.each([
    ['passes when each fact does', labOf.bind(undefined, '1', '1'), { verdict: 'pass' }],
    ['fails with the first that fails', labOf.bind(undefined, '2', '3'), { verdict: 'fail', mismatch: '2' }],
    ['is unknown when one cannot be observed', labOf.bind(undefined, '1'), { verdict: 'unknown' }],
    ['fails rather than being unknown', labOf.bind(undefined, '2'), { verdict: 'fail' }],
  ])('%s', async (_, lab, expected) => {
    const report = await grade({ scenario, lab: lab(), signal });
    expect(report.tasks[0]?.results[0]).toMatchObject(expected);
  });
});

it('observes identical probes once', async () => {
  const { lab, tries } = countingLab(() => 'yes');
  const checks = [command('a', 'fact.stdout == "yes"'), command('b', 'fact.stdout != "no"')];
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [task('one', checks, [command('c', 'fact.exitCode == 0')])],
  });
  await grade({ scenario, lab, signal });
  expect(tries()).toBe(1);
});

it('tries again until the world has settled', async () => {
  const { lab, tries } = countingLab((n) => (n < 3 ? 'not yet' : 'yes'));
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [task('one', [command('a', 'fact.stdout == "yes"', 20)], [command('g', 'true')])],
  });
  const soFar: CheckResult[] = [];
  const report = await grade({ scenario, lab, signal, onSoFar: (result) => soFar.push(result) });
  expect(report.score.earned).toBe(10);
  expect(tries()).toBe(3);
  expect(soFar).toMatchObject([{ check: 'a', verdict: 'fail', mismatch: 'saw not yet' }]);
});

it('reports the last observation when time is over', async () => {
  const { lab } = countingLab((n) => `try ${n}`);
  let clock = 0;
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [task('one', [command('a', 'false', 1)], [command('g', 'true')])],
  });
  const report = await grade({ scenario, lab, signal, now: () => (clock += 200) });
  expect(report.tasks[0]?.results[0]).toMatchObject({
    verdict: 'fail',
    mismatch: expect.stringMatching(/^saw try [2-9]/) as string,
  });
});

describe('some tasks alone', () => {
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [task('one', [fileCheck('a', '/a', '1')], [guard]), task('two', [fileCheck('b', '/b', '1')], [guard])],
  });

  it('are graded without the others, and each result is told at once', async () => {
    const [results, tasks]: [CheckResult[], TaskResult[]] = [[], []];
    const report = await grade({
      scenario,
      lab: labWith({ '/b': '1', '/up': 'yes' }),
      signal,
      tasks: ['two'],
      onResult: (result) => results.push(result),
      onTask: (result) => tasks.push(result),
    });
    expect(report.tasks.map(({ task }) => task)).toEqual(['two']);
    expect(results.map(({ check }) => check).sort()).toEqual(['b', 'up']);
    expect(tasks).toEqual(report.tasks);
  });

  it('are refused when there is none of a name', async () => {
    await expect(grade({ scenario, lab: labWith({}), signal, tasks: ['three'] })).rejects.toThrow(
      'the scenario x has no task "three"',
    );
  });
});

it('stops with the reason of its signal', async () => {
  const { lab } = countingLab(() => 'no');
  const scenario = fakeScenario({
    id: 'x',
    title: 'x',
    summary: 'x',
    tasks: [task('one', [command('a', 'false', 30)], [command('g', 'true')])],
  });
  const stop = new AbortController();
  const grading = grade({ scenario, lab, signal: stop.signal, onResult: () => stop.abort(new Error('enough')) });
  await expect(grading).rejects.toThrow(/enough|abort/);
});
