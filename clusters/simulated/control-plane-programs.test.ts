import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { staticPods } from './kubernetes/bootstrap/static-pods.ts';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const MANIFESTS = '/etc/kubernetes/manifests';
const ADDRESS = '10.10.0.10';
const PLACED = /^(?:controlplane|node01)$/;

describe.skipIf(impossible)(`the programs of a lab's control plane${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['controlplane'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const sh = (line: string): Promise<string> => lab.sh('controlplane', line);
  const logOf = (name: string): Promise<string> => sh(`crictl logs $(crictl ps -a --name ${name} -q | head -1) 2>&1`);
  const stateOf = async (name: string): Promise<string> => {
    const pod = await lab.get<Pod>(`/api/v1/namespaces/kube-system/pods/${name}-controlplane`);
    const [status] = pod?.status.containerStatuses ?? [];
    return `${status?.state?.waiting?.reason ?? 'Running'} ${status?.ready}`;
  };
  const edit = (name: string, sed: string): Promise<string> =>
    sh(`cp ${MANIFESTS}/${name}.yaml /root/; sed -i '${sed}' ${MANIFESTS}/${name}.yaml`);
  /** Puts the manifest of before back, and waits until its pod is well. */
  async function undo(name: string): Promise<void> {
    await sh(`cp /root/${name}.yaml ${MANIFESTS}/`);
    expect(await lab.eventually(() => stateOf(name), /true/)).toBe('Running true');
  }
  const ask = (where: string): Promise<string> => sh(`curl -sk --max-time 5 https://${where} || echo "status $?"`);

  test.each([
    ['kube-scheduler', 's/--leader-elect=true/--leader-elects/', /Error: unknown flag: --leader-elects/],
    [
      'kube-controller-manager',
      's/--controllers=.*/--controllers=nope/',
      /"command failed" err="\\"nope\\" is not in the list of known controllers"/,
    ],
    [
      'kube-controller-manager',
      's#--root-ca-file=.*#--root-ca-file=/none#',
      /"Error initializing a controller" err="error parsing root-ca-file at \/none: open \/none: no such file or directory"/,
    ],
  ])('%s with %s ends, says why, and comes back', async (name, sed, words) => {
    await edit(name, sed);
    expect(await lab.eventually(() => logOf(name), words)).toMatch(words);
    expect(await lab.eventually(() => stateOf(name), /CrashLoopBackOff/)).toBe('CrashLoopBackOff false');
    await undo(name);
  });

  test('the scheduler and the controller manager serve their node, and others once they are told to', async () => {
    expect(await ask('127.0.0.1:10259/readyz')).toBe('ok');
    expect(await ask('127.0.0.1:10257/healthz')).toBe('ok');
    expect(await ask('127.0.0.1:10259/metrics')).toContain(
      String.raw`forbidden: User \"system:anonymous\" cannot get path`,
    );
    const admin =
      '--cert /etc/kubernetes/pki/apiserver-kubelet-client.crt --key /etc/kubernetes/pki/apiserver-kubelet-client.key';
    expect(await sh(`curl -sk ${admin} https://127.0.0.1:10257/metrics`)).toContain(
      'leader_election_master_status{name="kube-controller-manager"} 1',
    );
    expect(await sh('ss -Hltnp sport = :10257')).toContain('users:(("kube-controller"');
    expect(await ask(`${ADDRESS}:10259/healthz`)).toContain('status 7');
    await edit('kube-scheduler', 's/--bind-address=.*/--bind-address=0.0.0.0/');
    expect(await lab.eventually(() => ask(`${ADDRESS}:10259/healthz`), /^ok/)).toBe('ok');
    await undo('kube-scheduler');
  });

  test('two of them cannot have one port', async () => {
    await edit('kube-scheduler', 's/--leader-elect=true/--secure-port=10257/');
    const words =
      /"command failed" err="failed to create listener: failed to listen on 127.0.0.1:10257: listen tcp 127.0.0.1:10257: bind: address already in use"/;
    expect(await lab.eventually(() => logOf('kube-scheduler'), words)).toMatch(words);
    await undo('kube-scheduler');
  });

  test('a scheduler places the pods that ask for a profile of its configuration, and no others', async () => {
    const profile = 'batch';
    const file = '/etc/kubernetes/scheduler-config.yaml';
    const client = 'clientConnection: {kubeconfig: /etc/kubernetes/scheduler.conf}';
    const config = `apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n${client}\nprofiles: [{schedulerName: ${profile}}]\n`;
    const manifest = structuredClone(staticPods('controlplane', ADDRESS)['kube-scheduler.yaml']) as Pod;
    const [container] = manifest.spec.containers ?? [];
    container?.command?.push(`--config=${file}`);
    container?.volumeMounts?.push({ name: 'config', mountPath: file });
    manifest.spec.volumes?.push({ name: 'config', hostPath: { path: file, type: 'File' } });
    await sh(`cp ${MANIFESTS}/kube-scheduler.yaml /root/`);
    const host = await lab.lab.host('controlplane');
    await host.writeFile(file, Buffer.from(config), { mode: 0o600 });
    await host.writeFile(`${MANIFESTS}/kube-scheduler.yaml`, Buffer.from(JSON.stringify(manifest)), { mode: 0o600 });
    expect(await lab.eventually(() => sh('ps -C kube-scheduler -o args='), /--config=/)).toContain(`--config=${file}`);
    const tolerations = [{ operator: 'Exists' }];
    const pod = (name: string, schedulerName: string) =>
      lab.ask({
        method: 'POST',
        path: '/api/v1/namespaces/default/pods',
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name },
          spec: { schedulerName, tolerations, containers: [{ name: 'c', image: 'nginx' }] },
        },
      });
    await pod('usual', 'default-scheduler');
    await pod('ours', profile);
    const nodeOf = async (name: string): Promise<string> =>
      (await lab.get<Pod>(`/api/v1/namespaces/default/pods/${name}`))?.spec.nodeName ?? 'none';
    expect(await lab.eventually(() => nodeOf('ours'), PLACED)).toMatch(PLACED);
    expect(await nodeOf('usual')).toBe('none');
    await undo('kube-scheduler');
    expect(await lab.eventually(() => nodeOf('usual'), PLACED)).toMatch(PLACED);
  });
});
