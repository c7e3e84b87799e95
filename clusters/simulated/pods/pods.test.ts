import { afterAll, describe, expect, it } from 'vitest';
import { impossible, startTestLab, whyNot } from '../hosts/host-fixture.ts';
import type { ContainerLaunch, ContainerProcess, SandboxedPod } from './sandbox.ts';
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

describe.skipIf(impossible)(`containers that run${whyNot}`, async () => {
  const lab = impossible ? undefined : await startTestLab([]);
  const sandboxes = lab === undefined ? undefined : new SupervisedSandboxes(lab.set.supervisor);
  let made = 1;
  const makePod = async (at?: number): Promise<SandboxedPod> => {
    if (at === undefined) made += 1;
    if (sandboxes === undefined) throw new Error('skipped');
    return sandboxes.makePod({
      hostname: `pod-${made}`,
      address: `10.244.1.${at ?? made}`,
      plug: { node: '', gateway: '10.244.1.1' },
      node: 'node01',
      shares: [],
    });
  };
  afterAll(() => lab?.[Symbol.asyncDispose]());

  async function sh(container: ContainerProcess, line: string): Promise<string> {
    const run = await container.exec(['sh', '-c', line], LAUNCH.env, '/', AbortSignal.timeout(10_000));
    run.stdin.end();
    let said = '';
    for (const stream of [run.stdout, run.stderr]) stream.on('data', (bytes: Buffer) => (said += String(bytes)));
    const status = await run.exited;
    return status === 0 ? said.trim() : `${said.trim()} [status ${status}]`.trim();
  }

  it('see their own processes, name, environment and nothing of the machine', async () => {
    const container = await (await makePod()).run(LAUNCH);
    expect(await sh(container, 'hostname; echo $COLOR; cat /proc/1/cmdline | tr "\\0" " "')).toBe(
      `pod-${made}\nblue\nsleep 1000`,
    );
    expect(await sh(container, 'ls /.old /work /usr/lib/perl5 2>/dev/null; ls -d /proc/[0-9]* | wc -l')).not.toMatch(
      /\n/,
    );
  });

  it('have the user, group, capabilities and privileges that were asked for', async () => {
    const pod = await makePod();
    const asked = { ...LAUNCH, uid: 1000, gid: 3000, capabilities: [], noNewPrivileges: true };
    const ordinary = await pod.run(asked);
    expect(await sh(ordinary, 'id; grep -E "CapEff|NoNewPrivs" /proc/self/status')).toBe(
      'uid=1000 gid=3000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1',
    );
    expect(await sh(ordinary, 'touch /x')).toBe('touch: /x: Permission denied [status 1]');
    expect(await sh(await pod.run(LAUNCH), 'grep CapEff /proc/self/status')).toBe('CapEff:\t0000000000000401');
  });

  it('have further groups, and own what they may write to, where the server is root', async () => {
    const pod = await makePod();
    await pod.writeVolumes([
      { kind: 'folder', path: 'shared', mode: 0o2777, data: '' },
      { kind: 'owner', path: 'shared', uid: 0, gid: 2000 },
    ]);
    const mounts = [{ source: 'shared', subPath: '', target: '/shared', readOnly: false }];
    const container = await pod.run({ ...LAUNCH, uid: 1000, gid: 3000, groups: [3000, 2000], mounts });
    const rootServer = process.getuid?.() === 0;
    expect(await sh(container, 'id')).toBe(rootServer ? 'uid=1000 gid=3000 groups=2000,3000' : 'uid=1000 gid=3000');
    expect(await sh(container, 'touch /shared/x; stat -c %u:%g /shared/x')).toBe(
      rootServer ? '1000:2000' : '1000:3000',
    );
    expect(await sh(container, 'touch /etc/x')).toContain('Permission denied');
    expect(await sh(container, 'echo out > /dev/stdout && echo x > /tmp/x && echo fine')).toContain('fine');
  });

  it('see the processes of another container that they are put among, and leave none behind', async () => {
    const pod = await makePod();
    const target = await pod.run(LAUNCH);
    const beside = await pod.run({ ...LAUNCH, argv: ['sh', '-c', 'sleep 2000 & exec sleep 3000'], among: target });
    const seen = 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; echo; done';
    await expect.poll(() => sh(beside, seen)).toContain('sleep 2000');
    expect(await sh(beside, seen)).toContain('sleep 1000');
    await beside.signal(9);
    expect(await beside.exited).toBe(137);
    await expect.poll(() => sh(target, seen)).not.toContain('sleep 2000');
  });

  it('cannot write to a read-only root or to what the kubelet keeps, and share the rest of a volume', async () => {
    const pod = await makePod();
    await pod.writeVolumes([
      { kind: 'file', path: 'config/key', mode: 0o644, data: 'value\n' },
      { kind: 'folder', path: 'shared', mode: 0o777, data: '' },
    ]);
    const mounts = [
      { source: 'config', subPath: '', target: '/config', readOnly: true },
      { source: 'shared', subPath: '', target: '/shared', readOnly: false },
    ];
    const one = await pod.run({ ...LAUNCH, mounts, readOnlyRoot: true });
    const two = await pod.run({ ...LAUNCH, mounts });
    expect(await sh(one, 'cat /config/key; echo hello > /shared/file')).toBe('value');
    expect(await sh(two, 'cat /shared/file')).toBe('hello');
    expect(await sh(one, 'touch /config/x')).toContain('Read-only file system');
    expect(await sh(one, 'touch /x')).toContain('Read-only file system');
    expect(await sh(two, 'touch /bin/x && echo wrote')).toBe('wrote');
  });

  it('follow no link out of a volume, neither in a subPath nor in a mount path', async () => {
    const pod = await makePod();
    await pod.writeVolumes([{ kind: 'folder', path: 'shared', mode: 0o777, data: '' }]);
    const shared = { source: 'shared', subPath: '', target: '/shared', readOnly: false };
    const writer = await pod.run({ ...LAUNCH, mounts: [shared] });
    await sh(writer, 'ln -s / /shared/out; ln -s /.old/tmp /shared/old');
    await expect(pod.run({ ...LAUNCH, mounts: [{ ...shared, subPath: 'out/etc' }] })).rejects.toThrow(/through a link/);
    await expect(pod.run({ ...LAUNCH, mounts: [{ ...shared, subPath: '../other' }] })).rejects.toThrow(/leads out/);
    const inner = { ...shared, target: '/shared/old/escaped' };
    const nested = await pod.run({ ...LAUNCH, mounts: [shared, inner] }).catch((error: unknown) => error);
    expect(
      nested instanceof Error ? 'refused' : await sh(nested as ContainerProcess, 'ls -d /.old 2>&1; ls /.old'),
    ).not.toMatch(/sys|proc/);
  });

  it('may not mount, make namespaces or load anything', async () => {
    const container = await (await makePod()).run(LAUNCH);
    expect(await sh(container, 'mount -t tmpfs x /mnt')).toContain('[status');
    expect(await sh(container, 'unshare -U true')).toContain('Operation not permitted');
    expect(await sh(container, 'echo 1 > /proc/sys/kernel/panic')).toContain('[status');
  });

  it('reach each other through the router', async () => {
    const [server, client] = [await makePod(), await makePod()];
    const address = `10.244.1.${made - 1}`;
    await server.run({
      ...LAUNCH,
      argv: ['httpd', '-f', '-p', '8080', '-h', '/etc'],
      files: [{ kind: 'file', path: '/etc/index.html', mode: 0o644, data: 'served\n' }],
    });
    const container = await client.run(LAUNCH);
    expect(
      await sh(container, `for i in 1 2 3 4 5; do wget -qO- http://${address}:8080/ && break; sleep 0.2; done`),
    ).toContain('served');
    expect(await sh(container, `wget -T 2 -qO- http://${address}:81/`)).toContain('Connection refused');
  });

  it('take over the address of one whose network is still there', async () => {
    await using _former = await makePod();
    const own = made;
    const [successor, client] = [await makePod(own), await makePod()];
    await successor.serve(8080, (socket) => socket.end('the successor'));
    const container = await client.run(LAUNCH);
    expect(await sh(container, `nc -w 5 10.244.1.${own} 8080`)).toContain('the successor');
  });

  it('end with their own status, by a signal, and with all they started', async () => {
    const pod = await makePod();
    const own = await pod.run({ ...LAUNCH, argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'] });
    let out = '';
    own.stdout.on('data', (bytes: Buffer) => (out += String(bytes)));
    expect(await own.exited).toBe(7);
    await expect.poll(() => out).toBe('out\n'); // what it wrote comes on another way than its end
    const killed = await pod.run(LAUNCH);
    await killed.signal(9);
    expect(await killed.exited).toBe(137);
    await expect(pod.run({ ...LAUNCH, argv: ['nope'] })).rejects.toThrow(
      'exec: "nope": executable file not found in $PATH',
    );
  });

  it('are sixty at most', async () => {
    const pod = await makePod();
    const placeholder = { ...LAUNCH, argv: ['/pause'], streams: 'placeholder' as const };
    const many: ContainerProcess[] = [];
    const isFull = (): boolean => sandboxes?.isFull ?? true;
    while (!isFull()) many.push(await pod.run(placeholder));
    expect(many.length).toBeGreaterThan(30); // the tests above have left some running
    expect(many.length).toBeLessThanOrEqual(60);
    await Promise.all(many.map((container) => container.signal(9)));
    await Promise.all(many.map(({ exited }) => exited));
    expect(isFull()).toBe(false);
  });

  it('cannot fill more than their share of memory with files', async () => {
    const pod = await makePod();
    await pod.writeVolumes([{ kind: 'folder', path: 'shared', mode: 0o777, data: '' }]);
    const mounts = [{ source: 'shared', subPath: '', target: '/shared', readOnly: false }];
    const container = await pod.run({ ...LAUNCH, mounts });
    for (const file of ['/shared/big', '/big'])
      expect(await sh(container, `dd if=/dev/zero of=${file} bs=1M count=200`)).toContain('No space left on device');
    expect(await sh(container, 'rm /shared/big /big; echo room > /shared/x && echo fine')).toBe('fine');
  });

  it('end when their input does, where that is what they wait for', async () => {
    await using pod = await makePod();
    const container = await pod.run({ ...LAUNCH, argv: ['cat'], streams: 'input and output' });
    let said = '';
    container.stdout.on('data', (bytes: Buffer) => (said += String(bytes)));
    container.stdin?.end('hello\n');
    expect(await container.exited).toBe(0);
    await expect.poll(() => said).toBe('hello\n');
  });

  it('survive a fork bomb next door', async () => {
    const container = await (await makePod()).run(LAUNCH);
    await sh(container, 'f() { f | f & }; f; sleep 1').catch(() => undefined);
    await container.signal(9);
    expect(await container.exited).toBe(137);
    expect(await sh(await (await makePod()).run(LAUNCH), 'echo alive')).toBe('alive');
  });
});
