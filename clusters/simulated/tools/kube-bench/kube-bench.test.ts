import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderHost } from '../../daemons/folder-host.ts';
import { SILENT } from '../test-workstation.ts';
import { realClock } from '../../clock.ts';
import { startTestPlane } from '../../kubernetes/admission/test-plane.ts';
import { KUBE_BENCH } from './kube-bench.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const API_SERVER = ['kube-apiserver', '--authorization-mode=Node,RBAC'];
const KUBELET = ['/usr/bin/kubelet', '--config=/var/lib/kubelet/config.yaml'];
const ALL = [
  API_SERVER,
  ['kube-scheduler'],
  ['kube-controller-manager'],
  ['etcd', '--data-dir=/var/lib/etcd'],
  KUBELET,
];

async function machine(name: 'controlplane' | 'node01', processes: string[][], files: Record<string, string> = {}) {
  const host = resources.use(
    await FolderHost.create(name, {
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
      '/etc/group': 'root:x:0:\n',
      ...files,
    }),
  );
  const plane = resources.use(await startTestPlane());
  const context = { host, clock: realClock, cluster: plane.cluster, processes: () => processes, ...SILENT };
  await host.installCommand('kube-bench', KUBE_BENCH.command(context));
  const lines = async (...args: string[]) => (await host.call('kube-bench', args)).stdout.split('\n');
  return { host, plane, lines };
}

/** The state that each recommendation got. */
const states = (lines: readonly string[]) =>
  Object.fromEntries(
    lines.flatMap((line) => {
      const [, state, id] = /^\[(PASS|FAIL|WARN)\] (\S+) /.exec(line) ?? [];
      return id === undefined ? [] : [[id, state] as const];
    }),
  );

describe('kube-bench', () => {
  test('writes what is for programs to a file, and shows what was found instead where it is asked to', async () => {
    const { host, lines } = await machine('controlplane', [...ALL]);
    const check = ['run', '--targets', 'master', '--check', '1.2.15'];
    expect(await lines(...check, '--json', '--outputfile', '/root/report.json')).toEqual(['']);
    const read = await host.readFile('/root/report.json', { maxBytes: 100_000 });
    const text = read.outcome === 'read' ? String(read.content) : '';
    expect(JSON.parse(text)).toMatchObject({ Totals: { total_fail: 1 } });
    const found = (await lines(...check, '--include-test-output')).join('\n');
    expect(found).toMatch(/\[FAIL\] 1\.2\.15 .*\n\t kube-apiserver /);
  });

  test('fails a flag, tells how to mend it, and passes it once the program runs with it', async () => {
    const processes = [...ALL];
    const { lines } = await machine('controlplane', processes);
    const before = await lines('run', '--targets', 'master', '--check', '1.2.15,1.2.2');
    expect(before).toEqual([
      '[INFO] 1 Control Plane Security Configuration',
      '[INFO] 1.2 API Server',
      '[PASS] 1.2.2 Ensure that the --token-auth-file parameter is not set (Automated)',
      '[FAIL] 1.2.15 Ensure that the --profiling argument is set to false (Automated)',
      '',
      '== Remediations master ==',
      '1.2.15 Edit the API server pod specification file /etc/kubernetes/manifests/kube-apiserver.yaml',
      'on the control plane node and set the below parameter.',
      '--profiling=false',
      '',
      '',
      '== Summary master ==',
      '1 checks PASS',
      '1 checks FAIL',
      '0 checks WARN',
      '0 checks INFO',
      '',
      '== Summary total ==',
      '1 checks PASS',
      '1 checks FAIL',
      '0 checks WARN',
      '0 checks INFO',
      '',
      '',
    ]);
    processes[0] = [...API_SERVER, '--profiling=false'];
    expect(await lines('--check=1.2.15')).toContain(
      '[PASS] 1.2.15 Ensure that the --profiling argument is set to false (Automated)',
    );
  });

  test('reads permissions and the kubelet’s file on each run', async () => {
    const config = '/var/lib/kubelet/config.yaml';
    const text = 'authentication: {anonymous: {enabled: true}}\nauthorization: {mode: AlwaysAllow}\n';
    const { host, lines } = await machine('node01', [KUBELET], { [config]: text });
    const asked = ['run', '--targets=node', '-c', '4.1.9,4.2.1,4.2.2'];
    expect(states(await lines(...asked))).toEqual({ '4.1.9': 'FAIL', '4.2.1': 'FAIL', '4.2.2': 'FAIL' });
    await host.write(config, text.replace('true', 'false').replace('AlwaysAllow', 'Webhook'), 0o600);
    expect(states(await lines(...asked))).toEqual({ '4.1.9': 'PASS', '4.2.1': 'PASS', '4.2.2': 'PASS' });
  });

  test('runs on a worker what concerns a worker, and names what does not run there', async () => {
    const { host, lines } = await machine('node01', [KUBELET]);
    expect((await lines()).filter((line) => line.startsWith('== Summary'))).toEqual([
      '== Summary node ==',
      '== Summary policies ==',
      '== Summary total ==',
    ]);
    const { code, stderr } = await host.call('kube-bench', ['run', '--targets', 'master']);
    expect(code).toBe(1);
    expect(stderr).toContain('unable to detect running programs for component "apiserver"');
  });

  test('asks the cluster about policies only where there is a kubeconfig', async () => {
    const without = await machine('node01', [KUBELET]);
    const asked = ['run', '--targets', 'policies', '--group', '5.1'];
    expect(states(await without.lines(...asked))['5.1.4']).toBe('WARN');

    const { lines, plane } = await machine('controlplane', ALL, { '/etc/kubernetes/admin.conf': 'x' });
    expect(states(await lines(...asked))).toMatchObject({ '5.1.1': 'PASS', '5.1.4': 'PASS' });
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
    await plane.create({
      ...rbac,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'everybody' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }],
    });
    expect(states(await lines(...asked))).toMatchObject({ '5.1.1': 'WARN', '5.1.4': 'WARN' });
  });

  test('writes JSON that counts as its text does', async () => {
    const { host } = await machine('controlplane', ALL);
    const { stdout } = await host.call('kube-bench', ['run', '--targets', 'etcd', '--json']);
    const { Controls, Totals } = JSON.parse(stdout);
    expect(Totals).toEqual({ total_pass: 2, total_fail: 4, total_warn: 1, total_info: 0 });
    expect(Controls).toMatchObject([{ id: '2', version: 'cis-1.12', node_type: 'etcd', total_pass: 2 }]);
    expect(Controls[0].tests[0].results[0]).toMatchObject({
      test_number: '2.1',
      status: 'FAIL',
      scored: true,
      expected_result: "'--cert-file' is present AND '--key-file' is present",
    });
  });

  test('writes JUnit a target, in which each case has its result as JSON', async () => {
    const { host } = await machine('controlplane', ALL);
    const asked = ['--targets', 'etcd', '--check', '2.1,2.3,2.7', '--junit'];
    const { stdout } = await host.call('kube-bench', asked);
    const [head = '', ...rest] = stdout.split('\n');
    expect(head).toMatch(/^<testsuite name="[^"]+" tests="3" failures="1" errors="0" time="0">$/);
    expect(rest.filter((line) => /<(?:testcase|failure|skipped)/.test(line))).toEqual([
      expect.stringMatching(/^ {4}<testcase name="2\.1 Ensure that the --cert-file .*" classname="[^"]+" time="0">$/),
      expect.stringMatching(/^ {8}<failure type="">Follow the etcd .*&#xA;.*<\/failure>$/),
      expect.stringMatching(/^ {4}<testcase name="2\.3 /),
      expect.stringMatching(/^ {4}<testcase name="2\.7 /),
      '        <skipped></skipped>',
    ]);
    expect(stdout).toContain('<system-out>{&#34;test_number&#34;:&#34;2.1&#34;,');
    expect(stdout.endsWith('    </testcase>\n</testsuite>\n')).toBe(true);
    expect(await host.call('kube-bench', [...asked, '--outputfile', '/root/junit.xml'])).toMatchObject({ stdout: '' });
    const written = await host.readFile('/root/junit.xml', { maxBytes: 100_000 });
    expect(written.outcome === 'read' ? String(written.content) : '').toBe(stdout);
  });

  test('ends with the status that was asked for only when something failed', async () => {
    const { host } = await machine('controlplane', ALL);
    const code = async (...args: string[]) => (await host.call('kube-bench', ['--exit-code', '3', ...args])).code;
    expect(await code('--check', '1.2.15')).toBe(3);
    expect(await code('--check', '1.2.2')).toBe(0);
  });

  test.each([
    [['--frobnicate'], 255, 'Error: unknown flag: --frobnicate\n'],
    [['--asff'], 1, 'not simulated: kube-bench --asff\n'],
    [['--benchmark', 'cis-1.5'], 1, 'not simulated: the benchmark cis-1.5; there is cis-1.12\n'],
    [['--check', '1.1.1', '--group', '1.1'], 1, "group option and check option can't be used together\n"],
    [['help', 'run'], 1, 'not simulated: kube-bench help run; there are "run" and "version"\n'],
  ])('refuses %j', async (args, code, stderr) => {
    const { host } = await machine('node01', [KUBELET]);
    expect(await host.call('kube-bench', args)).toMatchObject({ code, stderr });
  });

  test('says that it is a model when asked for its version', async () => {
    const { lines } = await machine('node01', [KUBELET]);
    expect((await lines('--version'))[0]).toContain('as this lab models it');
  });
});
