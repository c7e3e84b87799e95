import { startServer } from '../server/main.ts';
import { silentLog } from '../server/log.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine } from '../clusters/kind/docker/engine.ts';
import { dockerNameOf } from '../clusters/kind/docker/ownership.ts';
import { containerHost } from '../clusters/kind/hosts/container-host.ts';
import { loadScenario } from '../grader/scenario/load.ts';
import { LabId } from '../protocol/ids.ts';
import { benchApi } from './api.ts';
import { type BenchSetup, createLab } from './bench-setup.ts';
import { benchBoot } from './boot.ts';
import { benchDockerTerminal } from './docker-terminal.ts';
import { benchFuzz } from './fuzz.ts';
import { benchBatch, benchGrade } from './grade.ts';
import { benchLabCrowd } from './lab-crowd.ts';
import { benchLabMemory } from './lab-memory.ts';
import { benchLabStart } from './lab-start.ts';
import type { KindAlone } from './kind-alone.ts';
import type { BenchRow } from './row.ts';
import { benchTerminal } from './terminal.ts';

export type { BenchRow } from './row.ts';

type Bench = (setup: BenchSetup) => AsyncIterable<BenchRow>;

/** Seconds a phase, and connections, of the API bench. */
const API_LOAD = { seconds: 3, connections: 16 } as const;

async function* api(setup: BenchSetup): AsyncGenerator<BenchRow> {
  await using lab = await createLab(setup, await loadScenario(setup.scenarioDirectory, 'blank'));
  const { server, certificateAuthority, credential } = await lab.kubeAccess('admin');
  if (credential.kind !== 'certificate') throw new Error('the bench needs a certificate');
  const target = {
    port: Number(new URL(server).port),
    certificateAuthority,
    certificate: credential.certificate,
    key: credential.key,
  };
  for (const row of await benchApi(target, API_LOAD)) yield { ...row };
}

async function* terminal({
  kindAlone,
  backend,
  scenarioDirectory,
  webDirectory,
  random,
  now,
  signal,
}: BenchSetup): AsyncGenerator<BenchRow> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'breachlab-bench-'));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const server = cleanUp.use(
    await startServer({
      host: '127.0.0.1',
      port: 0,
      backends: new Map([[backend.name, backend]]),
      scenarioDirectory,
      webDirectory,
      dataDirectory,
      clock: { now },
      random,
      log: silentLog,
    }),
  );
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  const ask = async (
    method: string,
    path: string,
    body?: string,
  ): Promise<{ id: string; status: { state: string } }> => {
    const response = await fetch(`${server.origin}${path}`, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    return (await response.json()) as { id: string; status: { state: string } };
  };
  let lab = await ask('POST', '/api/labs', JSON.stringify({ scenario: 'breach' }));
  while (lab.status.state === 'starting') lab = await ask('GET', `/api/labs/${lab.id}`);
  if (lab.status.state !== 'ready') throw new Error(`the lab is ${lab.status.state}`);
  yield* benchTerminal({ origin: server.origin, token: server.token, lab: lab.id, signal });
  if (kindAlone !== undefined) yield* besideDocker(kindAlone, LabId.parse(lab.id), signal);
}

/** On kind: the workstation's terminal without the server, beside what Docker does by itself. */
async function* besideDocker({ socketPath }: KindAlone, lab: LabId, signal: AbortSignal): AsyncGenerator<BenchRow> {
  const engine = await connectEngine({ socketPath }, signal);
  const containerId = `${dockerNameOf(lab)}-workstation`; // Docker takes a name as well
  yield* benchDockerTerminal({
    engine,
    containerId,
    host: containerHost({ engine, containerId, name: 'workstation' }),
    signal,
  });
}

/** Malformed requests; few enough that the bench ends within minutes on a busy machine. */
const FUZZ_REQUESTS = 100_000;

export const BENCHES = {
  'lab-start': benchLabStart,
  'lab-memory': benchLabMemory,
  'lab-crowd': benchLabCrowd,
  boot: benchBoot,
  api,
  fuzz: () => benchFuzz(FUZZ_REQUESTS),
  grade: benchGrade,
  batch: benchBatch,
  terminal,
} as const satisfies Record<string, Bench>;

export type BenchName = keyof typeof BENCHES;
