import { dockerIsMissing, whyNoDocker } from '../../clusters/kind/docker-test-engine.ts';
import { startContainerLab } from '../../clusters/kind/lab-fixture.ts';
import { hostContract } from './host-contract.ts';

/** Beside the simulated hosts' file, for it runs at the same time. */
hostContract({
  title: 'a container as a host',
  start: startContainerLab,
  ...(dockerIsMissing ? { skipped: whyNoDocker } : {}),
});
