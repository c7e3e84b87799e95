import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { DENIED_CALLS } from './denied-calls.ts';
import { type Runner, SERVER_USERS, wholeLabOfUser } from './lab-of-user.ts';

/**
 * What a learner tries from a privileged container of Docker with the node's disk in it. It is the node's to take, and no more: what leads
 * from there to the machine is refused as it is to the node's root (hosts.test.ts).
 */

const x64 = process.arch === 'x64';

describe.skipIf(impossible).each(SERVER_USERS)(`containers of a server that is %s${whyNot}`, (_server, uid) => {
  let lab: Runner;
  beforeAll(async () => {
    lab = await wholeLabOfUser(uid);
  }, 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());
  const node = (line: string) => lab.sh('node01', line);
  const quoted = (line: string) => `'${line.replaceAll("'", String.raw`'\''`)}'`;
  /** In a container with all that Docker can give. */
  const privileged = (line: string) =>
    node(`docker run --rm --privileged --pid host --ipc host -v /:/host alpine sh -c ${quoted(line)}`);
  /** In the node's own root, from within that container. */
  const chrooted = (line: string) => privileged(`chroot /host bash -c ${quoted(line)}`);

  test('the node’s disk is theirs', async () => {
    expect(await privileged('cat /host/etc/hostname; echo mine > /host/tmp/mine')).toBe('node01');
    expect(await node('cat /tmp/mine')).toBe('mine');
  });

  test.each([
    ['mount', 'mount -t tmpfs tmpfs /mnt', /permission denied|not permitted/i],
    ['mount another process file system', 'mkdir -p /p; mount -t proc proc /p', /permission denied|not permitted/i],
    ['unmount', 'umount /host', /permission denied|not permitted|Invalid argument/i],
    ['make a disk', 'mknod /tmp/disk b 8 0', /not permitted/],
    ['make a namespace', 'unshare -U true', /not permitted/],
    ['join a namespace', 'nsenter -t 1 -m true', /not permitted|can't open|Permission denied/i],
    ['set a kernel parameter', 'echo 1 > /proc/sys/kernel/panic', /Read-only file system/],
    ['set where core dumps go', 'echo "|/tmp/x" > /proc/sys/kernel/core_pattern', /Read-only file system/],
    ['do so through the node', 'echo "|/tmp/x" > /host/proc/sys/kernel/core_pattern', /Read-only file system/],
    ['restart the machine', 'echo b > /proc/sysrq-trigger', /Read-only file system|nonexistent|Permission denied/],
    ['load a module', 'insmod /tmp/none.ko', /not permitted|No such file|can't insert/],
    ['read the kernel log', 'dmesg', /not permitted/],
    ['see the environment of the node’s process 1', 'cat /host/proc/1/environ', /Permission denied|No such file/],
    ['see the root of the node’s process 1', 'ls /host/proc/1/root/', /Permission denied|No such file/],
    ['set the clock', 'date -s 2001-01-01', /not permitted/],
    ['write the machine’s libraries', 'touch /host/usr/lib/x', /Read-only file system/],
    ['write the lab’s own', 'rm /host/usr/local/lib/breachlab/socket', /Read-only file system/],
    ['move the machine’s programs away', 'mv /host/usr /host/other', /busy|Read-only|not permitted/i],
  ])('cannot %s', async (_, line, refusal) => {
    expect(await privileged(line)).toMatch(refusal);
  });

  test.skipIf(!x64).each(DENIED_CALLS)('cannot call %s from the node’s root', async (_, number) => {
    expect(await chrooted(`perl -e "syscall(${number}, 0, 0, 0, 0, 0, 0) == -1 and print \\$!"`)).toBe(
      'Operation not permitted',
    );
  });

  test('see nothing of the machine: not its files, not its network, not its processes', async () => {
    expect(await privileged('ls -d /host/work /host/etc/ssh/ssh_host* 2>/dev/null')).not.toMatch(/^\//m);
    expect(await privileged('ip -o link | cut -d: -f2 | cut -d@ -f1 | tr -d " \\n"')).toBe('loeth0');
    expect(await privileged('ps -o comm | sort -u | grep -E "node|vitest|perl"')).toBe('[status 1]');
  });

  test('links in the node’s disk lead nowhere else, whoever follows them', async () => {
    await privileged(
      'ln -sf /proc/1/root/etc/shadow /host/etc/docker/link; ln -sf ../../../../../../etc/machine-id /host/tmp/up',
    );
    expect(await node('cat /etc/docker/link')).toMatch(/No such file|Permission denied/);
    expect(await node('cat /tmp/up')).toMatch(/No such file/);
    expect(await node('docker run --rm -v /tmp/up:/x alpine cat /x')).not.toMatch(/^[0-9a-f]{32}/);
    await node('rm -f /etc/docker/link /tmp/up');
  });

  test('fill no more than their own disk', async () => {
    for (const path of ['/tmp/big', '/dev/shm/big'])
      expect(await privileged(`dd if=/dev/zero of=${path} bs=1M count=1024`)).toContain('No space left on device');
    expect(await node('echo fits > /tmp/small; cat /tmp/small')).toBe('fits');
  });

  test('starve nobody with a fork bomb', async () => {
    const bomb = 'i=0; while [ $i -lt 2000 ]; do sleep 60 & i=$((i+1)); done';
    expect(await node(`docker run --name bomb alpine sh -c ${quoted(bomb)}`)).toContain("can't fork");
    await node(`docker run -d --name second alpine sh -c ${quoted(`(${bomb}); sleep 60`)}`);
    expect(await lab.sh('controlplane', 'echo alive | cat')).toBe('alive');
    expect(await node('echo alive | cat')).toBe('alive');
    expect(await node('docker rm -f bomb second; docker ps -q')).toBe('bomb\nsecond');
  });

  test('take nobody else’s memory', async () => {
    const hog = `docker run -d --rm alpine sh -c 'tail /dev/zero'`;
    await node(`for i in 1 2 3; do ${hog}; done`);
    expect(await lab.sh('controlplane', 'echo alive | cat')).toBe('alive');
    expect(await node('docker run --rm alpine echo alive')).toBe('alive');
  });

  test('of others share nothing with them but what was mounted', async () => {
    await node('docker run -d --name other alpine sh -c "echo secret > /tmp/note; sleep 100"');
    expect(await node('docker run --rm alpine cat /tmp/note')).toContain('No such file');
    expect(await node('docker run --rm alpine ps -o args')).not.toContain('sleep 100');
    expect(await node('docker rm -f other')).toBe('other');
  });

  test('may delete the node’s disk, and the rest of the lab goes on', async () => {
    await privileged('cd /host; rm -rf etc home root run srv tmp var');
    expect(await lab.sh('controlplane', 'curl -sk --max-time 5 https://10.10.0.10:6443/livez')).toBe('ok');
  });
});
