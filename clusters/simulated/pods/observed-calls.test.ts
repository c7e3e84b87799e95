import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { labIdFrom } from '../../../protocol/ids.ts';
import { impossible, nursery, whyNot } from '../hosts/host-fixture.ts';
import { startHosts } from '../hosts/start-hosts.ts';
import type { ObservedCall } from '../tools/falco/events.ts';
import type { ContainerLaunch, ContainerProcess } from './sandbox.ts';
import { SupervisedSandboxes } from './supervised-sandboxes.ts';

const LAUNCH: ContainerLaunch = {
  id: 'containerd://one',
  argv: ['sleep', '1000'],
  env: { PATH: '/bin:/usr/bin' },
  cwd: '/',
  uid: 0,
  gid: 0,
  groups: [],
  capabilities: [0, 1],
  noNewPrivileges: false,
  readOnlyRoot: false,
  streams: 'output',
  mounts: [],
  files: [{ kind: 'file', path: '/etc/shadow', mode: 0o600, data: 'root:*::\n' }],
};

type Of<T extends ObservedCall['type']> = Extract<ObservedCall, { type: T }>;

describe.skipIf(impossible)(`what programs in containers do${whyNot}`, async () => {
  const faults: unknown[] = [];
  const set = impossible
    ? undefined
    : await startHosts({
        lab: labIdFrom(randomBytes(10)),
        hosts: [],
        nursery,
        files: [],
        progress: () => undefined,
        signal: AbortSignal.timeout(30_000),
        fault: (error) => faults.push(error),
      });
  afterAll(async () => {
    await set?.[Symbol.asyncDispose]();
    if (faults.length > 0) throw new AggregateError(faults, 'the lab reported faults');
  });
  const sandboxes = set === undefined ? undefined : new SupervisedSandboxes(set.supervisor);
  const heard: { readonly id: string; readonly call: ObservedCall }[] = [];
  sandboxes?.hearCalls((id, call) => heard.push({ id, call }));
  sandboxes?.wantCalls(true);
  const pod = await sandboxes?.makePod({
    hostname: 'watched',
    address: '10.244.1.9',
    plug: { node: '', gateway: '10.244.1.1' },
    node: 'node01',
    shares: [],
  });
  const run = async (launch: Partial<ContainerLaunch> = {}): Promise<ContainerProcess> => {
    if (pod === undefined) throw new Error('skipped');
    return pod.run({ ...LAUNCH, ...launch });
  };
  const exec = async (container: ContainerProcess, line: string) => {
    const program = await container.exec(['sh', '-c', line], LAUNCH.env, '/', AbortSignal.timeout(10_000));
    program.stdin.end();
    let output = '';
    for (const stream of [program.stdout, program.stderr])
      stream.on('data', (bytes: Buffer) => (output += String(bytes)));
    return { status: await program.exited, output };
  };
  const sh = async (container: ContainerProcess, line: string): Promise<number> => (await exec(container, line)).status;
  const said = async (container: ContainerProcess, line: string): Promise<string> =>
    (await exec(container, line)).output;
  const calls = <T extends ObservedCall['type']>(type: T): Of<T>[] =>
    heard.flatMap(({ call }) => (call.type === type ? [call as Of<T>] : []));

  it('is told with the program, its words, its user and who started it', async () => {
    const container = await run({ uid: 1000, gid: 1000 });
    expect(await sh(container, 'cat /etc/hostname; true')).toBe(0);
    await expect.poll(() => calls('execve').map(({ argv }) => argv.join(' '))).toContain('cat /etc/hostname');
    const [first] = calls('execve');
    expect(first).toMatchObject({ path: '/bin/sleep', process: { ppid: 0, vpid: 1, uid: 1000, gid: 1000, tty: 0 } });
    const shell = calls('execve').find(({ argv }) => argv[0] === 'sh');
    const cat = calls('execve').find(({ argv }) => argv[0] === 'cat');
    expect(shell?.process.ppid).toBe(0);
    expect(cat?.process).toMatchObject({ ppid: shell?.process.pid, names: ['sh', 'sh'], cwd: '/', uid: 1000 });
    expect(cat?.process.pcmdline).toBe('sh -c cat /etc/hostname; true');
  });

  it('is told of files with how their opening is going to end', async () => {
    const container = await run({ readOnlyRoot: true, id: 'containerd://two' });
    await sh(
      container,
      'cat /etc/shadow; cat /no/file; ln -s shadow /tmp/x; echo x > /etc/x; cd /etc; cat ../etc/./passwd',
    );
    const opened = () =>
      Object.fromEntries(
        calls('open')
          .concat(calls('openat') as never)
          .map(({ path, error }) => [path, error]),
      );
    await expect.poll(opened).toMatchObject({
      '/etc/shadow': '',
      '/no/file': 'ENOENT',
      '/etc/x': 'EROFS',
      '/etc/passwd': 'ENOENT',
    });
    expect(
      new Set(heard.filter(({ call }) => 'path' in call && call.path === '/etc/shadow').map(({ id }) => id)),
    ).toEqual(new Set(['containerd://two']));
  });

  it('is refused and told by owner and mode', async () => {
    heard.length = 0;
    const container = await run({ uid: 1000, gid: 1000, capabilities: [] });
    // A lab of one user has one owner of all files.
    const isRead = (await sh(container, 'cat /etc/shadow')) === 0;
    await sh(container, 'echo x > /tmp/mine; cat /tmp/mine');
    const opened = () => heard.flatMap(({ call }) => ('error' in call ? [[call.path, call.error]] : []));
    await expect.poll(opened).toEqual(
      expect.arrayContaining([
        ['/etc/shadow', isRead ? '' : 'EACCES'],
        ['/tmp/mine', ''],
      ]),
    );
  });

  it('is told of connections by address, port and protocol', async () => {
    const container = await run();
    await sh(container, 'nc -w 1 127.0.0.1 9 < /dev/null; nslookup x 10.96.0.10 & sleep 0.2; kill $!');
    await expect
      .poll(() => calls('connect').map(({ protocol, address, port }) => `${protocol} ${address}:${port}`))
      .toEqual(expect.arrayContaining(['tcp 127.0.0.1:9', 'udp 10.96.0.10:53']));
  });

  it('is told of a terminal', async () => {
    const container = await run();
    heard.length = 0;
    const shell = await container.execOnTerminal(['sh'], LAUNCH.env, '/');
    shell.output.resume();
    await expect.poll(() => calls('execve').map(({ process }) => process.tty)).toEqual([34816]);
    await shell.write(Buffer.from('exit\n'));
    await shell.exited;
  });

  it('is counted instead of told where it is too much', async () => {
    const container = await run();
    await sh(container, 'i=0; while [ $i -lt 1500 ]; do : < /etc/shadow; i=$((i+1)); done; sleep 1.1; cat /etc/shadow');
    await expect.poll(() => calls('lost').length).toBeGreaterThan(0);
  });

  it('is refused where rules deny the file that is reached, and is told no more', async () => {
    const denied = [
      { access: 4, pattern: '/etc/shadow' },
      { access: 1, pattern: '/bin/(?:wget|nc)' },
      { access: 2, pattern: '/tmp/kept/(?:[^/].*)' },
    ];
    const container = await run({ denied, id: 'containerd://denied' });
    const refusals = async (line: string): Promise<number> =>
      (await said(container, line)).match(/ermission denied/g)?.length ?? 0;
    expect(await said(container, 'cat /etc/hostname; ls /etc; nslookup -h')).not.toContain('ermission denied');
    expect(await refusals('cat /etc/shadow; cd /etc; cat shadow ./../etc/shadow /proc/self/root/etc/shadow')).toBe(4);
    expect(
      await refusals(
        'ln -s /etc/shadow /tmp/s; cat /tmp/s; ln -s /etc /tmp/e; cat /tmp/e/shadow; ln -s /proc/self/root /tmp/r; cat /tmp/r/etc/shadow',
      ),
    ).toBe(3);
    // Where `..` leads the kernel says, not the path.
    expect(await refusals('mkdir /etc/deep; ln -s /etc/deep /tmp/d; cat /tmp/d/../shadow')).toBe(1);
    expect(await refusals('nc -h; /bin/wget x')).toBe(2);
    expect(await refusals('mkdir /tmp/kept; true > /tmp/kept/x; mkdir /tmp/kept/y; ln -s x /tmp/kept/z')).toBe(3);
    expect(await refusals('true > /tmp/other; mv /tmp/other /tmp/kept/; rm /tmp/other')).toBe(1);
    expect(
      heard.filter(({ id, call }) => id === 'containerd://denied' && 'path' in call && call.path === '/etc/shadow'),
    ).toEqual([]);
  });

  it('costs nobody a word while nobody listens', async () => {
    sandboxes?.wantCalls(false);
    const container = await run();
    await sh(container, 'true');
    heard.length = 0;
    expect(await sh(container, 'cat /etc/shadow')).toBe(0);
    expect(heard).toEqual([]);
  });
});
