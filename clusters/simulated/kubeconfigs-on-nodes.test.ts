import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import { createPki } from './kubernetes/pki/pki.ts';

const SCHEDULER = '/etc/kubernetes/scheduler.conf';
const MANAGER = '/etc/kubernetes/controller-manager.conf';
const KUBELET = '/etc/kubernetes/kubelet.conf';
const PEM = '/var/lib/kubelet/pki/kubelet-client-current.pem';

/** A certificate of nobody's cluster, for whoever it says it is. */
const FOREIGN =
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /tmp/key -out /tmp/crt -subj "/O=system:nodes/CN=system:node:node01" 2>/dev/null';

describe.skipIf(impossible)(`kubeconfigs of a lab's nodes${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => {
    lab = await labOnHosts(['controlplane', 'node01']);
    await lab.sh('controlplane', 'cp -r /etc/kubernetes /root/kubernetes');
    await lab.sh('node01', `cp ${KUBELET} ${PEM} /root`);
  }, 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const pod = (path: string): Promise<Pod | undefined> => lab.get<Pod>(`/api/v1/namespaces/${path}`);
  /** Damages a file on the controlplane and starts a component anew. */
  async function restarted(component: string, damage: string): Promise<void> {
    const manifest = `/etc/kubernetes/manifests/${component}.yaml`;
    const former = await lab.sh('controlplane', `crictl ps -q --name ${component}`);
    await lab.sh('controlplane', `${damage}; sed -i "s/tier: .*/tier: t$(date +%s%N)/" ${manifest}`);
    const runs = async (): Promise<string> =>
      (await lab.sh('controlplane', `crictl ps -a -q --name ${component}`)).split('\n')[0] ?? '';
    await lab.eventually(runs, former === '' ? /./ : new RegExp(`^(?!${former})`));
  }
  const logOf = (component: string): Promise<string> =>
    lab.sh('controlplane', `crictl logs $(crictl ps -a -q --name ${component} | head -1) 2>&1`);

  test.each([
    ['garbage', `echo garbage > ${SCHEDULER}`, /run\.go:72\] "command failed" err="error loading config file/],
    ['nothing at all', `rm ${SCHEDULER}`, /err="invalid configuration: no configuration has been provided/],
    [
      'a flag that names no file',
      'sed -i s/authentication-kubeconfig=.*/authentication-kubeconfig=nowhere/ /etc/kubernetes/manifests/kube-scheduler.yaml',
      /err="failed to get delegated authentication kubeconfig: failed to get delegated authentication kubeconfig: stat nowhere: no such file/,
    ],
  ])('a scheduler ends for %s, and says why', async (_, damage, why) => {
    await restarted('kube-scheduler', damage);
    expect(await lab.eventually(() => logOf('kube-scheduler'), why)).toMatch(why);
    const state = async (): Promise<string> =>
      (await pod('kube-system/pods/kube-scheduler-controlplane'))?.status.containerStatuses?.[0]?.state?.waiting
        ?.reason ?? '';
    expect(await lab.eventually(state, /./)).toBe('CrashLoopBackOff');
    await lab.sh('controlplane', 'cp -r /root/kubernetes/. /etc/kubernetes');
  });

  test('a scheduler that looks elsewhere runs, is not ready and places nothing until it is told better', async () => {
    await restarted('kube-scheduler', `sed s/6443/6553/ /root/kubernetes/scheduler.conf > ${SCHEDULER}`);
    const refused =
      /reflector\.go:205\] "Failed to watch" err="failed to list \*v1\.Node: Get \\"https:\/\/10\.10\.0\.10:6553\/api\/v1\/nodes\?limit=500&resourceVersion=0\\": dial tcp 10\.10\.0\.10:6553: connect: connection refused"/;
    expect(await lab.eventually(() => logOf('kube-scheduler'), refused)).toMatch(refused);
    const ready = async (): Promise<string> =>
      String((await pod('kube-system/pods/kube-scheduler-controlplane'))?.status.containerStatuses?.[0]?.ready);
    expect(await lab.eventually(ready, /false/)).toBe('false');
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'waits' },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    };
    await lab.ask({ method: 'POST', path: '/api/v1/namespaces/default/pods', body });
    expect((await pod('default/pods/waits'))?.spec.nodeName).toBeUndefined();
    await restarted('kube-scheduler', `cp /root/kubernetes/scheduler.conf ${SCHEDULER}`);
    const placed = async (): Promise<string> => (await pod('default/pods/waits'))?.spec.nodeName ?? '';
    expect(await lab.eventually(placed, /./)).toMatch(/^(node01|controlplane)$/);
    expect(await lab.eventually(ready, /true/)).toBe('true');
  });

  test.each([
    [
      'somebody else',
      `cp /root/kubernetes/kubelet.conf ${MANAGER}`,
      /invalid configuration: \[unable to read client-cert/,
    ],
    [
      'somebody without the right',
      `cp /root/kubernetes/scheduler.conf ${MANAGER}`,
      /failed to list \*v1\.Secret: secrets is forbidden: User \\"system:kube-scheduler\\" cannot list resource \\"secrets\\"/,
    ],
    [
      'nobody whom the cluster knows',
      `${FOREIGN}; sed -E "s/(client-certificate-data: ).*/\\1$(base64 -w0 /tmp/crt)/; s/(client-key-data: ).*/\\1$(base64 -w0 /tmp/key)/" /root/kubernetes/controller-manager.conf > ${MANAGER}`,
      /error retrieving resource lock kube-system\/kube-controller-manager: Unauthorized/,
    ],
    [
      'one who trusts another authority',
      `${FOREIGN}; sed -E "s/(certificate-authority-data: ).*/\\1$(base64 -w0 /tmp/crt)/" /root/kubernetes/controller-manager.conf > ${MANAGER}`,
      /tls: failed to verify certificate: x509: certificate signed by unknown authority/,
    ],
  ])('a controller manager that is %s starts nothing, and says why', async (_, damage, why) => {
    await restarted('kube-controller-manager', damage);
    expect(await lab.eventually(() => logOf('kube-controller-manager'), why)).toMatch(why);
    expect(await logOf('kube-controller-manager')).not.toContain('Started controller');
  });

  const journal = (): Promise<string> => lab.sh('node01', 'journalctl -u kubelet --no-pager -n 12');
  const restart = (damage: string): Promise<string> => lab.sh('node01', `${damage}; systemctl restart kubelet`);

  test.each([
    [
      'garbage',
      `echo garbage > ${KUBELET}`,
      `unable to read existing bootstrap client config from ${KUBELET}: error loading`,
    ],
    ['nothing at all', `rm ${KUBELET}`, ''],
    ['a folder', `rm ${KUBELET}; mkdir ${KUBELET}`, `read ${KUBELET}: is a directory`],
    ['no certificate', `cp /root/kubelet.conf ${KUBELET}; rm ${PEM}`, `open ${PEM}: no such file or directory`],
  ])('a kubelet with %s for a kubeconfig looks for one to bootstrap with, and ends', async (_, damage, why) => {
    await restart(damage);
    const failed =
      /run\.go:72\] "command failed" err="failed to run Kubelet: unable to load bootstrap kubeconfig: stat \/etc\/kubernetes\/bootstrap-kubelet\.conf: no such file or directory"/;
    const said = await lab.eventually(journal, failed);
    expect(said).toMatch(failed);
    expect(said).toContain(why);
    expect(await lab.sh('node01', 'systemctl is-active kubelet')).toContain('activating');
    await lab.sh(
      'node01',
      `rm -rf ${KUBELET}; cp /root/kubelet.conf ${KUBELET}; cp /root/kubelet-client-current.pem ${PEM}`,
    );
  });

  test('a kubelet’s certificate that has expired is as good as none', async () => {
    const { certificate, key } = createPki({
      now: Date.parse('2020-01-01T00:00:00Z'),
      controlPlane: { name: 'controlplane', addresses: [] },
      server: '',
      serviceAddress: '10.96.0.1',
    }).clientCertificate({ commonName: 'system:node:node01', organizations: ['system:nodes'] });
    await (await lab.lab.host('node01')).writeFile(PEM, Buffer.from(certificate + key), { mode: 0o600 });
    await restart('true');
    const told = `part of the existing bootstrap client certificate in ${KUBELET} is expired: 2020-12-31 00:00:00 +0000 UTC`;
    expect(await lab.eventually(journal, /is expired/)).toContain(told);
    await lab.sh('node01', `cp /root/kubelet-client-current.pem ${PEM}`);
  });

  test('a kubelet that the cluster does not let in runs, and starts no pod until it does', async () => {
    await restart(`${FOREIGN}; cat /tmp/crt /tmp/key > ${PEM}`);
    const refused =
      /kubelet_node_status\.go:107\] "Unable to register node with API server" err="Unauthorized" node="node01"/;
    expect(await lab.eventually(journal, refused)).toMatch(refused);
    expect(await journal()).toMatch(
      /controller\.go:145\] "Failed to ensure lease exists, will retry" err="Unauthorized" interval="\d+m?s"/,
    );
    const spec = { nodeName: 'node01', containers: [{ name: 'c', image: 'nginx' }] };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bound' }, spec };
    await lab.ask({ method: 'POST', path: '/api/v1/namespaces/default/pods', body });
    expect((await pod('default/pods/bound'))?.status.phase).toBe('Pending');
    await restart(`cp /root/kubelet-client-current.pem ${PEM}`);
    const phase = async (): Promise<string> => (await pod('default/pods/bound'))?.status.phase ?? '';
    expect(await lab.eventually(phase, /Running/)).toBe('Running');
  });

  test('a kubelet without a kubeconfig stands alone', async () => {
    const dropIn = '/etc/systemd/system/kubelet.service.d/20-alone.conf';
    const write = `mkdir -p ${dropIn.replace(/\/[^/]*$/, '')}; printf '[Service]\\nEnvironment=KUBELET_KUBECONFIG_ARGS=\\n' > ${dropIn}`;
    await restart(`${write}; systemctl daemon-reload`);
    expect(await lab.eventually(journal, /Standalone/)).toContain('"Standalone mode, no API client"');
  });
});
