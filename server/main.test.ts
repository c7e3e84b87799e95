import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ScenarioDetail, ScenarioSummary } from '../protocol/api.ts';
import { ApiClient } from './fake/api-client.ts';
import { FakeBackend } from './fake/fake-backend.ts';
import { type Log, silentLog } from './log.ts';
import { startServer, type StartServerOptions } from './main.ts';

const SCENARIOS = join(import.meta.dirname, '..', 'scenarios');

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(log: Log = silentLog) {
  const parent = await mkdtemp(join(tmpdir(), 'breachlab-main-'));
  open.push({ [Symbol.asyncDispose]: () => rm(parent, { recursive: true }) });
  const dataDirectory = join(parent, 'made', 'when-missing');
  const backend = new FakeBackend();
  const options: StartServerOptions = {
    host: '127.0.0.1',
    port: 0,
    backends: new Map([[backend.name, backend]]),
    scenarioDirectory: SCENARIOS,
    webDirectory: '/nonexistent',
    dataDirectory,
    clock: Date,
    random: (bytes: number) => randomBytes(bytes),
    log,
  };
  const server = await startServer(options);
  open.push(server);
  return { server, options, dataDirectory, api: new ApiClient(server) };
}

test('serves the scenarios of the directory, none of them broken', async () => {
  const warnings: unknown[] = [];
  const { api } = await start({ ...silentLog, warn: (message, fields) => warnings.push([message, fields]) });
  const scenarios = ScenarioSummary.array().parse(await (await api.fetch('/api/scenarios')).json());
  expect(warnings).toEqual([]);
  expect(scenarios.map(({ id }) => id)).toEqual(expect.arrayContaining(['blank', 'breach']));
  for (const { id } of scenarios) {
    const detail = ScenarioDetail.parse(await (await api.fetch(`/api/scenarios/${id}`)).json());
    expect(detail.tasks.every(({ text }) => text !== '')).toBe(true);
  }
});

test('judges with the grader: what this lab does not simulate is unknown, never a pass', async () => {
  const { api } = await start();
  const { id, scenarioDetail } = await api.ready();
  const [task] = scenarioDetail.tasks;
  if (task === undefined) throw new TypeError('a breach without tasks');
  const events = await api.check(id, `?task=${task.id}`);
  expect(events.filter(({ type }) => type === 'check')).toHaveLength(task.checks.length + task.guards.length);
  expect(events.at(-1)).toMatchObject({ type: 'report', report: { score: { earned: 0 }, tasks: [{ task: task.id }] } });
});

test('keeps its data where only its owner can read it, and for one server at a time', async () => {
  const { options, dataDirectory } = await start();
  expect((await stat(dataDirectory)).mode & 0o777).toBe(0o700);
  await expect(startServer(options)).rejects.toThrow('Another server uses the database');
});
