import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, startTestLab, type TestLab, whyNot } from '../hosts/host-fixture.ts';
import type { ContainerLaunch, SandboxedPod } from './sandbox.ts';
import { SupervisedSandboxes } from './supervised-sandboxes.ts';

const LAUNCH: ContainerLaunch = {
  argv: ['sleep', '1000'],
  env: { PATH: '/bin:/usr/bin', COLOR: 'blue' },
  cwd: '/',
  uid: 0,
  gid: 0,
  groups: [],
  capabilities: [0, 10],
  noNewPrivileges: false,
  readOnlyRoot: false,
  streams: 'output',
  mounts: [],
  files: [],
};

const PLACEHOLDER: ContainerLaunch = { ...LAUNCH, argv: ['/srv/server'], streams: 'placeholder' };

describe.skipIf(impossible)(`containers on a host${whyNot}`, () => {
  let lab: TestLab;
  let pod: SandboxedPod;
  beforeAll(async () => {
    lab = await startTestLab(['node01']);
    pod = await new SupervisedSandboxes(lab.set.supervisor).makePod({
      hostname: 'pod',
      address: '10.244.1.2',
      plug: { node: 'node01', gateway: '10.244.1.1' },
      node: 'node01',
      shares: [],
      task: { namespace: 'moby', id: 'abc' },
    });
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());
  const sh = (line: string): Promise<string> => lab.sh('node01', line);

  it('have numbers there, under a shim that says whose they are', async () => {
    const { pid } = await pod.run(LAUNCH);
    expect(await sh(`tr '\\0' ' ' < /proc/${pid}/cmdline`)).toBe('sleep 1000');
    expect(await sh(`ps -o args= -p $(ps -o ppid= -p ${pid})`)).toBe(
      '/usr/bin/containerd-shim-runc-v2 -namespace moby -id abc -address /run/containerd/containerd.sock',
    );
    expect(await sh(`ps -o ppid= -p $(ps -o ppid= -p ${pid}) | tr -d ' '`)).toBe('1');
    expect(await sh(`grep ^NSpid /proc/${pid}/status | tr '\\t' ' '`)).toBe(`NSpid: ${pid} 1`);
  });

  it('let root there see their environment and files, whoever they run as', async () => {
    for (const uid of [0, 1000, 70_000]) {
      const files = [{ kind: 'file', path: '/etc/mark', mode: 0o600, data: `of ${uid}` }] as const;
      const { pid } = await pod.run({ ...LAUNCH, uid, gid: uid, files });
      expect(
        await sh(`grep -azo COLOR=blue /proc/${pid}/environ | tr -d '\\0'; echo; cat /proc/${pid}/root/etc/mark`),
      ).toBe(`COLOR=blue\nof ${uid}`);
    }
  });

  it.each([
    ['of its own accord', { argv: ['sh', '-c', 'exit 7'] }, 'true', 7],
    [
      'by a signal that it heeds',
      { argv: ['sh', '-c', "trap 'exit 9' TERM; while true; do sleep 0.1; done"] },
      'while kill PID; do :; done 2>&1',
      9,
    ],
    ['killed', {}, 'kill -9 PID', 137],
    ['as a placeholder, asked', PLACEHOLDER, 'kill PID', 0],
    ['as a placeholder, killed', PLACEHOLDER, 'kill -9 PID', 137],
    ['with its shim', {}, 'kill -9 $(ps -o ppid= -p PID)', 137],
  ])('tell how one ended: %s', async (_, launch, line, status) => {
    const container = await pod.run({ ...LAUNCH, ...launch });
    await sh(line.replace('PID', String(container.pid)));
    expect(await container.exited).toBe(status);
    await expect.poll(() => sh(`test -e /proc/${container.pid}`)).toBe('[status 1]');
  });

  it('take no signal that process 1 has no answer for, as in any process namespace', async () => {
    const container = await pod.run(LAUNCH);
    expect(await sh(`kill ${container.pid}; kill -USR1 ${container.pid}; ps -o comm= -p ${container.pid}`)).toBe(
      'sleep',
    );
  });

  it('show a modelled program under its own path and words', async () => {
    const shown = { program: '/opt/x/served', words: ['served: master', 'two words'] };
    const { pid } = await pod.run({ ...PLACEHOLDER, shown, uid: 1234 });
    expect(await sh(`readlink /proc/${pid}/exe; ps -o comm=,args= -p ${pid} | tr -s ' '`)).toBe(
      '/opt/x/served\nserved served: master two words',
    );
    for (const program of ['/../../etc/passwd', 'a b', ''])
      expect(
        await sh(`readlink /proc/${(await pod.run({ ...PLACEHOLDER, shown: { program, words: ['x'] } })).pid}/exe`),
      ).toMatch(/^\/(program|etc\/passwd)$/);
  });

  it('lead who is executed in them to the host as well', async () => {
    const container = await pod.run(LAUNCH);
    const run = await container.exec(['sleep', '4321'], LAUNCH.env, '/', AbortSignal.timeout(10_000));
    const pid = await sh('pgrep -f "^sleep 4321"');
    expect(pid).toMatch(/^\d+$/);
    await sh(`kill -9 ${pid}`);
    expect(await run.exited).toBe(137);
  });
});
