import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ScenarioDetail, ScenarioSummary } from '../protocol/api.ts';
import { ApiClient } from './fake/api-client.ts';
import { FakeBackend } from './fake/fake-backend.ts';
import { silentLog } from './log.ts';
import { startServer, type StartServerOptions } from './main.ts';

const SCENARIOS = join(import.meta.dirname, '..', 'scenarios');

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'breachlab-main-'));
  open.push({ [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) });
  return directory;
}

async function start(changes: Partial<StartServerOptions> = {}) {
  const dataDirectory = join(await temporary(), 'made', 'when-missing');
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
    log: silentLog,
    ...changes,
  };
  const server = await startServer(options);
  open.push(server);
  return { server, options, dataDirectory, api: new ApiClient(server) };
}

test('serves the scenarios of the directory, none of them broken', async () => {
  const warnings: unknown[] = [];
  const { api } = await start({
    log: { ...silentLog, warn: (message, fields) => warnings.push([message, fields]) },
  });
  const scenarios = ScenarioSummary.array().parse(await (await api.fetch('/api/scenarios')).json());
  expect(warnings).toEqual([]);
  expect(scenarios.map(({ id }) => id)).toEqual(expect.arrayContaining(['blank', 'breach']));
  for (const { id } of scenarios) {
    const detail = ScenarioDetail.parse(await (await api.fetch(`/api/scenarios/${id}`)).json());
    expect(detail.tasks.every(({ text }) => text !== '')).toBe(true);
  }
});

const TINY = `
id: tiny
title: Tiny
summary: One file is missing.
hosts: [workstation]
tasks:
  - id: walls
    c: cloud
    title: Walls
    points: 10
    competencies: [system.network-exposure]
    checks:
      - id: fixed
        title: The wall is mended
        probe: { kind: file, host: workstation, path: /fixed }
        expect: fact.exists
        mismatch: There is no /fixed.
    guards:
      - id: intact
        title: Nothing is broken
        probe: { kind: file, host: workstation, path: /broken }
        expect: '!fact.exists'
        mismatch: There is a /broken.
`;

test('judges with the grader what the learner did in the terminal', async () => {
  const scenarioDirectory = await temporary();
  const folder = join(scenarioDirectory, 'tiny');
  await mkdir(join(folder, 'tasks'), { recursive: true });
  await mkdir(join(folder, 'solution'));
  await writeFile(join(folder, 'scenario.yaml'), TINY);
  await writeFile(join(folder, 'tasks', 'walls.md'), 'Mend the wall.');
  await writeFile(join(folder, 'solution', 'fix.sh'), 'touch /fixed');
  const { api } = await start({ scenarioDirectory });
  const { id } = await api.until((await api.create('tiny')).id, 'ready');

  expect((await api.check(id)).at(-1)).toMatchObject({ type: 'report', report: { score: { earned: 0, total: 10 } } });
  const terminal = await api.terminal(id);
  terminal.type('fix\recho mended\r');
  await terminal.sees('\r\nmended');
  expect((await api.check(id)).at(-1)).toMatchObject({ type: 'report', report: { score: { earned: 10, total: 10 } } });
});

test('keeps its data where only its owner can read it, and for one server at a time', async () => {
  const { options, dataDirectory } = await start();
  expect((await stat(dataDirectory)).mode & 0o777).toBe(0o700);
  await expect(startServer(options)).rejects.toThrow('Another server uses the database');
});
