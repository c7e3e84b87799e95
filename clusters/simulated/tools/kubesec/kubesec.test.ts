import { afterEach, beforeEach, expect, test } from 'vitest';
import { workstation } from '../test-workstation.ts';
import { kubesec, type KubesecReport } from './kubesec.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function scan(text: string, args = 'scan pod.yaml') {
  const host = resources.use(await workstation({ kubesec }, { '/root/pod.yaml': text }));
  const result = await host.call('kubesec', args.split(' '), { stdin: text });
  return { ...result, reports: result.stdout === '' ? [] : (JSON.parse(result.stdout) as KubesecReport[]) };
}

const pod = (spec: object, kind = 'Pod'): string =>
  JSON.stringify({
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: kind === 'Pod' ? spec : { template: { spec } },
  });

const ids = (rules: readonly { id: string }[] | undefined): string[] => (rules ?? []).map(({ id }) => id);

test('a plain pod gets no points and all the advice, most points first', async () => {
  const { reports, code } = await scan(
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: c, image: nginx}]\n',
  );
  expect(code).toBe(0);
  const [report] = reports;
  expect(report).toMatchObject({
    object: 'Pod/web.default',
    valid: true,
    fileName: 'pod.yaml',
    message: 'Passed with a score of 0 points',
    score: 0,
  });
  expect(ids(report?.scoring.advise)).toEqual([
    'ApparmorAny',
    'ServiceAccountName',
    'SeccompAny',
    'AutomountServiceAccountToken',
    'RunAsGroup',
    'RunAsNonRoot',
    'RunAsUser',
    'LimitsCPU',
    'LimitsMemory',
    'RequestsCPU',
    'RequestsMemory',
    'CapDropAny',
    'CapDropAll',
    'ReadOnlyRootFilesystem',
  ]);
  expect(report?.scoring).not.toHaveProperty('critical');
});

test('what is dangerous is critical, counts against it, and fails the scan', async () => {
  const spec = {
    hostPID: true,
    containers: [
      {
        name: 'c',
        image: 'x',
        securityContext: { privileged: true, allowPrivilegeEscalation: true, capabilities: { add: ['SYS_ADMIN'] } },
      },
    ],
    volumes: [{ name: 'd', hostPath: { path: '/var/run/docker.sock' } }],
  };
  const { reports, code } = await scan(pod(spec));
  expect(code).toBe(2);
  expect(reports[0]).toMatchObject({ score: -30 - 30 - 9 - 9 - 7, message: 'Failed with a score of -85 points' });
  expect(ids(reports[0]?.scoring.critical)).toEqual([
    'CapSysAdmin',
    'Privileged',
    'HostPID',
    'DockerSock',
    'AllowPrivilegeEscalation',
  ]);
  expect((await scan(pod(spec), 'scan --exit-code 0 pod.yaml')).code).toBe(0);
});

test('a field of the pod holds for containers that do not say otherwise', async () => {
  const nonRoot = async (own?: boolean) => {
    const container = { name: 'c', ...(own === undefined ? {} : { securityContext: { runAsNonRoot: own } }) };
    const { reports } = await scan(
      pod({ securityContext: { runAsNonRoot: true }, containers: [container] }, 'Deployment'),
    );
    return ids(reports[0]?.scoring.passed);
  };
  expect(await nonRoot()).toEqual(['RunAsNonRoot']);
  expect(await nonRoot(false)).toEqual([]);
});

test('each document has a report, and standard input is read', async () => {
  const text =
    'kind: Pod\nspec: {containers: [{name: a, resources: {limits: {cpu: 1}}}]}\n---\nkind: Service\nmetadata: {name: s, namespace: shop}\n';
  const { reports } = await scan(text, 'scan -');
  expect(reports.map(({ object, score, message }) => [object, score, message])).toEqual([
    ['Pod/.default', 1, 'Passed with a score of 1 points'],
    ['Service/s.shop', 0, 'This resource kind is not supported by kubesec'],
  ]);
});

test.each([
  ['scan gone.yaml', 'a: 1', 'Error: open gone.yaml: no such file or directory'],
  ['scan pod.yaml', 'a: [', 'Error: error converting YAML to JSON: yaml: line'],
  ['scan pod.yaml', '', 'Error: Invalid input'],
  ['scan', '', 'Error: file path is required'],
  ['http 8080', '', 'not simulated: kubesec http'],
  ['scan -f template pod.yaml', 'a: 1', 'not simulated: kubesec scan --format template'],
])('refuses %s in words', async (args, text, words) => {
  expect(await scan(text, args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) });
});

test('aliases that would grow without bound are refused', async () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
  ].join('\n');
  expect(await scan(bomb)).toMatchObject({ code: 1, stderr: expect.stringContaining('Excessive alias count') });
});
