import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import { busybox, LONG, TestCluster } from './test-cluster.ts';

const write = (path: string): string => `dd if=/dev/zero of=${path} bs=1M count=5; sleep 1000`;

describe.skipIf(impossible)(`what pods write${whyNot}`, () => {
  let lab: TestCluster;
  beforeAll(async () => {
    lab = await TestCluster.start();
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  it('ends where a volume in memory is full', async () => {
    const container = { ...busybox('sleep', '1000'), volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    const volumes = [{ name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '2Mi' } }];
    await lab.run('memory', { containers: [container], volumes });
    await lab.ready('memory');
    expect(await lab.exec('memory', 'dd if=/dev/zero of=/data/file bs=1M count=5')).toContain(
      'No space left on device',
    );
    expect(await lab.exec('memory', 'wc -c < /data/file')).toBe(String(2 * 2 ** 20));
  });

  it('has them evicted where it is more than they may, to a volume or to their root', async () => {
    const container = {
      ...busybox('sh', '-c', write('/data/file')),
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    const volumes = [{ name: 'data', emptyDir: { sizeLimit: '2Mi' } }];
    await lab.run('volume', { containers: [container], volumes });
    const resources = { limits: { 'ephemeral-storage': '2Mi' } };
    await lab.run('root', { containers: [{ ...busybox('sh', '-c', write('/tmp/file')), resources }] });
    await expect
      .poll(() => lab.get('volume')?.status, LONG)
      .toMatchObject({
        phase: 'Failed',
        reason: 'Evicted',
        message: 'Usage of EmptyDir volume "data" exceeds the limit "2Mi". ',
      });
    await expect.poll(() => lab.get('root')?.status, LONG).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(lab.events('root')).toContain(
      'Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ',
    );
    expect(lab.state('volume')?.restartCount).toBe(0);
  }, 40_000);
});
