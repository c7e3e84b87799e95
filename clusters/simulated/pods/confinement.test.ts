import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import type { Architecture } from '../hosts/kernel-numbers.ts';
import { systemCalls } from '../hosts/system-calls.ts';
import { refusedSockets } from '../tools/apparmor/sockets.ts';
import type { FileRule } from '../tools/apparmor/profile.ts';
import type { AuditRecord } from './audit-record.ts';
import { refusedSocketsFilter } from './refused-sockets.ts';
import type { Confinement, ContainerProcess } from './sandbox.ts';
import { loggedCalls, profileFilter, type SeccompProfile } from './seccomp-profile.ts';
import { WatchedPod } from './watched-pod.ts';

const EVERYTHING: FileRule = { kind: '', access: 15, pattern: '/.*' };
const ARCHITECTURE = process.arch as Architecture;

describe.skipIf(impossible)(`a container under an AppArmor profile${whyNot}`, async () => {
  const pod = impossible ? undefined : await WatchedPod.start();
  afterAll(() => pod?.[Symbol.asyncDispose]());
  const watched = (): WatchedPod => pod ?? expect.unreachable('skipped');
  let records: AuditRecord[] = [];
  pod?.sandboxes.hearRecords((_, record) => records.push(record));
  beforeEach(() => {
    records = [];
  });
  const said = (container: ContainerProcess, line: string) => watched().said(container, line);
  const under = (files: readonly FileRule[], mode: Confinement['mode'] = 'enforce') =>
    watched().run({ confinement: { profile: 'own', mode, files } });
  const recorded = () =>
    records.flatMap((one) =>
      one.type === 'apparmor'
        ? [`${one.verdict} ${one.operation} ${one.path} ${one.requested}/${one.denied} ${one.by.name}`]
        : [],
    );

  it('is refused where rules deny the file that is reached', async () => {
    const files = [
      EVERYTHING,
      { kind: 'd', access: 4, pattern: '/etc/shadow' },
      { kind: 'd', access: 1, pattern: '/bin/(?:wget|nc)' },
      { kind: 'd', access: 2, pattern: '/tmp/kept/(?:[^/].*)' },
    ];
    const container = await under(files);
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
  });

  it('may do what its rules allow, and is recorded where it wants more', async () => {
    const container = await under([
      { kind: '', access: 4, pattern: '/etc/[^/]*' },
      { kind: '', access: 5, pattern: '/bin/.*' },
      { kind: 'o', access: 2, pattern: '/tmp/.*' },
    ]);
    expect(await said(container, 'cat /etc/hostname; echo x > /tmp/mine && mkdir /tmp/d && echo made')).toContain(
      'made',
    );
    expect(await said(container, 'echo x > /etc/new; ls /var; cat /tmp/mine; /usr/bin/env')).toMatch(
      /can't create \/etc\/new: Permission denied[^]*\/var[^]*\/tmp\/mine[^]*env: Permission denied/,
    );
    await expect
      .poll(recorded)
      .toEqual([
        'DENIED mknod /etc/new c/c sh',
        'DENIED open /var/ r/r ls',
        'DENIED open /tmp/mine r/r cat',
        'DENIED exec /usr/bin/env x/x sh',
      ]);
  });

  it('begins with whatever program it is given, which the runtime starts', async () => {
    const container = await under([{ kind: '', access: 4, pattern: '/etc/.*' }]);
    expect(await said(container, 'read line < /etc/passwd; echo $line; ls')).toBe(
      'root:x:0:0:root:/root:/bin/sh\nsh: ls: Permission denied\n',
    );
  });

  it('that only complains goes on, but not against what is denied in so many words', async () => {
    const container = await under([{ kind: 'd', access: 4, pattern: '/etc/shadow' }], 'complain');
    expect(await said(container, 'cat /etc/hostname; cat /etc/shadow')).toBe(
      "watched\ncat: can't open '/etc/shadow': Permission denied\n",
    );
    await expect.poll(recorded).toContain('ALLOWED open /etc/hostname r/r cat');
    expect(recorded().filter((line) => line.includes('shadow'))).toEqual([]);
  });

  it('is recorded where a rule says so', async () => {
    const container = await under([
      EVERYTHING,
      { kind: 'a', access: 4, pattern: '/etc/passwd' },
      { kind: 'da', access: 4, pattern: '/etc/shadow' },
    ]);
    await said(container, 'cat /etc/passwd /etc/shadow /etc/hostname');
    await expect.poll(recorded).toEqual(['AUDIT open /etc/passwd r/ cat', 'DENIED open /etc/shadow r/r cat']);
  });

  it('is ended by one that kills', async () => {
    const container = await under([EVERYTHING, { kind: 'da', access: 4, pattern: '/etc/shadow' }], 'kill');
    expect(await said(container, 'cat /etc/shadow; echo $?')).toMatch(/^137$/m);
  });

  it('reads under which one it is', async () => {
    const read = 'cat /proc/self/attr/current /proc/1/attr/apparmor/current /proc/$$/task/$$/attr/current';
    const lines = (label: string): string => `${label}\n`.repeat(3);
    expect(await said(await under([EVERYTHING]), read)).toBe(lines('own (enforce)'));
    expect(await said(await watched().run(), read)).toBe(lines('cri-containerd.apparmor.d (enforce)'));
    const none = await watched().run({ confinement: { profile: '', mode: 'unconfined' } });
    expect(await said(none, read)).toBe(lines('unconfined'));
  });

  it('makes the sockets that it may', async () => {
    const rule = {
      about: 'network',
      denied: false,
      audited: false,
      owned: false,
      words: ['inet', 'tcp'],
      written: '',
    } as const;
    const filters = [refusedSocketsFilter(ARCHITECTURE, refusedSockets([rule]))];
    const container = await watched().run({ filters });
    expect(await said(container, 'nc -w 1 127.0.0.1 9; nslookup x 127.0.0.1; echo | nc -w 1 -u 127.0.0.1 9')).toMatch(
      /Connection refused[^]*Permission denied/,
    );
  });
});

describe.skipIf(impossible)(`a container of another kind${whyNot}`, async () => {
  const pod = impossible ? undefined : await WatchedPod.start();
  afterAll(() => pod?.[Symbol.asyncDispose]());
  const watched = (): WatchedPod => pod ?? expect.unreachable('skipped');
  const numbers = systemCalls(ARCHITECTURE);
  const underSeccomp = (profile: SeccompProfile): ReturnType<WatchedPod['run']> => {
    const logged = loggedCalls(profile, ARCHITECTURE);
    const confinement: Confinement = {
      profile: 'cri-containerd.apparmor.d',
      mode: 'enforce',
      ...(logged && { logged }),
    };
    return watched().run({ confinement, filters: [profileFilter(profile, ARCHITECTURE)] });
  };

  it('is let through and recorded where its seccomp profile logs', async () => {
    const records: AuditRecord[] = [];
    pod?.sandboxes.hearRecords((_, record) => records.push(record));
    const container = await underSeccomp({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_LOG' },
        { names: ['chmod', 'fchmodat', 'fchmodat2'], action: 'SCMP_ACT_ERRNO' },
      ],
    });
    expect(await watched().said(container, 'mkdir /tmp/a && chmod 700 /tmp/a; ls /tmp')).toMatch(/not permitted\na\n/);
    await expect.poll(() => records.length).toBe(1);
    expect(records[0]).toMatchObject({
      type: 'seccomp',
      number: numbers.get(ARCHITECTURE === 'x64' ? 'mkdir' : 'mkdirat'),
      by: { name: 'mkdir', uid: 0, file: '/bin/mkdir' },
    });
  });

  it('works where all of its calls are logged', async () => {
    const records: AuditRecord[] = [];
    pod?.sandboxes.hearRecords((_, record) => records.push(record));
    const container = await underSeccomp({ defaultAction: 'SCMP_ACT_LOG' });
    expect(await watched().said(container, 'cat /etc/hostname')).toBe('watched\n');
    await expect
      .poll(() => records.some((one) => one.type === 'seccomp' && one.number === numbers.get('exit_group')))
      .toBe(true);
    const names = records.map((one) => (one.type === 'seccomp' ? one.by.name : one.type));
    expect(names.filter((name) => !['sleep', 'sh', 'cat'].includes(name))).toEqual([]);
  });

  it('has a kernel that calls itself gVisor’s where that is its sandbox', async () => {
    const container = await watched().run({
      confinement: { profile: 'cri-containerd.apparmor.d', mode: 'enforce', sandbox: 'gvisor' },
    });
    expect(await watched().said(container, 'uname -rn; dmesg; cat /proc/version')).toMatch(
      /^watched 4\.19\.0-gvisor\n\[ {4}0\.000000\] Starting gVisor\.\.\.\n[^]*Ready!\nLinux version 4\.19\.0-gvisor /,
    );
    expect(await watched().said(await watched().run(), 'dmesg; uname -r')).toMatch(
      /Operation not permitted\n(?!4\.19\.0-gvisor)/,
    );
  });
});
