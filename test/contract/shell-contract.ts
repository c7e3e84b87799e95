import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { HostsUnderTest } from './hosts-under-test.ts';
import { keys, screenOf } from './shell-screen.ts';

/** `Host.openShell` and `Shell`. */
export function shellContract({ on, sh }: HostsUnderTest): void {
  const open = (session: string, cols = 80, rows = 24) => on('workstation').openShell({ session, cols, rows });
  const processes = (line: string) => sh('workstation', `pgrep -fxc "${line}"; true`);

  test('is an interactive bash on a terminal of the given size', async () => {
    const shell = await open('first', 100, 30);
    const screen = screenOf(shell);
    await screen.shows('root@workstation:~# ');
    await shell.write(keys('stty size; tty; echo $TERM $-\r'));
    await screen.shows('xterm-256color himBH');
    expect(screen.text()).toContain('30 100\r\n/dev/pts/');
    shell.resize(120, 40);
    await shell.write(keys('stty size\r'));
    await screen.shows('40 120');
    expect(shell.resumed).toBe(false);
    await shell.kill();
  });

  test('survives a detach, and takes the size of whom it meets again', async () => {
    const shell = await open('second');
    const screen = screenOf(shell);
    await screen.shows('# ');
    await shell.write(keys('here=remembered; echo waiting-$((1+1)); read line; echo later $here\r'));
    await screen.shows('waiting-2');
    await shell[Symbol.asyncDispose]();
    const again = await open('second', 90, 25);
    const screenAgain = screenOf(again);
    expect(again.resumed).toBe(true);
    await again.write(keys('\r'));
    await screenAgain.shows('later remembered');
    await again.write(keys('stty size\r'));
    await screenAgain.shows('25 90');
    await again.kill();
  });

  test('is given to the newest that attaches; the one before sees an end without a status', async () => {
    const first = await open('third');
    first.output.resume();
    const ended = once(first.output, 'end');
    const second = await open('third');
    expect(second.resumed).toBe(true);
    await ended;
    await expect(Promise.race([first.exited, second.write(keys('\r')).then(() => 'goes on')])).resolves.toBe('goes on');
    await second.kill();
  });

  test('is one, when two attach to a new session at once', async () => {
    const both = await Promise.all([open('twice'), open('twice')]);
    expect(both[0].resumed).toBe(!both[1].resumed);
    await both[both[0].resumed ? 0 : 1].kill();
  });

  test('tells its exit status, then starts anew under the same name', async () => {
    const shell = await open('fourth');
    shell.output.resume();
    await shell.write(keys('exit 7\r'));
    await expect(shell.exited).resolves.toBe(7);
    const next = await open('fourth');
    expect(next.resumed).toBe(false);
    next.output.resume();
    await next.write(keys('exit 0\r'));
    await expect(next.exited).resolves.toBe(0);
  });

  test('interrupts with a key, and ends with all it started when it is killed', async () => {
    const shell = await open('fifth');
    const screen = screenOf(shell);
    await screen.shows('# ');
    await shell.write(keys('sleep 8001\r'));
    await expect.poll(() => processes('sleep 8001')).toBe('1');
    await shell.write(keys('\u0003'));
    await expect.poll(() => processes('sleep 8001')).toBe('0');
    await shell.write(keys('sleep 8002 &\r(trap "" HUP; sleep 8002) &\r'));
    await expect.poll(() => processes('sleep 8002')).toBe('2');
    await shell.kill();
    await expect(shell.exited).resolves.toBe(137);
    await expect(processes('sleep 8002')).resolves.toBe('0');
  });

  test('is killed also while nobody reads it, and after it was detached', async () => {
    const flooding = await open('sixth');
    await flooding.write(keys('yes\r'));
    await expect.poll(() => processes('yes')).toBe('1');
    await flooding.kill();
    const detached = await open('seventh');
    await detached[Symbol.asyncDispose]();
    await detached.kill();
    await expect(detached.exited).resolves.toBe(137);
    await expect(sh('workstation', 'ps -eo tty= | grep -c pts; true')).resolves.toBe('0');
  });

  test('holds up a program whose output nobody takes, and takes keys all the same', async () => {
    const shell = await open('eighth');
    const screen = screenOf(shell);
    await screen.shows('# ');
    shell.output.pause();
    await shell.write(keys('head -c 20000000 /dev/zero | tr "\\0" x; echo all-$((1+1))\r'));
    await expect.poll(() => processes('tr .0 x')).toBe('1');
    // With nobody reading it stays; with a reader it gets done.
    await expect(sh('workstation', 'sleep 0.3; pgrep -fxc "tr .0 x"')).resolves.toBe('1');
    shell.output.resume();
    await screen.shows('all-2');
    expect(screen.length()).toBeGreaterThan(20_000_000);
    shell.output.pause();
    await shell.write(keys('yes\r'));
    await expect.poll(() => processes('yes')).toBe('1');
    await shell.write(keys('\u0003'));
    await expect.poll(() => processes('yes')).toBe('0');
    await shell.kill();
  });

  test('shows 50 MB while another shell and a program answer', async () => {
    const shell = await open('ninth');
    const screen = screenOf(shell);
    await screen.shows('# ');
    await shell.write(keys(`yes ${'x'.repeat(79)} | head -c 50000000; echo over-$((40+2))\r`));
    const other = await open('tenth');
    const otherScreen = screenOf(other);
    await other.write(keys('echo here-$((1+1))\r'));
    await otherScreen.shows('here-2');
    expect(await sh('workstation', 'echo and here')).toBe('and here');
    await screen.shows('over-42');
    expect(screen.length()).toBeGreaterThan(50_000_000);
    await Promise.all([shell.kill(), other.kill()]);
  });

  test('takes a paste of half a megabyte, waiting for the program to read it', async () => {
    const shell = await open('eleventh');
    const screen = screenOf(shell);
    await screen.shows('# ');
    await shell.write(keys('stty raw -echo; echo raw-$((1+1)); head -c 500000 | md5sum; stty sane\r'));
    await screen.shows('raw-2');
    const paste = Buffer.alloc(500_000, 'abcdefghij');
    await shell.write(paste);
    const sum = createHash('md5').update(paste).digest('hex');
    await expect(screen.shows(sum)).resolves.toContain(sum);
    await shell.kill();
  });

  test('keeps a paste that its program never reads waiting, and nobody else', async () => {
    const shell = await open('twelfth');
    shell.output.resume();
    await shell.write(keys('stty raw -echo; sleep 8003\r'));
    await expect.poll(() => processes('sleep 8003')).toBe('1');
    const pasted = shell.write(Buffer.alloc(2_000_000, 'x')).catch(() => 'never taken');
    const meanwhile = sh('workstation', 'sleep 0.3; echo here');
    await expect(Promise.race([pasted, meanwhile])).resolves.toBe('here');
    await shell.kill();
    await expect(pasted).resolves.toBe('never taken');
  });

  test.each(['../escape', '..', ''])('has no session %j', async (session) => {
    await expect(open(session)).rejects.toThrow('a session is named by letters and digits');
  });
}
