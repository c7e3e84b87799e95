import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workstation } from '../test-workstation.ts';
import { DOCKERFILE_CHECKS } from './misconfig/dockerfile-checks.ts';
import { KUBERNETES_CHECKS } from './misconfig/kubernetes-checks.ts';
import { trivy } from './trivy.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function config(files: Readonly<Record<string, string>>, args: string) {
  const absolute = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/root/${name}`, text]));
  const host = resources.use(await workstation({ trivy }, absolute));
  return host.call('trivy', ['config', ...args.split(' ')]);
}

async function ids(name: string, text: string): Promise<string[]> {
  const { stdout } = await config({ [name]: text }, `-q -f json ${name}`);
  const { Results } = JSON.parse(stdout) as { Results: { Misconfigurations?: { ID: string }[] }[] };
  return Results.flatMap((one) => (one.Misconfigurations ?? []).map(({ ID }) => ID));
}

const GOOD_DOCKERFILE =
  'FROM alpine:3.22\nRUN apk add --no-cache curl\nCOPY . /app\nUSER 10001\nHEALTHCHECK CMD true\n';

describe('of a Dockerfile', () => {
  test('a good one is clean', async () => expect(await ids('Dockerfile', GOOD_DOCKERFILE)).toEqual([]));

  test.each([
    ['FROM alpine:3.22', 'FROM alpine', ['DS001']],
    ['FROM alpine:3.22', 'FROM alpine:latest', ['DS001']],
    ['FROM alpine:3.22', 'FROM golang:1.25 AS build\nFROM build', []],
    ['USER 10001', 'USER root', ['DS002']],
    ['USER 10001', '', ['DS002']],
    ['USER 10001', 'USER root\nUSER app', []],
    ['COPY . /app', 'EXPOSE 80 22', ['DS004']],
    ['COPY . /app', 'ADD . /app', ['DS005']],
    ['COPY . /app', 'ADD app.tar.gz /app', []],
    ['COPY . /app', 'RUN sudo make', ['DS010']],
    ['COPY . /app', 'RUN apt-get update', ['DS017']],
    ['COPY . /app', 'RUN apt-get update && \\\n  # why\n  apt-get install -y curl', ['DS029']],
    [' --no-cache', '', ['DS025']],
    ['HEALTHCHECK CMD true', '# HEALTHCHECK CMD true', ['DS026']],
    ['COPY . /app', 'ENV DB_PASSWORD=hunter2', ['DS031']],
  ])('%j made %j', async (from, to, expected) => {
    expect(await ids('Dockerfile', GOOD_DOCKERFILE.replace(from, to))).toEqual(expected);
  });

  test('says where, as the real one does', async () => {
    const text = GOOD_DOCKERFILE.replace('COPY . /app', 'RUN apt-get update \\\n  && apt-get install -y curl');
    const { stdout, code } = await config({ 'app/Dockerfile': text }, '-q --severity HIGH,CRITICAL --exit-code 1 app');
    expect(code).toBe(1);
    expect(stdout).toBe(`
Report Summary

┌────────────┬────────────┬───────────────────┐
│   Target   │    Type    │ Misconfigurations │
├────────────┼────────────┼───────────────────┤
│ Dockerfile │ dockerfile │         1         │
└────────────┴────────────┴───────────────────┘
Legend:
- '-': Not scanned
- '0': Clean (no security findings detected)


Dockerfile (dockerfile)
=======================
Tests: ${DOCKERFILE_CHECKS.length} (SUCCESSES: ${DOCKERFILE_CHECKS.length - 1}, FAILURES: 1)
Failures: 1 (HIGH: 1, CRITICAL: 0)

AVD-DS-0029 (HIGH): '--no-install-recommends' flag is missed: 'apt-get update && apt-get install -y curl'
════════════════════════════════════════
'apt-get' install should use '--no-install-recommends' to minimize image size.

See https://avd.aquasec.com/misconfig/ds029
────────────────────────────────────────
 Dockerfile:3-4
────────────────────────────────────────
   3 ┌ RUN apt-get update \\
   4 └   && apt-get install -y curl
────────────────────────────────────────


`);
  });
});

const GOOD_POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10_001,
      runAsGroup: 10_001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'c',
        image: 'nginx:1.27',
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: { cpu: 1, memory: '1Mi' }, limits: { cpu: 1, memory: '1Mi' } },
      },
    ],
  },
};

describe('of a manifest', () => {
  const container = (change: object) => ({
    ...GOOD_POD,
    spec: { ...GOOD_POD.spec, containers: [{ ...GOOD_POD.spec.containers[0], ...change }] },
  });
  const spec = (change: object) => ({ ...GOOD_POD, spec: { ...GOOD_POD.spec, ...change } });
  const security = (change: object) =>
    container({ securityContext: { ...GOOD_POD.spec.containers[0]?.securityContext, ...change } });

  test.each<[string, object, readonly string[]]>([
    ['a good pod', GOOD_POD, []],
    ['privileged', security({ privileged: true }), ['KSV017']],
    ['escalation', security({ allowPrivilegeEscalation: undefined }), ['KSV001']],
    ['capabilities', security({ capabilities: { add: ['SYS_ADMIN'] } }), ['KSV003', 'KSV005']],
    ['a root file system', security({ readOnlyRootFilesystem: false }), ['KSV014']],
    ['a low user', security({ runAsUser: 1000 }), ['KSV020']],
    ['no resources', container({ resources: {} }), ['KSV011', 'KSV015', 'KSV016', 'KSV018']],
    ['no tag', container({ image: 'nginx' }), ['KSV013']],
    ['a digest', container({ image: `nginx@sha256:${'0'.repeat(64)}` }), []],
    ['host namespaces', spec({ hostPID: true, hostIPC: true, hostNetwork: true }), ['KSV008', 'KSV009', 'KSV010']],
    [
      'the socket of Docker',
      spec({ volumes: [{ name: 'd', hostPath: { path: '/var/run/docker.sock' } }] }),
      ['KSV006', 'KSV023'],
    ],
    ['no pod security', spec({ securityContext: {} }), ['KSV012', 'KSV020', 'KSV021', 'KSV030']],
    ['no workload', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }, []],
  ])('%s', async (_, object, expected) => {
    expect(await ids('pod.yaml', JSON.stringify(object))).toEqual(expected);
  });

  test('shows the lines of the container, and none for a level that is left out', async () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: c\n      image: nginx\n';
    const { stdout } = await config({ 'd/pod.yaml': text }, '-q --severity HIGH d');
    expect(stdout).toContain(
      "AVD-KSV-0014 (HIGH): Container 'c' of Pod 'web' should set 'securityContext.readOnlyRootFilesystem' to true\n",
    );
    expect(stdout).toContain(' pod.yaml:7-8\n');
    expect(stdout).toContain('   7 ┌     - name: c\n   8 └       image: nginx\n');
    expect(stdout).not.toContain('KSV-0013');
  });
});

test('checks have their ids in order', () => {
  for (const checks of [KUBERNETES_CHECKS, DOCKERFILE_CHECKS]) {
    const all = checks.map(({ id }) => id);
    expect(all).toEqual([...new Set(all)].sort());
  }
});

test('a folder is scanned whole, without files that are neither, and ignored checks are left out', async () => {
  const files = {
    'd/Dockerfile': 'FROM alpine:3.22\nUSER app\n',
    'd/k8s/pod.yaml': JSON.stringify(GOOD_POD),
    'd/broken.yaml': 'a: [',
    'd/values.yaml': 'replicas: 1\n',
    'd/README.md': 'x',
  };
  const { stdout } = await config(files, '-f json -q d');
  expect((JSON.parse(stdout) as { Results: { Target: string }[] }).Results.map(({ Target }) => Target)).toEqual([
    'Dockerfile',
    'k8s/pod.yaml',
  ]);
  const quiet = await config({ ...files, '.trivyignore': 'AVD-DS-0026\n' }, '-q --exit-code 1 d');
  expect(quiet.code).toBe(0);
});

test.each([
  ['gone', 'lstat gone: no such file or directory'],
  ['-f sarif .', 'not simulated: trivy config --format sarif'],
  ['a b', 'accepts 1 arg(s), received 2'],
])('refuses config %s in words', async (args, words) => {
  expect(await config({}, args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) });
});
