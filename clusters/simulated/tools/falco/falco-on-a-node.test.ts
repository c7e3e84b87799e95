import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostName } from '../../../../protocol/host.ts';
import { labIdFrom } from '../../../../protocol/ids.ts';
import { askApi } from '../../../api-request.ts';
import type { Lab } from '../../../cluster.ts';
import { simulatedBackend } from '../../backend.ts';
import { impossible, whyNot } from '../../hosts/host-fixture.ts';

/** On a busy machine; an idle one needs a second. */
const WITHIN = { timeout: 15_000 };

const READER = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'reader', namespace: 'default' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'reader' } },
    template: {
      metadata: { labels: { app: 'reader' } },
      spec: {
        nodeName: 'node01',
        terminationGracePeriodSeconds: 1, // a shell that is process 1 hears no SIGTERM
        containers: [
          {
            name: 'c',
            image: 'busybox:1.37',
            command: ['sh', '-c', 'while true; do cat /etc/shadow; sleep 1; done'],
          },
        ],
      },
    },
  },
};
const PLAIN = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'plain', namespace: 'default' },
  spec: { nodeName: 'node01', containers: [{ name: 'c', image: 'busybox:1.37', command: ['sleep', '1000'] }] },
};

/** A learner's way through runtime detection, on a real lab's node. */
describe.skipIf(impossible)(`falco on a node${whyNot}`, () => {
  let lab: Lab;
  const complaints: string[] = [];

  beforeAll(async () => {
    const backend = simulatedBackend({ programs: {}, log: (line) => complaints.push(line) });
    lab = await backend.create({
      id: labIdFrom(randomBytes(10)),
      seed: { hosts: ['controlplane', 'node01'], manifests: [READER, PLAIN], files: [] },
      progress: () => undefined,
      signal: AbortSignal.timeout(60_000),
    });
  }, 60_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  });

  async function sh(line: string, host: HostName = 'node01'): Promise<string> {
    const signal = AbortSignal.timeout(30_000);
    const { stdout, stderr } = await (await lab.host(host)).exec(['bash', '-c', line], { signal });
    return `${String(stdout)}${String(stderr)}`.trim();
  }
  const journal = (): Promise<string> => sh('journalctl -u falco -o cat');
  /** Runs a line in the plain pod through its kubelet. */
  const inside = (line: string) =>
    sh(
      `cd /etc/kubernetes/pki; curl -sk --cert apiserver-kubelet-client.crt --key apiserver-kubelet-client.key -X POST https://10.10.0.11:10250/run/default/plain/c --data-urlencode 'cmd=${line}'`,
      'controlplane',
    );

  test('runs from the start and tells of a pod that reads passwords', async () => {
    expect(await sh('systemctl is-active falco; systemctl is-enabled falco-modern-bpf')).toBe('active\nenabled');
    await expect
      .poll(journal, WITHIN)
      .toMatch(
        /^\d\d:\d\d:\d\d\.\d{9}: Warning Sensitive file opened for reading by non-trusted program \| file=\/etc\/shadow .*user=root user_uid=0 user_loginuid=-1 process=cat proc_exepath=\/bin\/cat parent=sh command=cat \/etc\/shadow terminal=0 container_id=[0-9a-f]{12} container_name=c container_image_repository=docker.io\/library\/busybox container_image_tag=1.37 k8s_pod_name=reader-\S+ k8s_ns_name=default$/m,
      );
  });

  test('tells of somebody who reads passwords on the node itself', async () => {
    const shell = await (await lab.host('node01')).openShell({ session: 'admin', cols: 80, rows: 24 });
    shell.output.resume();
    await shell.write(Buffer.from('cat /etc/shadow; exit\n'));
    await shell.exited;
    await expect
      .poll(journal, WITHIN)
      .toMatch(
        /Warning Sensitive file .*file=\/etc\/shadow .*user=root user_uid=0 user_loginuid=0 process=cat .*parent=bash command=cat \/etc\/shadow terminal=[1-9]\d* container_id=host container_name=host/,
      );
  });

  test('speaks as the learner’s own file has it after a restart', async () => {
    const rule = `- rule: Read sensitive file untrusted
  output: "%evt.time.s,%k8s.pod.name,%user.name,%proc.name"
  override: {output: replace}
`;
    await sh(`cat > /etc/falco/falco_rules.local.yaml <<'E'\n${rule}E\nsystemctl restart falco`);
    await expect.poll(journal, WITHIN).toMatch(/: Warning \d\d:\d\d:\d\d,reader-\S+,root,cat container_id=/);
  });

  test('stays down over rules that are wrong, and says where', async () => {
    await sh('cp /etc/falco/falco_rules.local.yaml /tmp/good; systemctl stop falco');
    await sh(
      `printf -- '- rule: X\\n  desc: d\\n  condition: evt.type=open and proc.nam=sh\\n  output: o\\n  priority: INFO\\n' > /etc/falco/falco_rules.local.yaml; systemctl start falco`,
    );
    expect(await sh('systemctl is-active falco')).toBe('activating');
    expect(await journal()).toContain(
      'LOAD_ERR_COMPILE_CONDITION (Error compiling condition): filter_check called with nonexistent field proc.nam',
    );
    expect(await sh('falco -V /etc/falco/falco_rules.local.yaml 2>/dev/null; echo $?')).toContain(
      '/etc/falco/falco_rules.local.yaml: Invalid\n1 Errors:',
    );
    await sh('mv /tmp/good /etc/falco/falco_rules.local.yaml; systemctl restart falco');
    expect(await sh('systemctl is-active falco')).toBe('active');
  });

  test('takes changed rules without being asked, and keeps the old ones over wrong ones', async () => {
    await sh(`cat > /etc/falco/rules.d/ids.yaml <<'E'
- rule: Who am I
  desc: d
  condition: spawned_process and container and proc.name=id
  output: who (pod=%k8s.pod.name)
  priority: ALERT
E`);
    await expect.poll(journal, WITHIN).toContain('/etc/falco/rules.d/ids.yaml | schema validation: ok');
    await inside('id -u');
    await expect.poll(journal, WITHIN).toContain(': Alert who (pod=plain)');
    await sh('echo "- nonsense" > /etc/falco/rules.d/more.yaml');
    await expect.poll(journal, WITHIN).toContain('Unexpected element type');
    await sh('rm /etc/falco/rules.d/more.yaml');
  });

  test('in the foreground judges by one file for so many seconds, into a file as JSON', async () => {
    await sh(`mkdir -p /opt/course; cat > /root/mem.yaml <<'E'
- rule: Memory
  desc: d
  condition: evt.type in (open, openat) and fd.name=/dev/mem
  output: memory (pod=%k8s.pod.name)
  priority: CRITICAL
E`);
    const said = sh(
      'falco -r /root/mem.yaml -M 3 -o json_output=true -o file_output.enabled=true -o file_output.filename=/opt/course/falco.log 2>/dev/null',
    );
    await expect
      .poll(async () => {
        await inside('cat /dev/mem');
        return sh('cat /opt/course/falco.log');
      }, WITHIN)
      .toContain('"rule":"Memory"');
    const [line = ''] = (await said).split('\n');
    expect(JSON.parse(line)).toMatchObject({
      priority: 'Critical',
      rule: 'Memory',
      source: 'syscall',
      hostname: 'node01',
      output_fields: { 'k8s.pod.name': 'plain', 'container.name': 'c' },
    });
    expect(await said).toContain('Rule counts by severity:\n   CRITICAL: ');
    expect(await sh('ls -l /opt/course/falco.log')).toMatch(/^-rw-------/);
  });

  test('is silent once the pod is gone', async () => {
    const access = await lab.kubeAccess('admin');
    const path = '/apis/apps/v1/namespaces/default/deployments/reader/scale';
    const scale = { spec: { replicas: 0 } };
    expect(
      (await askApi(access, { method: 'PATCH', path, body: scale, contentType: 'application/merge-patch+json' }))
        .status,
    ).toBe(200);
    let before = 0;
    const more = async (): Promise<number> => {
      const alerts = (await journal()).match(/,reader-/g)?.length ?? 0;
      const difference = alerts - before;
      before = alerts;
      return difference;
    };
    // The pod opens the file once a second.
    await expect.poll(more, { ...WITHIN, interval: 1500 }).toBe(0);
    expect(before).toBeGreaterThan(0);
  });
});
