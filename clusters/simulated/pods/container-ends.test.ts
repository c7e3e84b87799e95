import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import { busybox, LONG, TestCluster } from './test-cluster.ts';

describe.skipIf(impossible)(`how containers end${whyNot}`, () => {
  let lab: TestCluster;
  beforeAll(async () => {
    lab = await TestCluster.start();
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  const endOf = async (name: string, container: object): Promise<unknown> => {
    await lab.run(name, { restartPolicy: 'Never', containers: [container] });
    await expect.poll(() => lab.state(name)?.state?.terminated, LONG).toBeDefined();
    const { exitCode, message } = lab.state(name)?.state?.terminated ?? {};
    return { exitCode, message };
  };

  it.each([
    ['in its file', 'file', 'echo why > /dev/termination-log; exit 7', {}, { exitCode: 7, message: 'why\n' }],
    [
      'in a file of its choice, as an ordinary user',
      'own',
      'echo why > /tmp/why; exit 0',
      { terminationMessagePath: '/tmp/why', securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true } },
      { exitCode: 0, message: 'why\n' },
    ],
    [
      'by its log when it failed and asks for that',
      'log',
      'echo first; echo last >&2; exit 3',
      { terminationMessagePolicy: 'FallbackToLogsOnError' },
      { exitCode: 3, message: 'first\nlast\n' },
    ],
    [
      'not by its log when it did not fail',
      'well',
      'echo first; cat /dev/null; exit 0',
      { terminationMessagePolicy: 'FallbackToLogsOnError' },
      { exitCode: 0, message: undefined },
    ],
  ])('is told by them %s', async (_, name, script, more, end) => {
    expect(await endOf(name, { ...busybox('sh', '-c', script), ...more })).toEqual(end);
  });

  it('is told by the log of a modelled server that does not start', async () => {
    const container = { name: 'c', image: 'postgres:16', terminationMessagePolicy: 'FallbackToLogsOnError' };
    expect(await endOf('modelled', container)).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('superuser password is not specified'),
    });
  });
});
