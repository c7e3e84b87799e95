import { impossible, startTestLab, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { hostContract } from './host-contract.ts';

hostContract({
  title: 'a simulated host',
  start: startTestLab,
  ...(impossible ? { skipped: whyNot } : {}),
});
