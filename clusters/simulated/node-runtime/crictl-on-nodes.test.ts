import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from '../lab-on-hosts.ts';

const pod = (name: string, container: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { nodeName: 'node01', containers: [{ name, ...container }] },
});

describe.skipIf(impossible)(`the containers of a node, by crictl${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => {
    lab = await labOnHosts(
      ['controlplane', 'node01'],
      [
        pod('web', { image: 'nginx:1.27' }),
        pod('tool', { image: 'busybox', command: ['sleep', '3600'], securityContext: { runAsUser: 1234 } }),
      ],
    );
    await lab.eventually(() => node('crictl ps -q --label io.kubernetes.pod.namespace=default | wc -l'), /^2$/);
  }, 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const node = (line: string): Promise<string> => lab.sh('node01', line);

  test('who looks into one sees how it was started, and may run programs in it', async () => {
    const spec = '{{.info.runtimeSpec.process.user.uid}} {{index .info.runtimeSpec.process.args 1}}';
    const tool = '$(crictl ps -q --name tool)';
    expect(await node(`crictl inspect -o go-template --template '${spec}' ${tool}`)).toBe('1234 3600');
    expect(await node(`crictl exec ${tool} id -u; echo 'echo in' | crictl exec -i ${tool} sh`)).toBe('1234\nin');
    expect(await node(`crictl exec ${tool} sh -c 'exit 4'`)).toMatch(
      /command terminated with exit code 4 \[status 1\]$/,
    );
    expect(await node(`crictl exec ${tool} nosuch`)).toContain('executable file not found in $PATH');
    const pid = await node(`crictl inspect -o go-template --template '{{.info.pid}}' ${tool}`);
    expect(await node(`tr '\\0' ' ' < /proc/${pid}/cmdline`)).toBe('sleep 3600');
  });

  test('one that is stopped comes back, and what it was can be read and removed', async () => {
    const former = await node('crictl ps -q --name web');
    await node(`crictl stop ${former}`);
    const again = await lab.eventually(() => node('crictl ps --name web'), /Running +web +1 /);
    expect(again).toMatch(/Running +web +1 /);
    expect(await node('crictl logs -p $(crictl ps -q --name web) 2>&1 | head -1')).toContain('/docker-entrypoint.sh');
    expect(await node(`crictl inspect -o go-template --template '{{.status.exitCode}}' ${former}`)).toBe('137');
    expect(await node(`crictl rm ${former} > /dev/null; crictl ps -aq --name web | wc -l`)).toBe('1');
  });

  test('images are pulled and removed, and the kubelet knows', async () => {
    expect(await node('crictl pull httpd:2.4 && crictl images -q httpd:2.4 | wc -l')).toMatch(
      /^Image is up to date for sha256:[0-9a-f]{64}\n1$/,
    );
    expect(await node('crictl pull nobody/nothing')).toContain('pull access denied');
    expect(await node('crictl rmi --prune')).toBe('Deleted: docker.io/library/httpd:2.4');
    expect(await node('crictl images | grep -c -e nginx -e busybox -e pause')).toBe('3');
  });

  test('a component’s process is the node’s, and it comes back too', async () => {
    const pidOf = "crictl inspect -o go-template --template '{{.info.pid}}' $(crictl ps -q --name kube-scheduler)";
    const pid = await lab.sh('controlplane', pidOf);
    expect(await lab.sh('controlplane', 'pidof kube-scheduler')).toBe(pid);
    await lab.sh('controlplane', 'crictl stop $(crictl ps -q --name kube-scheduler)');
    const again = () => lab.sh('controlplane', 'crictl ps --name kube-scheduler');
    expect(await lab.eventually(again, /kube-scheduler +1 /)).toMatch(/kube-scheduler +1 /);
    expect(await lab.sh('controlplane', 'crictl exec $(crictl ps -q --name kube-scheduler) ls')).toContain(
      'not simulated: programs in the container kube-scheduler',
    );
  });
});
