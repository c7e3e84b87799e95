import { simulatedBackend } from '../../clusters/simulated/backend.ts';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { descendants } from '../../clusters/simulated/hosts/processes.ts';
import { FakeBackend } from '../../server/fake/fake-backend.ts';
import { backendContract } from './backend-contract.ts';

/** The labs of this process: each one's process 1 is gone only after everything else of it, and what runs in a lab comes and goes. */
function labs(): Promise<number> {
  const all = descendants(process.pid);
  const parents = all.filter(({ command }) => command === 'breachlab-labs').map(({ pid }) => pid);
  return Promise.resolve(all.filter(({ parent }) => parents.includes(parent)).length);
}

backendContract({
  title: 'the simulated backend',
  backend: simulatedBackend({ programs: {}, log: (line) => process.stderr.write(`${line}\n`) }),
  isWhole: true,
  remains: labs,
  ...(impossible ? { skipped: whyNot } : {}),
  size: { line: 'stty size', shown: (cols, rows) => new RegExp(`${rows} ${cols}`) },
});

backendContract({
  title: "the server tests' fake",
  backend: new FakeBackend(),
  isWhole: false,
  size: { line: 'size', shown: (cols, rows) => new RegExp(`${cols} columns ${rows} rows`) },
});
