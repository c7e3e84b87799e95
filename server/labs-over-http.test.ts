import { afterEach, describe, expect, test } from 'vitest';
import { LabError } from '../clusters/cluster.ts';
import { type GradeEvent, LabSummary, ScenarioDetail } from '../protocol/api.ts';
import { ApiClient } from './fake/api-client.ts';
import { fakeScenario, shelfOf } from './fake/fake-scenario.ts';
import { startFakeServer } from './fake/fake-server.ts';
import type { ServeOptions } from './serve.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(options: Partial<ServeOptions> = {}) {
  const { server, backend } = await startFakeServer(options);
  open.push(server);
  return { server, backend, api: new ApiClient(server) };
}

const types = (events: readonly GradeEvent[]): string[] => events.map(({ type }) => type);

describe('scenarios', () => {
  test('are listed, and outlined without what would give the answer away', async () => {
    const { api } = await start();
    expect(await (await api.fetch('/api/scenarios')).json()).toEqual([
      { id: 'breach', title: 'A small breach', summary: 'One command fixes it.', minutes: 5, tasks: 2, points: 20 },
    ]);
    const detail: unknown = await (await api.fetch('/api/scenarios/breach')).json();
    expect(ScenarioDetail.parse(detail).tasks[0]?.text).toContain('Type `fix`');
    expect(JSON.stringify(detail)).not.toMatch(/probe|expect|mismatch|hint/);
  });

  test('that do not exist are a problem that names those that do', async () => {
    const { api } = await start();
    const init = { method: 'POST', body: '{"scenario":"none"}', headers: { 'content-type': 'application/json' } };
    for (const problem of [await api.problem('/api/scenarios/none'), await api.problem('/api/labs', init)]) {
      expect(problem).toMatchObject({
        status: 404,
        detail: 'There is no scenario none.',
        nextStep: 'Choose one of: breach.',
      });
    }
  });
});

describe('a lab', () => {
  test('starts with its steps told, becomes ready and is listed', async () => {
    const { api, backend } = await start();
    const gate = Promise.withResolvers<void>();
    backend.beforeCreate = () => gate.promise;
    const { id, status } = await api.create();
    expect(status.state).toBe('starting');
    expect((await api.lab(id)).status).toEqual({ state: 'starting', step: 'filling the memory' });
    gate.resolve();
    const ready = await api.until(id, 'ready');
    expect(ready).toMatchObject({ generation: 0, lastReport: null, scenarioDetail: { id: 'breach' } });
    expect(await (await api.fetch('/api/labs')).json()).toMatchObject([{ id, status: { state: 'ready' } }]);
  });

  test('that cannot start says why and what to do, and a reset tries again', async () => {
    const { api, backend } = await start();
    backend.beforeCreate = async () => {
      throw new LabError('There is no bwrap.', 'Install bubblewrap.');
    };
    const { id } = await api.create();
    const failed = await api.until(id, 'failed');
    expect(failed.status).toMatchObject({ problem: { detail: 'There is no bwrap.', nextStep: 'Install bubblewrap.' } });
    backend.beforeCreate = async () => {};
    await api.fetch(`/api/labs/${id}/reset`, { method: 'POST' });
    expect((await api.until(id, 'ready')).generation).toBe(1);
  });

  test('keeps the words of an unforeseen error from the learner', async () => {
    const { api, backend } = await start();
    backend.beforeCreate = async () => {
      throw new Error('at /secret/place');
    };
    const failed = await api.until((await api.create()).id, 'failed');
    expect(JSON.stringify(failed.status)).not.toContain('secret');
  });

  test('that is deleted while it starts is given up', async () => {
    const { api, backend } = await start();
    let aborted = false;
    backend.beforeCreate = ({ signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(signal.reason as Error);
        }),
      );
    const { id } = await api.create();
    expect((await api.fetch(`/api/labs/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(aborted).toBe(true);
    expect((await api.problem(`/api/labs/${id}`)).status).toBe(404);
  });

  test('is disposed of when it is deleted and when the server ends', async () => {
    const { api, backend, server } = await start();
    const [one, two] = [await api.ready(), await api.ready()];
    await api.fetch(`/api/labs/${one.id}`, { method: 'DELETE' });
    expect(backend.labs.get(one.id)?.disposed).toBe(true);
    expect(backend.labs.get(two.id)?.disposed).toBe(false);
    await server.dispose();
    expect(backend.labs.get(two.id)?.disposed).toBe(true);
  });

  test('cannot be reset while it is being reset, and tells a failed reset', async () => {
    const { api, backend } = await start();
    const { id } = await api.ready();
    const gate = Promise.withResolvers<void>();
    const lab = backend.labs.get(id);
    if (lab === undefined) throw new TypeError('no lab');
    lab.beforeReset = () => gate.promise;
    const reset = () => api.fetch(`/api/labs/${id}/reset`, { method: 'POST' });
    expect(LabSummary.parse(await (await reset()).json())).toMatchObject({
      generation: 1,
      status: { state: 'resetting' },
    });
    expect(await (await reset()).json()).toMatchObject({ status: 409, nextStep: 'Wait until it is ready.' });
    gate.reject(new LabError('The disk is full.', 'Free some.'));
    expect((await api.until(id, 'failed')).status).toMatchObject({ problem: { detail: 'The disk is full.' } });
    lab.beforeReset = async () => {};
    await reset();
    await api.until(id, 'ready');
  });

  test('past the limit is refused with what to do', async () => {
    const { api } = await start({ maxLabs: 1 });
    await api.create();
    const init = { method: 'POST', body: '{"scenario":"breach"}', headers: { 'content-type': 'application/json' } };
    expect(await api.problem('/api/labs', init)).toMatchObject({
      status: 429,
      nextStep: expect.stringContaining('Delete one'),
    });
  });

  test('gives out a kubeconfig once it is ready', async () => {
    const { api } = await start();
    const { id } = await api.ready();
    const response = await api.fetch(`/api/labs/${id}/kubeconfig`);
    expect(response.headers.get('content-type')).toContain('application/yaml');
    expect(await response.text()).toContain('server: https://127.0.0.1:1');
  });

  test.each([
    ['no JSON', 'POST', '/api/labs', '{', 400],
    ['no scenario', 'POST', '/api/labs', '{}', 400],
    ['an unknown backend', 'POST', '/api/labs', '{"scenario":"breach","backend":"kind"}', 404],
    ['a bad id', 'GET', '/api/labs/NOT-AN-ID', undefined, 400],
    ['an unknown path', 'GET', '/api/nothing', undefined, 404],
    ['too long a body', 'POST', '/api/labs', `{"scenario":"${'x'.repeat(20_000)}"}`, 400],
  ])('request with %s is answered as a problem', async (_name, method, path, body, status) => {
    const { api } = await start();
    const response = await api.fetch(path, {
      method,
      body: body ?? null,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ status, nextStep: expect.any(String) });
  });
});

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
