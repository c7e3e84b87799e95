import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { CommandLine } from './command-line.ts';
import { type ProcessMark, survivors } from '../../clusters/simulated/hosts/processes.ts';
import { ourMounts } from './our-mounts.ts';

/** `breachlab lab run`: one command, a fresh lab, and nothing afterwards. */

let line: CommandLine;
beforeEach(async () => {
  line = await CommandLine.open();
});
afterEach(() => line[Symbol.asyncDispose]());

const nothingLeft = async (): Promise<void> => {
  expect(await line.leftBehind()).toEqual([]);
  expect(ourMounts()).toEqual([]);
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('runs kubectl against a blank cluster and leaves nothing', async () => {
  const { exitCode, stdout, stderr } = await line.run([
    'lab',
    'run',
    '--scenario',
    'blank',
    '--',
    'kubectl',
    'get',
    'nodes',
  ]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^controlplane +Ready +control-plane /m);
  expect(stdout).toMatch(/^node01 +Ready /m);
  await nothingLeft();
});

test('passes the exit status on, and takes KUBECONFIG away with the lab', async () => {
  const script = 'test -r "$KUBECONFIG" && cp "$KUBECONFIG" "$0" && echo "$KUBECONFIG" && exit 7';
  const { exitCode, stdout } = await line.run(['lab', 'run', '--', 'sh', '-c', script, line.path('copy')]);
  expect(exitCode).toBe(7);
  await expect(readFile(stdout.trim())).rejects.toThrow('ENOENT');
  const server = /server: (\S+)/.exec(await readFile(line.path('copy'), 'utf8'))?.[1] ?? '';
  expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  await expect(fetch(server)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await nothingLeft();
});

test('passes options of the command through as they are', async () => {
  const { stdout } = await line.run(['lab', 'run', '--', 'echo', '--scenario', 'x', '-n', '--help']);
  expect(stdout).toBe('--scenario x -n --help\n');
});

test('gives the API server the port and the static tokens it was told', async () => {
  await mkdir(line.path('scratch'), { recursive: true });
  await writeFile(line.path('scratch', 'tokens.csv'), 'let-me-in,ada,1,"system:masters,lovelaces"\n');
  const port = await freePort();
  const who = ['kubectl', '--token=let-me-in', '--kubeconfig=/dev/null', `--server=https://127.0.0.1:${port}`];
  const command = [...who, '--insecure-skip-tls-verify', 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo}'];
  const options = ['--api-port', String(port), '--token-file', 'tokens.csv'];
  const { exitCode, stdout, stderr } = await line.run(['lab', 'run', ...options, '--', ...command]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    username: 'ada',
    uid: '1',
    groups: ['system:masters', 'lovelaces', 'system:authenticated'],
  });
});

test('without nodes pods stay Pending, on a Node that the command makes too', async () => {
  const script = [
    'kubectl get nodes,pods -A -o name',
    'kubectl create -f - <<< \'{"apiVersion":"v1","kind":"Node","metadata":{"name":"127.0.0.1"}}\'',
    "kubectl get node 127.0.0.1 -o jsonpath='{.spec.podCIDR}'",
    'kubectl run web --image=nginx',
    "kubectl wait --for=jsonpath='{.status.conditions[0].reason}'=Unschedulable pod/web",
    "kubectl get pods -A -o jsonpath='{range .items[*]}{.metadata.name} {.status.phase}{end}'",
  ].join(' && ');
  const { exitCode, stdout, stderr } = await line.run(['lab', 'run', '--no-nodes', '--', 'bash', '-c', script]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toBe('node/127.0.0.1 created\npod/web created\npod/web condition met\nweb Pending');
});

test('kubectl exec says that a container which never started is not there', async () => {
  const script =
    "kubectl run x --image=nope && kubectl wait --for=jsonpath='{.spec.nodeName}'=node01 pod/x && kubectl exec x -- id";
  const { exitCode, stderr } = await line.run(['lab', 'run', '--', 'bash', '-c', script]);
  expect(exitCode).toBe(1);
  expect(stderr).toBe('error: Internal error occurred: unable to upgrade connection: container not found ("x")\n');
});

test('starts kube-apiserver with flags in place of its own', async () => {
  const flags = ['--api-server-flag=--authorization-mode=RBAC,AlwaysAllow', '--api-server-flag=--event-ttl=2h'];
  const asked = ['kubectl', 'auth', 'can-i', 'create', 'pods', '--as', 'nobody'];
  const { exitCode, stdout, stderr } = await line.run(['lab', 'run', ...flags, '--', ...asked]);
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'yes\n', stderr: '' });
});

test('without nodes Services have their addresses where the flag says', async () => {
  const flags = ['--no-nodes', '--api-server-flag=--service-cluster-ip-range=10.0.0.0/24'];
  const script = [
    'kubectl create service clusterip web --tcp=80 --clusterip=10.0.0.12',
    "kubectl get services,servicecidrs -o jsonpath='{range .items[*]}{.metadata.name} {.spec.clusterIP}{.spec.cidrs} {end}'",
  ].join(' && ');
  const { exitCode, stdout, stderr } = await line.run(['lab', 'run', ...flags, '--', 'bash', '-c', script]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toBe('service/web created\nkubernetes 10.0.0.1 web 10.0.0.12 kubernetes ["10.0.0.0/24"] ');
});

test.each([
  [
    '--api-server-flag=--nonsense=1',
    'kube-apiserver does not start: Error: unknown flag: --nonsense',
    'Check the flags',
  ],
  [
    '--api-server-flag=--service-cluster-ip-range=10.0.0.0/24',
    'not simulated: Services of nodes in another range than 10.96.0.0/12',
    'take --no-nodes with it',
  ],
  ['--api-server-flag=nonsense', "argument 'nonsense' is invalid. a flag is --name=value", ''],
])('with %s it says why nothing starts', async (option, problem, next) => {
  const { exitCode, stderr } = await line.run(['lab', 'run', option, '--', 'true']);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(problem);
  expect(stderr).toContain(next);
  await nothingLeft();
});

test('says so when there is no such command', async () => {
  const { exitCode, stderr } = await line.run(['lab', 'run', '--', 'no-such-program']);
  expect(exitCode).toBe(1);
  expect(stderr).toBe('breachlab: There is no command "no-such-program".\n  → Check its spelling and PATH.\n');
  await nothingLeft();
});

/** A command that shows that it runs and does not end by itself. */
const WAITS = ['sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo begun; wait'];

describe.skipIf(impossible)(`with hosts${whyNot}`, () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle ends the command and the lab', async (signal) => {
    const command = line.start(['lab', 'run', '--scenario', 'breach', '--', ...WAITS]);
    await command.says(/begun/);
    const below = command.below().filter((one) => one.command !== 'sleep 1000'); // which is nobody's but sh's
    expect(below.map((one) => one.command)).toContain('/sbin/init');
    command.kill(signal);
    expect((await command.ended).exitCode).toBe(128 + 15);
    expect(survivors(below)).toEqual([]);
    await nothingLeft();
  });

  test('Ctrl-C while the lab starts ends it too', async () => {
    const command = line.start(['lab', 'run', '--scenario', 'breach', '--', ...WAITS]);
    await expect.poll(() => command.below().length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
    command.kill('SIGINT');
    const { exitCode, stderr } = await command.ended;
    expect([130, 143]).toContain(exitCode); // the command may have begun
    expect(stderr).toBe('');
    expect(command.below()).toEqual([]);
    await nothingLeft();
  });

  test('SIGKILL leaves nothing of the lab a second later', async () => {
    const command = line.start(['lab', 'run', '--scenario', 'breach', '--', ...WAITS]);
    await command.says(/begun/);
    const below = command.below();
    const isLab = (one: ProcessMark): boolean => !/sleep 1000/.test(one.command);
    expect(below.filter(isLab).length).toBeGreaterThan(5);
    command.kill('SIGKILL');
    await expect.poll(() => survivors(below).filter(isLab), { timeout: 1000 }).toEqual([]);
    expect(ourMounts()).toEqual([]);
    // The command itself nobody could stop: it is the user's own.
    for (const { pid } of survivors(below)) process.kill(pid);
    await command.ended;
  });
});
