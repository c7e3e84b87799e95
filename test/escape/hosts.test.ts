import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, startTestLab, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { DENIED_CALLS } from './denied-calls.ts';
import { labOfUser, SERVER_USERS, type Runner } from './lab-of-user.ts';

/**
 * What a learner, who is root in a host, tries in order to get out of it or to take the machine down. Each line is run by bash in
 * node01; `perl -e 'syscall …'` stands for any program, as numbers are those of x86_64.
 */

const x64 = process.arch === 'x64';

describe.skipIf(impossible).each(SERVER_USERS)(`root in a host of a server that is %s${whyNot}`, (_server, uid) => {
  let lab: Runner;
  beforeAll(async () => {
    lab = await labOfUser(uid, ['node01', 'internet']);
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  const sh = (line: string) => lab.sh('node01', line);

  test.each([
    ['mount', 'mount -t tmpfs tmpfs /mnt', /permission denied|must be superuser|not permitted/i],
    ['unmount what hides the rest', 'umount /proc/sys', /not permitted|must be superuser|permission denied/i],
    ['make a device', 'mknod /tmp/disk b 8 0', /not permitted/],
    ['make a user namespace', 'unshare --user true', /not permitted/],
    ['make any other namespace', 'unshare --net true', /not permitted/],
    ['join another namespace', 'nsenter --target 1 --mount true', /permission denied|not permitted/i],
    ['change the root folder', 'chroot /tmp true', /not permitted/],
    ['set a kernel parameter', 'echo 1 > /proc/sys/kernel/panic', /Read-only file system/],
    ['set where core dumps go', 'echo "|/tmp/x" > /proc/sys/kernel/core_pattern', /Read-only file system/],
    ['read the kernel log', 'dmesg', /not permitted/],
    ['load a kernel module', 'insmod /tmp/none.ko || modprobe dummy', /not permitted|not found|No such file/],
    ['write to the system', 'touch /usr/bin/x /bin/x /usr/local/bin/x', /Read-only file system/],
    ['make device files appear', 'touch /dev/x', /Read-only file system/],
    ['lift its process limit', 'ulimit -u unlimited', /not permitted|Operation not permitted/],
    ['see the environment of process 1', 'cat /proc/1/environ', /Permission denied/],
    ['see the memory map of process 1', 'cat /proc/1/maps', /Permission denied/],
    ['see the root of process 1', 'ls /proc/1/root/', /Permission denied/],
    ['set the machine clock', 'date -s 2001-01-01', /not permitted/],
    ['restart the machine', 'echo b > /proc/sysrq-trigger', /Read-only file system|No such file|Permission denied/],
    ['turn a terminal on its reader', `perl -e 'my $c = "x"; ioctl(STDIN, 0x5412, $c) or die $!'`, /not permitted/],
  ])('cannot %s', async (_, line, refusal) => {
    const said = await sh(line);
    expect(said).toMatch(refusal);
    expect(said).toMatch(/\[status \d+\]$/);
  });

  test.skipIf(!x64).each(DENIED_CALLS)('cannot call %s', async (_, number) => {
    await expect(sh(`perl -e 'syscall(${number}, 0, 0, 0, 0, 0, 0) == -1 and print $!'`)).resolves.toBe(
      'Operation not permitted',
    );
  });

  test.skipIf(!x64)('cannot clone into new namespaces, by the old call or the new', async () => {
    await expect(sh(`perl -e 'syscall(56, 0x10000011, 0, 0, 0, 0) == -1 and print $!'`)).resolves.toBe(
      'Operation not permitted',
    );
    await expect(sh(`perl -e 'syscall(435, 0, 0) == -1 and print $!'`)).resolves.toBe('Function not implemented');
  });

  test.skipIf(!x64)('cannot use the x32 numbers of the same calls', async () => {
    await expect(sh(`perl -e 'syscall(0x40000000 + 165, 0, 0, 0, 0, 0) == -1 and print $!'`)).resolves.toBe(
      'Function not implemented',
    );
  });

  test.each([
    ['vsock', 40],
    ['the kernel crypto interface', 38],
    ['bluetooth', 31],
  ])('cannot open a socket of %s', async (_, family) => {
    await expect(sh(`perl -e 'socket(my $s, ${family}, 1, 0) or print $!'`)).resolves.toContain(
      'Address family not supported',
    );
  });

  test('has no more capabilities than an administrator needs, and can gain none', async () => {
    // CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID NET_BIND_SERVICE NET_ADMIN NET_RAW
    await expect(
      sh('grep -E "Cap(Prm|Eff|Bnd)|NoNewPrivs|^Seccomp:" /proc/self/status | tr -s "\\t\\n" " "'),
    ).resolves.toBe(
      'CapPrm: 00000000000034fb CapEff: 00000000000034fb CapBnd: 00000000000034fb NoNewPrivs: 1 Seccomp: 2',
    );
    await expect(sh('grep Cap /proc/1/status | cut -f2 | sort -u')).resolves.toBe('0000000000000000');
  });

  test('is an ordinary user of the machine', async () => {
    const map = await sh('cat /proc/self/uid_map');
    // As the lab has them, none of which is one of the machine's accounts (lab-user.ts).
    expect(map.trim().replaceAll(/\s+/g, ' ')).toMatch(uid === 0 ? /^0 0 1(?: 1 1 65535)?$/ : /^0 0 1/);
    // /usr belongs to the machine's root, who is nobody here.
    await expect(sh('stat -c %u /usr /usr/bin/bash')).resolves.toBe('65534\n65534');
  });

  test('traces its own programs but not process 1', async () => {
    const trace = (pid: string) =>
      `perl -e 'syscall(${x64 ? 101 : 117}, 16, ${pid}, 0, 0) == 0 and print "traced" or print $!'`;
    await expect(sh(trace('1'))).resolves.toBe('Operation not permitted');
    await expect(sh(`sleep 5 & ${trace("'$!'")}; kill -9 $!; wait`)).resolves.toContain('traced');
    await expect(sh('ls -A /proc/1/fd')).resolves.toBe('');
    await expect(sh('kill -9 1; sleep 0.05; cat /proc/1/comm')).resolves.toBe('init');
  });

  test('inherits no descriptor but its three streams', async () => {
    await expect(sh('ls /proc/self/fd')).resolves.toBe('0\n1\n2\n3'); // ls itself has the fourth
    await expect(sh('readlink /proc/$$/fd/0 | cut -d: -f1')).resolves.toBe('pipe');
  });

  test("sees neither the machine's processes, nor its files, nor its network", async () => {
    await expect(sh('all=$(ps -eo comm=); echo $(sort -u <<< "$all")')).resolves.toBe('bash init ps');
    await expect(sh('cat /etc/shadow | cut -d: -f2 | sort -u')).resolves.toBe('*');
    await expect(sh('ls -A /home /root/.ssh /sys /boot /etc/ssh 2>/dev/null')).resolves.not.toMatch(
      /id_|ssh_host|block/,
    );
    await expect(sh('ls -d /etc/ssh/ssh_host* /work /var/lib/docker')).resolves.not.toMatch(/^\//m);
    await expect(sh('ip -br link | cut -d@ -f1 | tr -s " \\n" " "')).resolves.toMatch(/^lo .* eth0$/);
    await expect(sh('cut -c1-200 /proc/net/unix | grep -c -e /run/ -e @')).resolves.toBe('0 [status 1]');
  });

  test('cannot starve the lab with a fork bomb', async () => {
    const bomb = `perl -e 'for (1 .. 5000) { my $p = fork; if (!defined $p) { print "full at $_"; last } if (!$p) { sleep 60; exit } }'`;
    const full = Number(/full at (\d+)/.exec(await sh(bomb))?.[1]);
    expect(full).toBeLessThan(300);
    await expect(lab.sh('internet', 'echo alive | cat')).resolves.toBe('alive');
    await sh('exec pkill -9 perl');
    await expect(sh('echo alive | cat')).resolves.toBe('alive');
  });

  test('cannot fill more than the host with files, by size or by number', async () => {
    await expect(sh('head -c 200000000 /dev/zero > /root/big; stat -c %s /root/big; rm /root/big')).resolves.toMatch(
      /No space left|^\d{8}$/m,
    );
    await expect(sh('head -c 20000000 /dev/zero > /dev/shm/big; rm /dev/shm/big')).resolves.toContain('No space left');
    await expect(
      sh(
        'mkdir /root/many; cd /root/many; perl -e \'for (1 .. 30000) { open(F, ">", $_) or do { print $!; last } }\'; rm -r /root/many',
      ),
    ).resolves.toBe('No space left on device');
    await expect(lab.sh('internet', 'echo > /root/file')).resolves.toBe('');
  });

  test('cannot use up what watching files needs in other labs', async () => {
    const make = x64 ? 'syscall(294, 0)' : 'syscall(26, 0)';
    await expect(sh(`perl -e 'for (1 .. 200) { ${make} < 0 and print($_) and last }'`)).resolves.toBe('9');
  });

  test('cannot take the memory of the machine with one program', async () => {
    await expect(sh(`perl -e '$x = "x" x 700000000; print "got it"'`)).resolves.toContain('Out of memory');
  });

  test('cannot take the memory of the machine with many programs', async () => {
    // Three times 400 MB is more than a lab may have, so one of them is killed: bash says so, and `wait` returns 137.
    const hog = `perl -e 'vec($x, 400000000, 8) = 1; sleep 30'`;
    const said = await sh(`for i in 1 2 3; do ${hog} & done; wait -n; echo "ended with $?"; pkill -9 perl; wait`);
    expect(said).toContain('ended with 137');
    await expect(lab.sh('internet', 'echo alive | cat')).resolves.toBe('alive');
  }, 30_000);

  test('reaches nothing of another lab', async () => {
    await using other = await startTestLab(['node01']);
    await other.sh(
      'node01',
      'echo secret > /tmp/note; echo secret > /dev/shm/note; (setsid sleep 987 &) >/dev/null 2>&1',
    );
    const server = await other.on('node01').listen(8080);
    server.on('connection', (socket) => socket.end('secret'));
    const looks = [
      'cat /tmp/note /dev/shm/note',
      'ps -eo args= | grep "[s]leep 987"',
      'cat /proc/net/tcp /proc/net/unix | grep -i 1f90',
      `timeout 5 bash -c 'cat < /dev/tcp/node01/8080'`,
      'ipcs -ma | grep 0x',
      'ip neigh; ip -br link | grep -c veth',
    ];
    for (const look of looks) {
      const said = await sh(look);
      expect(said).toMatch(/\[status \d+\]$/);
      expect(said).not.toContain('secret');
    }
    server.close();
  });

  test('cannot put another program behind the commands of the lab, nor take their socket away', async () => {
    for (const line of [
      'rm /usr/local/lib/breachlab/socket',
      'echo > /usr/local/lib/breachlab/command',
      'ln -sf /bin/true /usr/local/bin/systemctl',
      'mv /usr/local/bin /usr/local/other',
    ])
      await expect(sh(line)).resolves.toMatch(/Read-only file system.*\[status 1\]$/s);
  });

  test('cannot make the lab read the machine’s files through links', async () => {
    await sh(
      'ln -sf /proc/1/root/etc/shadow /tmp/one; ln -sf ../../../../../../etc/machine-id /tmp/two; ln -s / /tmp/top',
    );
    for (const line of ['cat /tmp/one', 'cat /tmp/two', 'cat /tmp/top/etc/machine-id', 'ls /tmp/top/work'])
      await expect(sh(line)).resolves.toMatch(/No such file|Permission denied/);
  });

  test('gains nothing by other users: not their numbers, not programs that are set-user-id', async () => {
    const setUserId = 'cp /usr/bin/perl /tmp/p; chown 1234 /tmp/p; chmod 4755 /tmp/p';
    const asNobody = 'setpriv --reuid 4321 --regid 4321 --clear-groups --';
    const hasUsers = (await sh('wc -l < /proc/self/uid_map')) !== '1';
    const tried = hasUsers
      ? [
          `${setUserId}; ${asNobody} /tmp/p -e 'print "as $< $>"'`,
          ...['mount -t tmpfs x /mnt', 'unshare -U true', 'cat /etc/shadow', 'kill 1', 'nft add table x'].map(
            (line) => `${asNobody} ${line}`,
          ),
        ]
      : [setUserId, `${asNobody} true`];
    for (const line of tried)
      expect(await sh(line)).toMatch(/^as 4321 4321$|denied|not permitted|must be superuser|Invalid argument/i);
  });

  test('cannot starve the machine with a fork bomb of many users', async () => {
    // It clears away what it has forked itself, for until then there may be no process left for anybody else.
    const bomb = `perl -e 'for my $u (0 .. 39) { my $c = fork; last unless defined $c; if ($c) { push @c, $c; next } setpgrp; $> = $< = 2000 + $u if $u; my $n = 0; while (1) { my $p = fork; last unless defined $p; if (!$p) { sleep 60; exit } last if ++$n > 300 } print "$n "; exit } sleep 3; kill -9, @c'`;
    const forked = (await sh(bomb)).split(' ').reduce((sum, count) => sum + (Number(count) || 0), 0);
    expect(forked).toBeLessThan(1100);
    await expect.poll(() => lab.sh('internet', 'echo alive | cat'), { timeout: 5000 }).toBe('alive');
    await expect.poll(() => sh('echo alive | cat'), { timeout: 5000 }).toBe('alive');
  });
});
