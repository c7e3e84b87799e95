import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Backend } from '../clusters/cluster.ts';
import { labIdFrom } from '../protocol/ids.ts';
import { FakeApiServer, FakeLab } from './fake-lab.ts';
import { fakeScenario, fileCheck } from './fake-scenario.ts';
import type { ProofSubmission } from './scenario/load.ts';
import { verifyScenario } from './verify.ts';

const { signal } = new AbortController();
let api: FakeApiServer;
let directory: string;
beforeAll(async () => {
  api = await FakeApiServer.start();
  directory = await mkdtemp(join(tmpdir(), 'verify-'));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

type Files = Record<string, { content: string; mode: number }>;
const file = (content: string): Files[string] => ({ content, mode: 0o644 });

/** Labs whose state is the workstation's files; `mend` says what a reset restores of them. */
class FileBackend implements Backend {
  readonly name = 'simulated';
  made = 0;
  disposed = 0;
  readonly #mend: (files: Files) => void;
  constructor(mend: (files: Files) => void) {
    this.#mend = mend;
  }

  async create(): Promise<FakeLab> {
    this.made += 1;
    const files: Files = { '/up': file('yes') };
    return new FakeLab(api, {
      hosts: { workstation: { files, exec: async () => ({ exitCode: 0 }) } },
      onReset: () => this.#mend(files),
      onDispose: () => (this.disposed += 1),
    });
  }
  async handOver(lab: FakeLab): Promise<FakeLab> {
    return lab;
  }
  async adopt(): Promise<readonly FakeLab[]> {
    return [];
  }
  async doctor(): Promise<readonly []> {
    return [];
  }
}

const mend = (files: Files): void => {
  delete files['/a'];
  delete files['/b'];
  files['/up'] = file('yes');
};

async function submission(
  name: string,
  files: Record<string, string>,
  misses: readonly string[] = [],
): Promise<ProofSubmission> {
  const folder = join(directory, name.replaceAll('/', '-'), crypto.randomUUID());
  await mkdir(join(folder, 'hosts/workstation'), { recursive: true });
  for (const [path, content] of Object.entries(files))
    await writeFile(join(folder, 'hosts/workstation', path), content);
  const role = name === 'solution' ? 'solution' : name.startsWith('wrong') ? 'wrong' : 'also-right';
  return { role, name, directory: folder, misses };
}

const scenario = (
  submissions: readonly ProofSubmission[],
  checks = [fileCheck('a', '/a', '1'), fileCheck('b', '/b', '1')],
) =>
  fakeScenario(
    {
      id: 'x',
      title: 'x',
      summary: 'x',
      hosts: ['workstation'],
      tasks: [
        {
          id: 't',
          c: 'code',
          title: 't',
          points: 10,
          competencies: ['x'],
          checks,
          guards: [fileCheck('up', '/up', 'yes')],
        },
      ],
    },
    submissions,
  );

async function verify(submissions: readonly ProofSubmission[], backend = new FileBackend(mend), checks?: object[]) {
  let next = 0;
  const newLabId = () => labIdFrom(new Uint8Array(10).fill((next += 1)));
  const result = await verifyScenario({ scenario: scenario(submissions, checks), backend, newLabId, signal });
  expect(backend.disposed).toBe(backend.made);
  return Object.fromEntries(result.steps.map(({ name, ok, detail }) => [name, ok || detail]));
}

it('is content with a scenario that holds all it promises', async () => {
  const steps = await verify([
    await submission('solution', { a: '1', b: '1' }),
    await submission('also-right/c', { a: '1', b: '1', c: '1' }),
    await submission('wrong/half', { a: '1' }, ['t/b']),
    await submission('wrong/breaks', { a: '1', b: '1', up: 'no' }, ['t/up']),
  ]);
  expect(steps).toEqual({
    untouched: true,
    reset: true,
    solution: true,
    'also-right/c': true,
    'wrong/half': true,
    'wrong/breaks': true,
  });
});

it('finds a solution that misses something', async () => {
  const steps = await verify([await submission('solution', { a: '1' })]);
  expect(steps['solution']).toMatch('t/b: fail, must pass. absent');
});

it('finds a wrong fix that passes, and one that misses more than it names', async () => {
  const steps = await verify([
    await submission('solution', { a: '1', b: '1' }),
    await submission('wrong/passes', { a: '1', b: '1' }, ['t/b']),
    await submission('wrong/more', { c: '1' }, ['t/b']),
  ]);
  expect(steps['wrong/passes']).toMatch('t/b: passes, must not.');
  expect(steps['wrong/more']).toMatch('t/a: fail, must pass. absent');
});

it('finds a check that passes untouched', async () => {
  const steps = await verify([await submission('solution', { a: '1' })], new FileBackend(mend), [
    fileCheck('a', '/a', '1'),
    fileCheck('b', '/up', 'yes'),
  ]);
  expect(steps['untouched']).toMatch('t/b: pass, a check of an untouched lab fails.');
});

it('finds a reset that leaves something', async () => {
  const forgetful = new FileBackend((files) => delete files['/a']);
  const steps = await verify([await submission('solution', { a: '1', b: '1' })], forgetful);
  expect(steps).toMatchObject({ untouched: true, solution: true, reset: expect.stringMatching('t/b: pass') as string });
});

it('tells of a lab that cannot be made, step by step', async () => {
  const broken = new FileBackend(mend);
  broken.create = () => Promise.reject(new Error('no room'));
  const steps = await verify([await submission('solution', { a: '1', b: '1' })], broken);
  expect(steps).toEqual({ untouched: 'no room', solution: 'no room' });
});
