import { describe, expect, test } from 'vitest';
import { LabError } from '../clusters/cluster.ts';
import { LabSummary, ScenarioDetail } from '../protocol/api.ts';
import { testServers } from './fake/test-servers.ts';

const { start } = testServers();

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
    ['an id that no lab can have', 'GET', '/api/labs/NOT-AN-ID', undefined, 404],
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
