import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { type Runner, SERVER_USERS, wholeLabOfUser } from './lab-of-user.ts';

/**
 * What a node's root, whom the processes of its containers are shown to, tries by them: they are the node's to take, and lead no further. A
 * container's process is the supervisor's own until it executes its program, and must not be caught before.
 */

/** Looks, as fast as it can, at each process for files that only the lab's supervisor has, until it is told to end. */
const RACER = String.raw`
  my ($looked, %caught) = (0);
  $SIG{TERM} = sub { print "caught @{[%caught]} after " . ($looked > 1000 ? "many" : $looked) . " looks\n"; exit };
  while (1) {
    opendir(my $list, "/proc");
    for my $pid (grep { /^\d+$/ && $_ != $$ } readdir $list) {
      $looked++;
      $caught{$pid} = "files" if -e "/proc/$pid/root/sys/lab" || -e "/proc/$pid/cwd/self/root/sys/lab";
      $caught{$pid} = "descriptors" if grep { m{^/sys/lab|^/proc} } map { readlink($_) // () } glob("/proc/$pid/fd/*");
    }
  }
`;

describe.skipIf(impossible).each(SERVER_USERS)(`pods of a node of a server that is %s${whyNot}`, (_server, uid) => {
  let lab: Runner;
  beforeAll(async () => {
    lab = await wholeLabOfUser(uid);
    await lab.sh('node01', 'docker run -d --name seen -e SECRET=s3cret --user 1000 alpine sleep 7654');
  }, 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());
  const node = (line: string) => lab.sh('node01', `P=$(pgrep -x sleep); S=$(ps -o ppid= -p $P | tr -d ' '); ${line}`);

  test('are seen by it with their files and environment', async () => {
    expect(
      await node("tr '\\0' '\\n' < /proc/$P/environ | grep SECRET; ls -d /proc/$P/root/etc/alpine-release"),
    ).toMatch(/^SECRET=s3cret\n\/proc\/\d+\/root\/etc\/alpine-release$/);
  });

  test('have nothing but their own files above and below them, and so have their shims', async () => {
    for (const root of [
      '/proc/$P/root',
      '/proc/$P/root/../..',
      '/proc/$P/cwd/../..',
      '/proc/$S/root/..',
      '/proc/$S/cwd/..',
    ])
      expect(
        await node(`ls ${root}/etc/alpine-release >/dev/null; ls -d ${root}/{work,sys/lab,.old,breachlab} 2>/dev/null`),
      ).toMatch(/^\[status \d\]$/);
    expect(await node('readlink /proc/$S/fd/* | sed "s/:.*//" | sort -u')).toBe('/dev/null\npipe');
  });

  test.each([
    ['join their mounts', 'nsenter -t $P -m true'],
    ['join their network', 'nsenter -t $P -n true'],
    ['join their users', 'nsenter -t $P -U true'],
    ['join all that their shim has', 'nsenter -t $S -a true'],
    ['make itself a namespace in theirs', 'nsenter -t $P -U unshare -m true'],
    ['mount into them', 'mount -t tmpfs x /proc/$P/root/mnt'],
    ['mount them', 'mount --bind /proc/$P/root /mnt'],
    ['make a device in them', 'mknod /proc/$P/root/tmp/disk b 8 0'],
    ['move into them', 'chroot /proc/$P/root true'],
    ['set a kernel parameter by them', 'echo 1 > /proc/$P/root/proc/sys/kernel/panic'],
    ['map other users into them', 'echo 0 0 1 > /proc/$P/uid_map'],
  ])('do not let it %s', async (_, line) => {
    expect(await node(line)).toMatch(/(not permitted|[Pp]ermission denied|Read-only file system).*\[status \d+\]$/s);
  });

  test('are under the lab’s filter from the first program on', async () => {
    expect(await node('grep -h -e ^Seccomp: /proc/$P/status /proc/$S/status | sort -u | tr -s "\\t" " "')).toBe(
      'Seccomp: 2',
    );
    expect(await node('grep -h ^NoNewPrivs /proc/$S/status | tr -s "\\t" " "')).toBe('NoNewPrivs: 1');
  });

  test('are not caught while they begin, nor what is executed in them', async () => {
    const begin = 'for i in 1 2 3 4 5 6; do docker run --rm alpine true; docker exec seen true; done';
    expect(await node(`perl -e '${RACER}' & R=$!; ${begin}; kill $R; wait $R`)).toMatch(/^caught {2}after many looks$/);
  });

  test('of other nodes are not seen', async () => {
    expect(await lab.sh('controlplane', 'pgrep -x sleep')).toBe('[status 1]');
  });
});
