import { afterEach, beforeEach, expect, test } from 'vitest';
import { workstation } from '../test-workstation.ts';
import { CHECKS } from './checks.ts';
import { kubeLinter } from './kube-linter.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function lint(files: Readonly<Record<string, string>>, args: string) {
  const tools = { 'kube-linter': kubeLinter };
  const absolute = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/root/${name}`, text]));
  const host = resources.use(await workstation(tools, absolute));
  const result = await host.call('kube-linter', args.split(' '));
  return { ...result, checks: [...result.stdout.matchAll(/\(check: ([\w-]+)/g)].map(([, name]) => name) };
}

const GOOD = {
  name: 'c',
  image: 'nginx:1.27.0',
  securityContext: {
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  },
  resources: { requests: { cpu: '10m', memory: '8Mi' }, limits: { cpu: '1', memory: '64Mi' } },
};
const pod = (container: object, spec: object = {}, kind = 'Pod'): string => {
  const inner = { ...spec, containers: [{ ...GOOD, ...container }] };
  return JSON.stringify({
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: kind === 'Pod' ? inner : { template: { spec: inner } },
  });
};

test('a good pod has no lint errors', async () => {
  expect(await lint({ 'pod.yaml': pod({}) }, 'lint pod.yaml')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^KubeLinter \S+\n\nNo lint errors found!\n$/),
    stderr: '',
  });
});

test('says what is wrong with a bad pod, in the order and words of the real one', async () => {
  const spec = { hostPID: true, volumes: [{ name: 'root', hostPath: { path: '/' } }] };
  const bad = {
    name: 'root-user',
    image: 'busybox',
    securityContext: { privileged: true },
    resources: {},
    volumeMounts: [{ name: 'root', mountPath: '/host' }],
  };
  const { checks, stdout, stderr, code } = await lint({ 'pod.yaml': pod(bad, spec) }, 'lint pod.yaml');
  expect(checks).toEqual([
    'host-pid',
    'latest-tag',
    'no-read-only-root-fs',
    'privilege-escalation-container',
    'privileged-container',
    'run-as-non-root',
    'sensitive-host-mounts',
    'unset-cpu-requirements',
    'unset-cpu-requirements',
    'unset-memory-requirements',
    'unset-memory-requirements',
  ]);
  expect(stdout).toContain(
    '/root/pod.yaml: (object: <no namespace>/web /v1, Kind=Pod) container "root-user" is privileged (check: privileged-container, remediation: Do not run your container as privileged unless it is required.)\n\n',
  );
  expect([code, stderr]).toEqual([1, 'Error: found 11 lint errors\n']);
});

test.each<[string, object, object, readonly string[]]>([
  ['an image by a moving tag', { image: 'nginx:latest' }, {}, ['latest-tag']],
  ['an image without tag in a registry with a port', { image: 'r:5000/x' }, {}, ['latest-tag']],
  ['a secret as a value', { env: [{ name: 'DB_SECRET', value: 'x' }] }, {}, ['env-var-secret']],
  ['a secret by reference', { env: [{ name: 'DB_SECRET', valueFrom: {} }] }, {}, []],
  [
    'root in spite of runAsNonRoot',
    { securityContext: { ...GOOD.securityContext, runAsUser: 0 } },
    {},
    ['run-as-non-root'],
  ],
  [
    'a user of the pod',
    { securityContext: { readOnlyRootFilesystem: true } },
    { securityContext: { runAsUser: 1000 } },
    [],
  ],
  [
    'raw packets',
    { securityContext: { ...GOOD.securityContext, capabilities: { drop: ['CHOWN'] } } },
    {},
    ['drop-net-raw-capability'],
  ],
  ['SSH', { ports: [{ containerPort: 22 }] }, {}, ['ssh-port']],
  ['an account that is not there', {}, { serviceAccountName: 'robot' }, ['non-existent-service-account']],
  [
    'the socket of Docker',
    { volumeMounts: [{ name: 'd', mountPath: '/d' }] },
    { volumes: [{ name: 'd', hostPath: { path: '/var/run/docker.sock' } }] },
    ['docker-sock'],
  ],
])('of a Deployment with %s', async (_, container, spec, expected) => {
  expect((await lint({ 'a.yaml': pod(container, spec, 'Deployment') }, 'lint a.yaml')).checks).toEqual(expected);
});

test('checks objects of a folder together', async () => {
  const service = 'kind: Service\nmetadata: {name: s}\nspec: {selector: {app: web}}\n';
  const account = 'kind: ServiceAccount\nmetadata: {name: robot}\n';
  const files = {
    'd/s.yaml': service,
    'd/a.yml': account,
    'd/p.yaml': pod({}, { serviceAccountName: 'robot' }),
    'd/x.txt': 'a: [',
  };
  expect((await lint(files, 'lint d')).checks).toEqual(['dangling-service']);
});

test('leaves out what is excluded or annotated, and adds what is included', async () => {
  const bad = { 'p.yaml': pod({ image: 'nginx' }) };
  expect((await lint(bad, 'lint --exclude latest-tag p.yaml')).code).toBe(0);
  expect((await lint(bad, 'lint --include no-liveness-probe --exclude latest-tag p.yaml')).checks).toEqual([
    'no-liveness-probe',
  ]);
  const quiet = JSON.parse(bad['p.yaml']) as { metadata: object };
  quiet.metadata = { name: 'web', annotations: { 'ignore-check.kube-linter.io/latest-tag': 'we know' } };
  expect((await lint({ 'p.yaml': JSON.stringify(quiet) }, 'lint p.yaml')).code).toBe(0);
  const report = await lint(bad, 'lint --format json p.yaml');
  expect(JSON.parse(report.stdout)).toMatchObject({
    Reports: [{ Check: 'latest-tag' }],
    Summary: { ChecksStatus: 'Failed' },
  });
});

test('lists its checks by name', async () => {
  const names = CHECKS.map(({ name }) => name);
  expect(names).toEqual(names.toSorted());
  expect((await lint({}, 'checks list')).stdout.match(/^Name: /gm)).toHaveLength(CHECKS.length);
});

test.each([
  ['lint gone', 'stat gone: no such file or directory'],
  ['lint --exclude frob p.yaml', 'check "frob" not found'],
  ['lint --format sarif p.yaml', 'not simulated: kube-linter lint --format sarif'],
  ['lint', 'requires at least 1 arg'],
  ['templates list', 'not simulated: kube-linter templates list'],
])('refuses %s in words', async (args, words) => {
  expect(await lint({ 'p.yaml': pod({}) }, args)).toMatchObject({ code: 1, stderr: expect.stringContaining(words) });
});

test('warns of a file that it cannot read, and lints the others', async () => {
  const files = { 'd/broken.yaml': 'a: [', 'd/p.yaml': pod({ image: 'nginx' }) };
  const { checks, stderr } = await lint(files, 'lint d');
  expect(checks).toEqual(['latest-tag']);
  expect(stderr).toContain('failed to load object from /root/d/broken.yaml: yaml: line');
});
