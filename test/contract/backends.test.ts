import { simulatedBackend } from '../../clusters/simulated/backend.ts';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { FakeBackend } from '../../server/fake/fake-backend.ts';
import { backendContract } from './backend-contract.ts';

backendContract({
  title: 'the simulated backend',
  backend: simulatedBackend({ programs: {}, log: (line) => process.stderr.write(`${line}\n`) }),
  isWhole: true,
  ...(impossible ? { skipped: whyNot } : {}),
  size: { line: 'stty size', shown: (cols, rows) => new RegExp(`${rows} ${cols}`) },
});

backendContract({
  title: "the server tests' fake",
  backend: new FakeBackend(),
  isWhole: false,
  size: { line: 'size', shown: (cols, rows) => new RegExp(`${cols} columns ${rows} rows`) },
});
