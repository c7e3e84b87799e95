import { describe, expect, test } from 'vitest';
import { LabError } from '../../cluster.ts';
import { dockerIsMissing, sharedDocker, whyNoDocker } from '../docker-test-engine.ts';
import { parseImageChoices } from '../images/choices.ts';
import { scriptedDocker } from '../scripted-docker.ts';
import { kindDoctor } from './kind-doctor.ts';

const ABSENT = '/nowhere/docker.sock';

const ask = (request: Partial<Parameters<typeof kindDoctor>[0]>) =>
  kindDoctor({
    socketPath: ABSENT,
    kindVersion: () => Promise.resolve('0.33.0'),
    choices: parseImageChoices({ images: [], mirrors: [] }),
    signal: AbortSignal.timeout(30_000),
    ...request,
  });

test('without Docker, that is the finding, and how to get it', async () => {
  expect(await ask({})).toEqual([
    expect.objectContaining({
      what: expect.stringContaining(ABSENT),
      remedy: expect.stringContaining('Install Docker'),
      severity: 'error',
    }),
  ]);
});

test('without kind, what looks for it says why', async () => {
  const kindVersion = () => Promise.reject(new LabError('There is no kind on this machine.', 'Install kind.'));
  expect(await ask({ kindVersion })).toContainEqual({
    what: 'There is no kind on this machine.',
    remedy: 'Install kind.',
    severity: 'error',
  });
});

test('that Docker runs without root is told, with what kind asks for', async () => {
  await using docker = await scriptedDocker({
    'GET /info': [
      200,
      { NCPU: 4, CgroupVersion: '2', SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'] },
    ],
    'GET /containers/json': [200, []],
  });
  expect(await ask({ socketPath: docker.socketPath })).toContainEqual({
    what: expect.stringContaining('runs without root'),
    remedy: expect.stringContaining('kind.sigs.k8s.io/docs/user/rootless'),
    severity: 'warning',
  });
});

describe.skipIf(dockerIsMissing)(`with Docker${whyNoDocker}`, () => {
  test('how many labs there is room for is told, and which image is still to come', async () => {
    const { socketPath, engine, image } = await sharedDocker();
    const findings = await ask({ socketPath });
    expect(findings.map(({ what }) => what)).toContainEqual(
      expect.stringMatching(/^room for about \d+ more kind labs? \(.*memory \d+/),
    );
    expect(findings.some(({ what }) => what.startsWith('the node image is not here yet: kindest/node:'))).toBe(true);
    // What the machine of this test is on decides whether the default node image would start.
    const refused = findings.filter(({ what }) => what.includes('cgroup v1')).map(({ severity }) => severity);
    expect(refused).toEqual(engine.info.cgroupVersion === '1' ? ['error'] : []);

    const own = await ask({ socketPath, choices: parseImageChoices({ images: [image], mirrors: [] }) });
    expect(own.some(({ what }) => what.startsWith('the node image is not here yet'))).toBe(false);
  }, 60_000);
});
