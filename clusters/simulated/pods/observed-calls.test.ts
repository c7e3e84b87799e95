import { afterAll, describe, expect, it } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import type { ObservedCall } from '../hosts/observed-call.ts';
import type { ContainerLaunch, ContainerProcess } from './sandbox.ts';
import { LAUNCH, WatchedPod } from './watched-pod.ts';

type Of<T extends ObservedCall['type']> = Extract<ObservedCall, { type: T }>;

describe.skipIf(impossible)(`what programs in containers do${whyNot}`, async () => {
  const pod = impossible ? undefined : await WatchedPod.start();
  afterAll(() => pod?.[Symbol.asyncDispose]());
  const heard: { readonly id: string; readonly call: ObservedCall }[] = [];
  pod?.sandboxes.hearCalls((id, call) => heard.push({ id, call }));
  pod?.sandboxes.wantCalls(true);
  const watched = (): WatchedPod => pod ?? expect.unreachable('skipped');
  const run = (launch?: Partial<ContainerLaunch>) => watched().run(launch);
  const sh = async (container: ContainerProcess, line: string): Promise<number> =>
    (await watched().exec(container, line)).status;
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
      '/etc/passwd': '',
    });
    expect(
      new Set(heard.filter(({ call }) => 'path' in call && call.path === '/etc/shadow').map(({ id }) => id)),
    ).toEqual(new Set(['containerd://two']));
  });

  it('is told of what changes in folders, by whole paths and with how it is going to end', async () => {
    const container = await run({ readOnlyRoot: false, id: 'containerd://changes' });
    heard.length = 0;
    const line =
      'cd /tmp; mkdir a a/b; rmdir no; echo > a/f; mv a/f a/g; ln a/g h; ln -s nowhere s; chmod 4755 h; rm s h a/g; rmdir a/b; mkdir a';
    await sh(container, line);
    const changes = () =>
      heard.flatMap(({ call }) => ('paths' in call ? [[call.type, ...call.paths, call.mode, call.error]] : []));
    await expect.poll(() => changes().length).toBeGreaterThanOrEqual(12);
    const at = (path: string): string => `/tmp/${path}`;
    for (const [type, ...rest] of [
      [/^mkdir/, at('a'), 0o777, ''],
      [/^mkdir/, at('a/b'), 0o777, ''],
      [/^rmdir/, at('no'), undefined, 'ENOENT'],
      [/^rename/, at('a/f'), at('a/g'), undefined, ''],
      [/^link/, at('a/g'), at('h'), undefined, ''],
      [/^symlink/, 'nowhere', at('s'), undefined, ''],
      [/chmod/, at('h'), 0o4755, ''],
      [/^unlink/, at('s'), undefined, ''],
      [/^rmdir/, at('a/b'), undefined, ''],
      [/^mkdir/, at('a'), 0o777, 'EEXIST'],
    ] as const)
      expect(changes()).toContainEqual([expect.stringMatching(type) as string, ...rest]);
  });

  it('is refused and told by owner and mode', async () => {
    heard.length = 0;
    const container = await run({ uid: 1000, gid: 1000, capabilities: [] });
    // A lab of one user has one owner of all files.
    const isRead = (await sh(container, 'cat /etc/shadow')) === 0;
    await sh(container, 'echo x > /tmp/mine; cat /tmp/mine');
    const opened = () => heard.flatMap(({ call }) => ('flags' in call ? [[call.path, call.error]] : []));
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

  it('costs nobody a word while nobody listens', async () => {
    pod?.sandboxes.wantCalls(false);
    const container = await run();
    await sh(container, 'true');
    heard.length = 0;
    expect(await sh(container, 'cat /etc/shadow')).toBe(0);
    expect(heard).toEqual([]);
  });
});
