import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerIsMissing, whyNoDocker } from '../docker-test-engine.ts';
import { type ContainerLab, refusalOf, soon, startContainerLab } from '../lab-fixture.ts';
import { containerHost } from './container-host.ts';

describe.skipIf(dockerIsMissing)(`a container as a host${whyNoDocker}`, () => {
  let lab: ContainerLab;
  beforeAll(async () => {
    lab = await startContainerLab(['workstation', 'node01']);
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  describe('its programs', () => {
    test('run without a shell, as root, with the input, folder and environment they are given', async () => {
      const argv = [
        'sh',
        '-c',
        'cat; id -u; pwd; echo "$GREETING" "$1"; echo trouble >&2; exit 3',
        '-',
        '$(reboot); *',
      ];
      const options = { stdin: 'input\n', env: { GREETING: 'hello' }, cwd: '/tmp', signal: soon() };
      const { exitCode, stdout, stderr, truncated } = await lab.on('workstation').exec(argv, options);
      expect({ exitCode, truncated, stdout: String(stdout), stderr: String(stderr) }).toEqual({
        exitCode: 3,
        truncated: false,
        stdout: 'input\n0\n/tmp\nhello $(reboot); *\n',
        stderr: 'trouble\n',
      });
    });

    test('have a clean environment', async () => {
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

    test('take and give bytes as they are, megabytes of them', async () => {
      const stdin = Buffer.alloc(3_000_000, Buffer.from([0, 255, 10, 13, 128]));
      const { stdout } = await lab.on('workstation').exec(['cat'], { stdin, signal: soon() });
      expect(stdout.equals(stdin)).toBe(true);
    });

    test('say no more than they may, and are not held up by that', async () => {
      const argv = ['sh', '-c', 'head -c 3000000 /dev/zero; exit 5'];
      const result = await lab.on('workstation').exec(argv, { maxBytes: 1000, signal: soon() });
      expect(result).toMatchObject({ exitCode: 5, truncated: true });
      expect(result.stdout).toHaveLength(1000);
    });

    test('that are killed have 128 and the signal as their status', async () => {
      const { exitCode } = await lab.on('workstation').exec(['sh', '-c', 'kill -9 $$'], { signal: soon() });
      expect(exitCode).toBe(137);
    });

    test('that are aborted are gone with their children, also those in a session of their own', async () => {
      const giveUp = new AbortController();
      const argv = ['sh', '-c', 'sleep 7654 & setsid sleep 7654 & sleep 7654'];
      const waiting = lab.on('workstation').exec(argv, { signal: giveUp.signal });
      waiting.catch(() => undefined);
      const running = () => lab.sh('workstation', 'pgrep -fxc "sleep 7654"; true');
      await expect.poll(running, { timeout: 20_000 }).toBe('3');
      giveUp.abort(new Error('no longer needed'));
      await expect(waiting).rejects.toThrow('no longer needed');
      await expect.poll(running, { timeout: 20_000 }).toBe('0');
    });

    test('that do not exist, or have no such folder, are not started', async () => {
      const run = (argv: string[], cwd?: string) =>
        lab.on('workstation').exec(argv, { signal: soon(), ...(cwd === undefined ? {} : { cwd }) });
      await expect(run(['no-such-program'])).rejects.toThrow(
        'no-such-program could not be started in workstation: no-such-program: No such file or directory',
      );
      await expect(run(['true'], '/nowhere')).rejects.toThrow('chdir to /nowhere: No such file or directory');
      await expect(run(['echo', 'a\0b'])).rejects.toThrow('no NUL');
    });

    test('end at once when the server gave up before they began', async () => {
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(lab.on('workstation').exec(['true'], { signal })).rejects.toThrow('too late');
    });

    test('leave daemons behind without being held up by them', async () => {
      const { exitCode } = await lab.on('workstation').exec(['sh', '-c', 'setsid sleep 7655 &'], { signal: soon() });
      expect(exitCode).toBe(0);
      await expect(lab.sh('workstation', 'pkill -c -f "sleep 7655"')).resolves.toBe('1');
    });
  });

  describe('its files', () => {
    const read = async (path: string, maxBytes = 1000) => {
      const result = await lab.on('node01').readFile(path, { maxBytes });
      return result.outcome === 'read' ? String(result.content) : result.outcome;
    };

    test('are read with their mode, bounded', async () => {
      await lab.sh('node01', 'printf 0123456789 > /tmp/ten; chmod 640 /tmp/ten');
      const whole = await lab.on('node01').readFile('/tmp/ten', { maxBytes: 10 });
      expect(whole).toEqual({ outcome: 'read', content: Buffer.from('0123456789'), mode: 0o640, truncated: false });
      const part = await lab.on('node01').readFile('/tmp/ten', { maxBytes: 4 });
      expect(part).toMatchObject({ outcome: 'read', truncated: true, content: Buffer.from('0123') });
    });

    test.each([
      ['an absolute link', '/etc/hostname', 'node01\n'],
      ['a link that climbs above the root', '../../../../../../../etc/hostname', 'node01\n'],
      ['a link to what only the machine has', '/usr/sbin/dockerd', 'absent'],
      ['a link to itself', '/tmp/link', 'refused'],
      ['a link to a device', '/dev/zero', 'refused'],
      ['a link to a folder', '/etc', 'refused'],
      ['a link to a file that never ends to say something', '/proc/kmsg', 'refused'],
    ])('that are %s stay inside the container', async (_, target, expected) => {
      await lab.sh('node01', `ln -sfn ${target} /tmp/link`);
      await expect(read('/tmp/link')).resolves.toBe(expected);
    });

    test('that are pipes, or were mounted since, are refused and read', async () => {
      await lab.sh('node01', 'rm -f /tmp/pipe; mkfifo /tmp/pipe; echo in memory > /dev/shm/file');
      await expect(read('/tmp/pipe')).resolves.toBe('refused');
      await expect(read('/dev/shm/file')).resolves.toBe('in memory\n');
    });

    test('are written whole, with their folders, through links', async () => {
      const content = Buffer.alloc(3_000_000, 'x');
      const host = lab.on('node01');
      await host.writeFile('/srv/a/b/c', content, { mode: 0o600 });
      await expect(lab.sh('node01', 'stat -c "%s %a" /srv/a/b/c; ls -A /srv/a/b')).resolves.toBe('3000000 600\nc');
      await lab.sh('node01', 'ln -s c /srv/a/b/link');
      await host.writeFile('/srv/a/b/link', Buffer.from('new'), { mode: 0o644 });
      await expect(read('/srv/a/b/c')).resolves.toBe('new');
    });

    test('that Docker mounted are written in place', async () => {
      await lab.on('node01').writeFile('/etc/hosts', Buffer.from('127.0.0.1 localhost\n'), { mode: 0o644 });
      await expect(lab.sh('node01', 'cat /etc/hosts; ls /etc | grep -c breachlab')).resolves.toBe(
        '127.0.0.1 localhost\n0 [status 1]',
      );
    });

    test('that cannot be written say why', async () => {
      const write = lab.on('node01').writeFile('/etc', Buffer.from(''), { mode: 0o755 });
      expect(await refusalOf(write)).toContain('could not write to node01: /etc is not a regular file');
      await expect(lab.on('node01').readFile('etc', { maxBytes: 1 })).rejects.toThrow('not an absolute path');
    });
  });

  describe('a dial', () => {
    const dial = (to: string, port: number, signal = soon()) => lab.on('workstation').dial(to, port, signal);
    const outcome = async (...asked: Parameters<typeof dial>) => {
      const result = await dial(...asked);
      if (result.outcome === 'open') result.socket.destroy();
      return result.outcome;
    };

    test('reaches what listens on another host, by name, by address and by /etc/hosts, and keeps both ways apart', async () => {
      await lab.sh('node01', `setsid perl -e '${ECHO_AT_END}' 7000 > /dev/null 2>&1 &`);
      const { address } = lab.container('node01');
      await lab.sh('workstation', `echo ${address} of-the-file >> /etc/hosts`);
      await expect.poll(() => outcome('node01', 7000)).toBe('open');
      for (const to of ['node01', address, 'of-the-file']) {
        const result = await dial(to, 7000);
        if (result.outcome !== 'open') throw new Error(result.detail);
        const sent = 'abc'.repeat(100_000);
        result.socket.end(sent); // what comes back is only said once this has ended
        await expect(text(result.socket)).resolves.toBe(`heard ${sent}`);
      }
    });

    test('tells a refusal, a name that nobody has, no way there and silence from each other', async () => {
      expect(await dial('node01', 4)).toEqual({ outcome: 'refused', detail: 'node01:4 refused' });
      expect(await outcome('no-such-host', 80)).toBe('unresolved');
      await lab.sh('workstation', 'ip route add unreachable 192.0.2.0/24');
      expect(await dial('192.0.2.1', 80)).toEqual({
        outcome: 'unreachable',
        detail: '192.0.2.1:80: No route to host',
      });
      await lab.sh('node01', 'iptables -A INPUT -p tcp --dport 4 -j DROP');
      expect(await dial('node01', 4, AbortSignal.timeout(1500))).toEqual({
        outcome: 'timeout',
        detail: 'node01:4 did not answer',
      });
      await lab.sh('node01', 'iptables -R INPUT 1 -p tcp --dport 4 -j REJECT');
      expect(await outcome('node01', 4)).toBe('refused');
    });

    test('that is given up leaves nothing in the container, open or not', async () => {
      const result = await dial('node01', 7000);
      if (result.outcome !== 'open') throw new Error(result.detail);
      result.socket.destroy();
      await expect.poll(() => lab.sh('workstation', 'pgrep -c -x breachlab')).toBe('1'); // that which counts
    });

    test('hears of a reset', async () => {
      await lab.sh('node01', `setsid perl -e '${RESETS}' 7001 > /dev/null 2>&1 &`);
      await expect.poll(() => outcome('node01', 7001)).toBe('open');
      const result = await dial('node01', 7001);
      if (result.outcome !== 'open') throw new Error(result.detail);
      const [error] = await once(result.socket, 'error');
      expect(error).toMatchObject({ code: 'ECONNRESET' });
    });
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

/** Listens at the port it is given, reads to the end, then answers. */
const ECHO_AT_END = `
socket(my $s, 2, 1, 0); setsockopt($s, 1, 2, 1); bind($s, pack("S n x12", 2, shift)); listen($s, 9);
while (accept(my $c, $s)) { local $/; my $said = <$c>; syswrite($c, "heard "); print $c $said; close $c }`;

/** Ends each connection with a reset: SO_LINGER of zero seconds. */
const RESETS = `
socket(my $s, 2, 1, 0); setsockopt($s, 1, 2, 1); bind($s, pack("S n x12", 2, shift)); listen($s, 9);
while (accept(my $c, $s)) { select(undef, undef, undef, 0.2); setsockopt($c, 1, 13, pack("l2", 1, 0)); close $c }`;
