import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from './fake/api-client.ts';
import { FakeBackend } from './fake/fake-backend.ts';
import { startFakeServer } from './fake/fake-server.ts';
import { openSqliteLabStore } from './store/sqlite-lab-store.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function databasePath(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'breachlab-store-'));
  open.push({ [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) });
  return join(directory, 'breachlab.sqlite');
}

test('a taken port is told with what to do', async () => {
  const { server } = await startFakeServer();
  open.push(server);
  await expect(startFakeServer({ port: server.port })).rejects.toMatchObject({
    name: 'LabError',
    message: `Port ${server.port} of 127.0.0.1 is taken.`,
    nextStep: expect.stringContaining('--port'),
  });
});

test('a server may be disposed of twice', async () => {
  const { server } = await startFakeServer();
  await Promise.all([server.dispose(), server.dispose()]);
  await expect(fetch(server.origin)).rejects.toThrow('fetch failed');
});

test('shutting down ends terminals and requests under way', async () => {
  const { server } = await startFakeServer();
  const api = new ApiClient(server);
  const { id } = await api.ready();
  const terminal = await api.terminal(id);
  await terminal.sees('$ ');
  await server.dispose();
  await terminal.closed;
  expect(terminal.frames).toMatchObject([{ type: 'error', retry: true }]);
});

/** A server that dies: its labs and its database are as they were, and the lock on the database is gone. */
async function crashed(path: string, backend: FakeBackend) {
  const store = openSqliteLabStore(path);
  const forgetful = { ...store, deleteLab: async () => {} };
  const { server } = await startFakeServer({ store: forgetful, backends: new Map([['simulated', backend]]) });
  const api = new ApiClient(server);
  const lab = await api.ready();
  await api.check(lab.id);
  return { server, lab };
}

test('a server takes over the labs of one that died, with their last report', async () => {
  const path = await databasePath();
  const backend = new FakeBackend();
  const { server: dead, lab } = await crashed(path, backend);
  await dead.dispose();
  const running = backend.labs.get(lab.id);
  if (running === undefined) throw new TypeError('no lab');
  running.disposed = false;

  const { server } = await startFakeServer({
    store: openSqliteLabStore(path),
    backends: new Map([['simulated', backend]]),
  });
  open.push(server);
  expect(await new ApiClient(server).lab(lab.id)).toMatchObject({
    createdAt: lab.createdAt,
    status: { state: 'ready' },
    lastReport: { score: { earned: 0, total: 20 } },
  });
});

test('a lab that did not survive is listed as failed with what to do, and a reset makes it afresh', async () => {
  const path = await databasePath();
  const { server: dead, lab } = await crashed(path, new FakeBackend());
  await dead.dispose();

  const { server } = await startFakeServer({ store: openSqliteLabStore(path) });
  open.push(server);
  const api = new ApiClient(server);
  expect((await api.lab(lab.id)).status).toMatchObject({
    state: 'failed',
    problem: { detail: expect.stringContaining('did not survive'), nextStep: expect.stringContaining('Reset') },
  });
  await api.fetch(`/api/labs/${lab.id}/reset`, { method: 'POST' });
  expect((await api.until(lab.id, 'ready')).generation).toBe(1);
});
