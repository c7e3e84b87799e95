import { describe, expect, test } from 'vitest';
import type { GradeEvent } from '../protocol/api.ts';
import { fakeScenario, shelfOf } from './fake/fake-scenario.ts';
import { testServers } from './fake/test-servers.ts';
import { openSqliteLabStore } from './store/sqlite-lab-store.ts';

const { start } = testServers();
const types = (events: readonly GradeEvent[]): string[] => events.map(({ type }) => type);

describe('a check', () => {
  test('streams results, tasks and the report, which the lab then remembers', async () => {
    const { api } = await start();
    const { id } = await api.ready();
    const events = await api.check(id);
    expect(types(events)).toEqual(['started', 'check', 'check', 'task', 'check', 'check', 'task', 'report']);
    expect(events[0]).toEqual({ type: 'started', checks: 4 });
    expect((await api.lab(id)).lastReport?.score).toEqual({ earned: 0, total: 20 });
  });

  test('of one task leaves the results of the others in the lab’s report', async () => {
    const { api } = await start();
    const { id } = await api.ready();
    await api.check(id);
    const terminal = await api.terminal(id);
    terminal.type('fix\recho fixed\r');
    await terminal.sees('fixed\r\n$ ');
    const events = await api.check(id, '?task=doors');
    expect(events.at(-1)).toMatchObject({ type: 'report', report: { score: { earned: 10, total: 10 } } });
    const { lastReport } = await api.lab(id);
    expect(lastReport?.score).toEqual({ earned: 10, total: 20 });
    expect(lastReport?.tasks.map(({ task, verdict }) => [task, verdict])).toEqual([
      ['walls', 'fail'],
      ['doors', 'pass'],
    ]);
  });

  test('of one task looks again at those that have points', async () => {
    const { api } = await start();
    const { id } = await api.ready();
    const terminal = await api.terminal(id);
    terminal.type('fix\recho fixed\r');
    await terminal.sees('fixed\r\n$ ');
    await api.check(id, '?task=walls');
    const events = await api.check(id, '?task=doors');
    expect(types(events)).toEqual(['started', 'check', 'check', 'task', 'check', 'check', 'task', 'report']);
    expect(events.at(-1)).toMatchObject({ type: 'report', report: { tasks: [{ task: 'doors' }] } });
    expect((await api.lab(id)).lastReport?.score).toEqual({ earned: 20, total: 20 });
  });

  test('is told and remembered also while the disk is full', async () => {
    const store = openSqliteLabStore(':memory:');
    const saveReport = () => Promise.reject(new Error('database or disk is full'));
    const { api } = await start({ store: { ...store, saveReport } });
    const { id } = await api.ready();
    expect(types(await api.check(id)).at(-1)).toBe('report');
    expect((await api.lab(id)).lastReport?.score).toEqual({ earned: 0, total: 20 });
  });

  test('arrives line by line while later probes still run', async () => {
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    let next = 0;
    const { api } = await start({ shelf: shelfOf(fakeScenario(() => gates[next++]?.promise ?? Promise.resolve())) });
    const { id } = await api.ready();
    const response = await api.fetch(`/api/labs/${id}/checks`, { method: 'POST' });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('"started"');
    gates[0]?.resolve();
    expect((await reader?.read())?.value).toContain('"check"');
    expect((await api.problem(`/api/labs/${id}/checks`, { method: 'POST' })).status).toBe(409);
    await reader?.cancel();
  });

  test('is given up when the client goes, and the next one can start', async () => {
    const abandoned = Promise.withResolvers<void>();
    let first = true;
    const { api } = await start({
      shelf: shelfOf(
        fakeScenario(async (signal) => {
          if (!first) return;
          first = false;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          abandoned.resolve();
        }),
      ),
    });
    const { id } = await api.ready();
    const leave = new AbortController();
    await api.fetch(`/api/labs/${id}/checks`, { method: 'POST', signal: leave.signal });
    leave.abort();
    await abandoned.promise;
    expect(types(await api.check(id)).at(-1)).toBe('report');
  });

  test('ends with a problem when the lab is reset meanwhile, and the report of the old lab is gone', async () => {
    let stuck = false;
    const { api } = await start({
      shelf: shelfOf(
        fakeScenario(async (signal) => {
          if (stuck) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        }),
      ),
    });
    const { id } = await api.ready();
    await api.check(id);
    stuck = true;
    const response = await api.fetch(`/api/labs/${id}/checks`, { method: 'POST' });
    await api.fetch(`/api/labs/${id}/reset`, { method: 'POST' });
    const last = (await response.text()).trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({
      type: 'problem',
      problem: { detail: 'The lab was reset while it was being checked.', nextStep: 'Check it again.' },
    });
    expect((await api.until(id, 'ready')).lastReport).toBeNull();
  });

  test.each([
    ['of an unknown task', '?task=nothing', 404],
    ['of a lab that is not ready', '', 409],
  ])('%s is refused', async (_name, query, status) => {
    const { api, backend } = await start();
    if (status === 409) backend.beforeCreate = () => new Promise(() => {});
    const { id } = status === 409 ? await api.create() : await api.ready();
    expect((await api.problem(`/api/labs/${id}/checks${query}`, { method: 'POST' })).status).toBe(status);
  });
});
