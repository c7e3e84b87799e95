import { afterAll } from 'vitest';
import { dockerIsMissing, whyNoDocker } from '../../clusters/kind/docker-test-engine.ts';
import { FakeBackend } from '../../server/fake/fake-backend.ts';
import { standInBackend } from '../stand-in-kind/stand-in-backend.ts';
import { backendContract } from './backend-contract.ts';

/** Beside the other backends' file, for it runs at the same time. */
const subject = dockerIsMissing ? undefined : await standInBackend('contract');
afterAll(() => subject?.[Symbol.asyncDispose]());

backendContract({
  title: 'the kind backend, over Docker and a stand-in for kind',
  backend: subject?.backend ?? new FakeBackend(),
  isWhole: true,
  ...(dockerIsMissing ? { skipped: whyNoDocker } : {}),
  size: { line: 'stty size', shown: (cols, rows) => new RegExp(`${rows} ${cols}`) },
  remains: async () => subject?.remains() ?? 0,
  // A lab takes seconds, not tenths of one.
  giveUpEvery: 3,
  patience: { lab: 240_000, test: 480_000 },
});
