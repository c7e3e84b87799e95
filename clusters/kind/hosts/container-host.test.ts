import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerIsMissing, whyNoDocker } from '../docker-test-engine.ts';
import { type ContainerLab, refusalOf, soon, startContainerLab } from '../lab-fixture.ts';
import { containerHost } from './container-host.ts';

/** What hosts of every backend do: test/contract/host-contract.ts. */
describe.skipIf(dockerIsMissing)(`a container as a host${whyNoDocker}`, () => {
  let lab: ContainerLab;
  beforeAll(async () => {
    lab = await startContainerLab(['workstation', 'node01']);
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const read = async (path: string) => {
    const result = await lab.on('node01').readFile(path, { maxBytes: 1000 });
    return result.outcome === 'read' ? String(result.content) : result.outcome;
  };

  test('gives its programs a clean environment', async () => {
    const { stdout } = await lab.on('workstation').exec(['env'], { signal: soon() });
    expect(String(stdout).trim().split('\n').sort()).toEqual([
      'HOME=/root',
      'LANG=C.UTF-8',
      'LOGNAME=root',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'SHELL=/bin/bash',
      'USER=root',
    ]);
  });

  test.each([
    ['what only the machine has', '/usr/sbin/dockerd', 'absent'],
    ['a file that never ends to say something', '/proc/kmsg', 'refused'],
  ])('reads nothing through a link to %s', async (_, target, expected) => {
    await lab.sh('node01', `ln -sfn ${target} /tmp/link`);
    await expect(read('/tmp/link')).resolves.toBe(expected);
  });

  test('has files that Docker mounted written in place', async () => {
    await lab.on('node01').writeFile('/etc/hosts', Buffer.from('127.0.0.1 localhost\n'), { mode: 0o644 });
    await expect(lab.sh('node01', 'cat /etc/hosts; ls /etc | grep -c breachlab')).resolves.toBe(
      '127.0.0.1 localhost\n0 [status 1]',
    );
  });

  test('says why a file cannot be written', async () => {
    const write = lab.on('node01').writeFile('/etc', Buffer.from(''), { mode: 0o755 });
    expect(await refusalOf(write)).toContain('could not write to node01: /etc is not a regular file');
  });

  test('has nothing left in it of a dial that was given up, open or not', async () => {
    const port = 7000;
    await lab.sh('node01', `setsid perl -e '${ACCEPTS}' ${port} > /dev/null 2>&1 &`);
    const dialled = async () => {
      const result = await lab.on('workstation').dial('node01', port, soon());
      if (result.outcome === 'open') result.socket.destroy();
      return result.outcome;
    };
    await expect.poll(dialled).toBe('open');
    await expect.poll(() => lab.sh('workstation', 'pgrep -c -x breachlab')).toBe('1'); // that which counts
  });

  test('calls no door shut when the program that knocks is killed', async () => {
    await lab.sh('node01', 'iptables -A INPUT -p tcp --dport 7001 -j DROP');
    const refused = refusalOf(lab.on('workstation').dial('node01', 7001, soon()));
    await expect.poll(() => lab.sh('workstation', 'pgrep -c -x breachlab')).toBe('2'); // one of them counts
    await lab.sh('workstation', 'pkill --oldest -x breachlab');
    expect(await refused).toMatch(/^workstation could not try node01:7001: .* ended before it told how it went → /);
  });

  test('that is gone says so with a next step, whatever is asked of it', async () => {
    const { engine } = lab.docker;
    const gone = containerHost({ engine, containerId: 'f'.repeat(64), name: 'bastion' });
    const asked = [
      gone.exec(['true'], { signal: soon() }),
      gone.readFile('/etc/hostname', { maxBytes: 1 }),
      gone.writeFile('/tmp/x', Buffer.from(''), { mode: 0o600 }),
      gone.openShell({ session: 'one', cols: 80, rows: 24 }),
      gone.dial('node01', 22, soon()),
    ];
    for (const refusal of await Promise.all(asked.map(refusalOf))) {
      expect(refusal).toMatch(/^could not reach into bastion: the container is gone .* → Reset the lab/);
    }
  });

  test('without perl says what its image lacks', async () => {
    await lab.sh('node01', 'rm /usr/bin/perl');
    const reading = lab.on('node01').readFile('/etc/hostname', { maxBytes: 1 });
    expect(await refusalOf(reading)).toMatch(/could not reach into node01: .*perl.* → .*\/usr\/bin\/perl/s);
  });
});

/** Listens at the port it is given and says nothing. */
const ACCEPTS = `
socket(my $s, 2, 1, 0); setsockopt($s, 1, 2, 1); bind($s, pack("S n x12", 2, shift)); listen($s, 9);
while (accept(my $c, $s)) { 1 while sysread($c, my $said, 1 << 16) }`;
