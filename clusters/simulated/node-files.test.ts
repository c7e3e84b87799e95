import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'clock' },
  spec: {
    nodeName: 'node01',
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'echo tick; echo oops >&2; sleep 1000'] }],
  },
};
const PODS = '/api/v1/namespaces/default/pods';

describe.skipIf(impossible)(`the files of a node${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['controlplane', 'node01'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  it('describe the network that its pods have', async () => {
    const config = await lab.sh('node01', 'cat /etc/cni/net.d/10-*.conflist');
    expect(JSON.parse(config)).toMatchObject({
      plugins: [
        { type: 'ptp', ipam: { ranges: [[{ subnet: '10.244.1.0/24' }]] } },
        { type: 'firewall' },
        { type: 'portmap' },
      ],
    });
    const plugin = await lab.sh('node01', `/opt/cni/bin/$(grep -o 'ptp' /etc/cni/net.d/10-lab.conflist)`);
    expect(plugin).toMatch(/^not simulated: the CNI plugin ptp/);
  });

  it("hold etcd's database, readable by root alone", async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'plain' },
      stringData: { password: 'hunter2' },
    };
    await lab.ask({ path: '/api/v1/namespaces/default/secrets', method: 'POST', body: secret });
    const search = () => lab.sh('controlplane', 'grep -c hunter2 /var/lib/etcd/member/snap/db');
    expect(await lab.eventually(search, /^[1-9]/)).toMatch(/^[1-9]/);
    expect(await lab.sh('controlplane', 'stat -c %a /var/lib/etcd/member/snap /var/lib/etcd/member/snap/db')).toBe(
      '700\n600',
    );
  });

  it("hold the logs of its pods in the runtime's format, as long as there are pods", async () => {
    await lab.ask({ path: PODS, method: 'POST', body: POD });
    const read = () => lab.sh('node01', 'cat /var/log/pods/default_clock_*/c/0.log');
    const written = await lab.eventually(read, /tick[^]*oops|oops[^]*tick/);
    expect(written).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z stdout F tick$/m);
    expect(written).toMatch(/Z stderr F oops$/m);
    expect(await lab.sh('node01', 'cat /var/log/containers/clock_default_c-*.log')).toBe(written);
    expect(await lab.sh('node01', 'stat -c %a /var/log/pods/default_clock_*/c/0.log')).toBe('640');
    expect(await lab.sh('controlplane', 'ls /var/log/pods | grep -c default_clock')).toMatch(/^0/);
    await lab.ask({ path: `${PODS}/clock`, method: 'DELETE' });
    const left = () => lab.sh('node01', 'ls /var/log/pods /var/log/containers | grep clock');
    expect(await lab.eventually(left, /^\[status 1\]$/)).toBe('[status 1]');
  });
});
